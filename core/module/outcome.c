/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "module/outcome.h"

#include "base/cleanup.h"
#include "base/cut.h"
#include "base/text.h"

#include <stdarg.h>
#include <string.h>

static const char *const status_names[] = {
    [OUTCOME_OK] = "ok",
    [OUTCOME_UNSUPPORTED] = "unsupported",
    [OUTCOME_FAILED] = "failed",
    [OUTCOME_TIMEOUT] = "timeout",
    [OUTCOME_CRASHED] = "crashed",
    [OUTCOME_LOST] = "lost",
    [OUTCOME_INTERRUPTED] = "interrupted",
};

/* How bad each status is: a crash says more about a case than a failed trial beside it. */
static const int severity[] = {
    [OUTCOME_OK] = 0,     [OUTCOME_UNSUPPORTED] = 1, [OUTCOME_INTERRUPTED] = 2, [OUTCOME_LOST] = 3,
    [OUTCOME_FAILED] = 4, [OUTCOME_TIMEOUT] = 5,     [OUTCOME_CRASHED] = 6,
};

const char *outcome_status_name(enum outcome_status status) {
    return status_names[status];
}

int outcome_status_from_name(const char *name, enum outcome_status *ret_status) {
    for (size_t i = 0; i < VMS_LENGTH(status_names); i++) {
        if (strcmp(name, status_names[i]) == 0) {
            *ret_status = (enum outcome_status)i;
            return 0;
        }
    }
    return -EINVAL;
}

int outcome_facts_set(struct outcome_facts *facts, const char *key, const char *value) {
    struct outcome_fact new, *grown;

    cut_copy(new.key, sizeof(new.key), key);
    cut_copy(new.value, sizeof(new.value), value);
    for (size_t i = 0; i < facts->n_facts; i++) {
        if (strcmp(facts->facts[i].key, new.key) == 0) {
            facts->facts[i] = new;
            return 0;
        }
    }
    if (facts->n_facts >= OUTCOME_FACTS_MAX)
        return -E2BIG;
    grown = reallocarray(facts->facts, facts->n_facts + 1, sizeof(*grown));
    if (!grown)
        return -ENOMEM;
    facts->facts = grown;
    facts->facts[facts->n_facts++] = new;
    return 0;
}

const char *outcome_flag_name(uint32_t flag) {
    if (flag == OUTCOME_MISMATCH)
        return "mismatch";
    if (flag == OUTCOME_REPEATED)
        return "repeated";
    return noise_flag_name((enum noise_flag)flag);
}

struct outcome_metric *outcome_trial_add_metric(struct outcome_trial *trial) {
    struct outcome_metric *grown = reallocarray(trial->metrics, trial->n_metrics + 1, sizeof(*grown));

    if (!grown)
        return NULL;
    trial->metrics = grown;
    grown += trial->n_metrics++;
    memset(grown, 0, sizeof(*grown));
    return grown;
}

int outcome_trial_log(struct outcome_trial *trial, enum vms_log_level level, const char *text) {
    static const char *const levels[] = {
        [VMS_LOG_DEBUG] = "debug", [VMS_LOG_INFO] = "info", [VMS_LOG_WARNING] = "warning"};
    bool known = level >= VMS_LOG_DEBUG && level <= VMS_LOG_WARNING;
    char **grown, *line;

    if (trial->n_log > OUTCOME_LOG_MAX)
        return 0;
    grown = reallocarray(trial->log, trial->n_log + 1, sizeof(*grown));
    if (!grown)
        return -ENOMEM;
    trial->log = grown;
    if (trial->n_log == OUTCOME_LOG_MAX)
        line = strdup("(and more)");
    else
        line = text_new("%s: %s", known ? levels[level] : "info", text);
    if (!line)
        return -ENOMEM;
    trial->log[trial->n_log++] = line;
    return 0;
}

void outcome_trial_done(struct outcome_trial *trial) {
    for (size_t i = 0; i < trial->n_log; i++)
        free(trial->log[i]);
    free(trial->log);
    free(trial->reason);
    for (size_t i = 0; i < trial->n_metrics; i++)
        free(trial->metrics[i].sketch);
    free(trial->metrics);
    free(trial->facts.facts);
    for (size_t i = 0; i < trial->n_attempts; i++)
        outcome_trial_done(&trial->attempts[i]);
    free(trial->attempts);
    *trial = (struct outcome_trial){0};
}

int outcome_trial_repeat(struct outcome_trial *trial, struct outcome_trial *noisy) {
    size_t n = noisy->n_attempts;
    struct outcome_trial *grown = reallocarray(noisy->attempts, n + 1, sizeof(*grown));

    if (!grown)
        return -ENOMEM;
    noisy->attempts = NULL;
    noisy->n_attempts = 0;
    grown[n] = *noisy;
    trial->attempts = grown;
    trial->n_attempts = n + 1;
    *noisy = (struct outcome_trial){0};
    return 0;
}

