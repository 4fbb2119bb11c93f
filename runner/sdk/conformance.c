/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sdk/conformance.h"

#include "output/terminal.h"
#include "record/read/reader.h"

#include <stdarg.h>
#include <string.h>

struct verdicts {
    const struct vms_module *module;
    struct reader *reader;
    int n_failed;
};

static void say(const char *mark, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say(const char *mark, const char *format, ...) {
    struct vms_error sentence;
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(sentence.text, sizeof(sentence.text), format, arguments);
    va_end(arguments);
    terminal_print(stdout, "%-6s  %s\n", mark, sentence.text);
}

/* What a module that does its work may lack: a row that only other parameters use. */
static void note(bool holds, const char *what, const char *name, const char *good, const char *lacking) {
    say(holds ? "ok" : "note", "%s %s: %s", what, name, holds ? good : lacking);
}

static void judge_case(struct verdicts *verdicts, const struct view_case *outcome) {
    bool holds = outcome->status == OUTCOME_OK || outcome->status == OUTCOME_UNSUPPORTED;

    verdicts->n_failed += !holds;
    if (outcome->status == OUTCOME_OK)
        say("ok", "case %u: %zu of %u trials", outcome->id, outcome->n_trials, outcome->trials_wanted);
    else
        say(holds ? "note" : "failed", "case %u: %s: %s", outcome->id, outcome_status_name(outcome->status),
            outcome->reason);
}

static bool has_fact(const struct view_fact *facts, size_t n_facts, const char *key) {
    for (size_t i = 0; i < n_facts; i++)
        if (strcmp(facts[i].key, key) == 0)
            return true;
    return false;
}

static bool case_has_fact(const struct view_case *outcome, const char *key) {
    bool has = has_fact(outcome->facts, outcome->n_facts, key);

    for (size_t i = 0; !has && i < outcome->n_trials; i++)
        has = has_fact(outcome->trials[i].facts, outcome->trials[i].n_facts, key);
    return has;
}

/* Notes which rows of the tables a case has used. */
static void mark_used(const struct vms_module *module, const struct view_case *outcome, uint64_t *metrics,
                      uint64_t *facts) {
    for (size_t i = 0; i < module->n_metrics; i++)
        if (view_find_metric(outcome, module->metrics[i].name))
            *metrics |= UINT64_C(1) << i;
    for (size_t i = 0; i < module->n_facts; i++)
        if (case_has_fact(outcome, module->facts[i].key))
            *facts |= UINT64_C(1) << i;
}

static void judge_tables(struct verdicts *verdicts, uint64_t metrics, uint64_t facts) {
    const struct vms_module *module = verdicts->module;
    bool has_headline = false;

    for (size_t i = 0; i < module->n_metrics; i++) {
        has_headline |= (metrics >> i & 1) && module->metrics[i].role == VMS_ROLE_HEADLINE;
        note(metrics >> i & 1, "metric", module->metrics[i].name, "reported",
             "in the table, but not reported with these parameters");
    }
    for (size_t i = 0; i < module->n_facts; i++)
        if (module->facts[i].role == VMS_ROLE_WORK)
            note(facts >> i & 1, "fact", module->facts[i].key, "given",
                 "part of the work, as the table has it, but not reported with these parameters");
    note(module->estimate, "the", "estimate", "there",
         "missing; --dry-run cannot say what the module needs, and its deadline is a guess");
    verdicts->n_failed += !has_headline;
    say(has_headline ? "ok" : "failed", "headline: %s",
        has_headline ? "reported"
                     : "no metric that was reported has the role, so that no case can be judged");
}

int conformance_print(const struct vms_module *module, const char *path, struct vms_error *error) {
    struct verdicts verdicts = {.module = module};
    struct view_case outcome = {0};
    uint64_t metrics = 0, facts = 0;
    size_t n_ok = 0;
    int status = reader_open(path, &verdicts.reader, error);

    for (size_t i = 0; status == 0 && i < reader_n_cases(verdicts.reader); i++) {
        status = reader_case(verdicts.reader, i, &outcome, error);
        if (status < 0)
            break;
        judge_case(&verdicts, &outcome);
        n_ok += outcome.status == OUTCOME_OK;
        mark_used(module, &outcome, &metrics, &facts);
    }
    if (status == 0 && n_ok > 0)
        judge_tables(&verdicts, metrics, facts);
    reader_case_done(&outcome);
    reader_close(verdicts.reader);
    return status < 0 ? status : verdicts.n_failed;
}