int outcome_run_warn(struct outcome_run *run, const char *format, ...) {
    cleanup_free char *warning = NULL;
    char **grown;
    va_list arguments;

    va_start(arguments, format);
    warning = text_new_from(format, arguments);
    va_end(arguments);
    grown = warning ? reallocarray(run->warnings, run->n_warnings + 1, sizeof(*grown)) : NULL;
    if (!grown)
        return -ENOMEM;
    run->warnings = grown;
    run->warnings[run->n_warnings++] = TAKE(warning);
    return 0;
}

int outcome_run_add_module(struct outcome_run *run, struct outcome_module *module) {
    struct outcome_module *grown = reallocarray(run->modules, run->n_modules + 1, sizeof(*grown));

    if (!grown)
        return -ENOMEM;
    run->modules = grown;
    run->modules[run->n_modules++] = *module;
    *module = (struct outcome_module){0};
    return 0;
}

const struct outcome_module *outcome_run_module(const struct outcome_run *run,
                                                const struct vms_module *module) {
    for (size_t i = 0; i < run->n_modules; i++)
        if (run->modules[i].module == module)
            return &run->modules[i];
    return NULL;
}

int outcome_case_add(struct outcome_case *outcome, struct outcome_trial *trial) {
    struct outcome_trial *grown;
    size_t at = outcome->n_done;

    while (at > 0 && outcome->trials[at - 1].trial > trial->trial)
        at--;
    if (at > 0 && outcome->trials[at - 1].trial == trial->trial) {
        outcome_trial_done(&outcome->trials[at - 1]);
        outcome->trials[at - 1] = *trial;
    } else {
        grown = reallocarray(outcome->trials, outcome->n_done + 1, sizeof(*grown));
        if (!grown)
            return -ENOMEM;
        outcome->trials = grown;
        memmove(grown + at + 1, grown + at, (outcome->n_done - at) * sizeof(*grown));
        grown[at] = *trial;
        outcome->n_done++;
    }
    *trial = (struct outcome_trial){0};
    return 0;
}

/* A status that the runner has set itself (a probe that said no) stays, unless a trial was worse. */
static void settle_case(struct outcome_case *outcome) {
    const struct outcome_trial *worst = NULL;
    enum outcome_status status = outcome->status;

    if (status == OUTCOME_INTERRUPTED && outcome->n_done >= outcome->n_trials)
        status = OUTCOME_OK; /* it was resumed */
    for (size_t i = 0; i < outcome->n_done; i++) {
        if (severity[outcome->trials[i].status] > severity[status]) {
            worst = &outcome->trials[i];
            status = worst->status;
        }
    }
    if (status == OUTCOME_OK && outcome->n_done < outcome->n_trials)
        status = OUTCOME_INTERRUPTED;
    if (status == outcome->status)
        return;
    free(outcome->reason);
    outcome->reason = NULL;
    if (worst && worst->reason)
        outcome->reason = strdup(worst->reason);
    else if (status == OUTCOME_INTERRUPTED)
        outcome->reason = text_new("%zu of %u trials were run", outcome->n_done, outcome->n_trials);
    outcome->status = status;
}

void outcome_run_settle(struct outcome_run *run) {
    bool failed = false, interrupted = run->status == OUTCOME_INTERRUPTED;

    for (size_t i = 0; i < run->n_cases; i++) {
        settle_case(&run->cases[i]);
        failed |= run->cases[i].status != OUTCOME_OK && run->cases[i].status != OUTCOME_UNSUPPORTED;
        interrupted |= run->cases[i].status == OUTCOME_INTERRUPTED || run->cases[i].status == OUTCOME_LOST;
    }
    run->status = interrupted ? OUTCOME_INTERRUPTED : failed ? OUTCOME_FAILED : OUTCOME_OK;
}

static void case_done(struct outcome_case *outcome) {
    for (size_t i = 0; outcome->texts && i < outcome->module->n_params; i++)
        free(outcome->texts[i]);
    for (size_t i = 0; i < outcome->n_done; i++)
        outcome_trial_done(&outcome->trials[i]);
    free(outcome->group);
    free(outcome->values);
    free(outcome->texts);
    free(outcome->cpus);
    free(outcome->reason);
    free(outcome->facts.facts);
    free(outcome->trials);
}

void outcome_run_done(struct outcome_run *run) {
    for (size_t i = 0; i < run->n_cases; i++)
        case_done(&run->cases[i]);
    for (size_t i = 0; i < run->n_warnings; i++)
        free(run->warnings[i]);
    for (size_t i = 0; i < run->n_modules; i++)
        free(run->modules[i].path);
    free(run->modules);
    free(run->cases);
    free(run->warnings);
    free(run->configuration);
    *run = (struct outcome_run){0};
}
