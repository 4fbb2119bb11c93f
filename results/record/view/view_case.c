/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A case: what it is. */
#include "base/cleanup.h"
#include "base/error.h"
#include "record/text/json_writer.h"
#include "record/value.h"
#include "record/view/view_read.h"

#include <math.h>
#include <string.h>

/* A copy of `text` in the scan's arena. */
static const char *copy_text(struct scan *scan, const char *text, size_t length) {
    const char *copy = arena_text(scan->arena, text, length);

    if (copy)
        return copy;
    scan_fail_memory(scan);
    return "";
}

struct view_value view_read_value(struct scan *scan) {
    char first = scan_peek(scan), text[NUMBER_TEXT_SIZE];
    const char *begin = scan->at;
    struct view_value value = {.kind = VIEW_NULL, .number = NAN, .text = "null"};
    struct number number;

    if (first == '"') {
        value.kind = VIEW_TEXT;
        value.text = scan_text(scan);
    } else if (first == 't' || first == 'f') {
        value.kind = VIEW_BOOLEAN;
        value.boolean = scan_boolean(scan);
        value.text = value.boolean ? "true" : "false";
    } else if (!scan_null(scan)) {
        number = scan_any_number(scan);
        if (scan->failed)
            return value;
        value.kind = number.is_whole ? VIEW_WHOLE : VIEW_REAL;
        value.number = number.value;
        value.text = number.is_whole ? copy_text(scan, begin, (size_t)(scan->at - begin))
                                     : copy_text(scan, text, number_write(number.value, text));
    }
    return value;
}

int view_read_word(struct scan *scan, view_word_reader *reader, const char *what) {
    const char *word = scan_text(scan);
    int value = 0;

    if (!scan->failed && reader(word, &value) < 0)
        scan_fail(scan, "\"%.60s\" is not a %s", word, what);
    return value;
}

static void read_params(struct scan *scan, struct view_case *outcome) {
    struct view_param *params = NULL;
    const char *name;
    size_t n = 0;

    scan_enter_object(scan);
    while ((name = scan_any_member(scan))) {
        for (size_t i = 0; i < n; i++)
            if (strcmp(params[i].name, name) == 0)
                scan_fail_duplicate(scan, name);
        if (n == SCAN_OTHERS_MAX)
            scan_fail_many(scan);
        params = scan->failed ? params : arena_grow(scan->arena, params, n, sizeof(*params));
        if (!params) {
            scan_fail_memory(scan);
            break;
        }
        params[n++] = (struct view_param){.name = name, .value = view_read_value(scan)};
    }
    outcome->params = params;
    outcome->n_params = n;
}

VIEW_WORD_READER(vms_resource, read_resource, value_resource_from_name)

enum {
    CASE,
    GROUP,
    MODULE,
    VERSION,
    RESOURCE,
    PATH,
    CPUS,
    NEIGHBOURS,
    PARAMS,
    SEED,
    WANTED,
    WARMUP,
    DEADLINE,
    STATUS,
    REASON,
    FACTS,
    TRIALS,
    SUMMARY
};
static const char *const case_keys[] = {
    [CASE] = "case",         [GROUP] = "group",
    [MODULE] = "module",     [VERSION] = "workload_version",
    [RESOURCE] = "resource", [PATH] = "path",
    [CPUS] = "cpus",         [PARAMS] = "params",
    [SEED] = "seed",         [WANTED] = "trials_wanted",
    [WARMUP] = "warmup",     [DEADLINE] = "deadline_s",
    [STATUS] = "status",     [REASON] = "reason",
    [FACTS] = "facts",       [TRIALS] = "trials",
    [SUMMARY] = "summary",   [NEIGHBOURS] = "neighbours",
};
#define CASE_NEEDED                                                                                          \
    (1 << GROUP | 1 << MODULE | 1 << RESOURCE | 1 << PARAMS | 1 << STATUS | 1 << TRIALS | 1 << SUMMARY)

static void read_text_member(struct scan *scan, struct view_case *outcome, int member) {
    const char **const texts[] = {[GROUP] = &outcome->group,
                                  [MODULE] = &outcome->module,
                                  [PATH] = &outcome->path,
                                  [CPUS] = &outcome->cpus,
                                  [REASON] = &outcome->reason};
    const char *text = member == GROUP || member == MODULE ? scan_text(scan) : scan_text_or_null(scan);

    if (text)
        *texts[member] = text;
}

static void read_number_member(struct scan *scan, struct view_case *outcome, int member) {
    unsigned *const numbers[] = {[CASE] = &outcome->id,
                                 [VERSION] = &outcome->workload_version,
                                 [NEIGHBOURS] = &outcome->neighbours,
                                 [WANTED] = &outcome->trials_wanted,
                                 [WARMUP] = &outcome->warmup};

    *numbers[member] = scan_unsigned(scan);
}

static void read_case_member(struct view_reading *reading, int member) {
    struct view_case *outcome = reading->outcome;
    struct scan *scan = reading->scan;

    switch (member) {
    case CASE:
    case VERSION:
    case NEIGHBOURS:
    case WANTED:
    case WARMUP:
        read_number_member(scan, outcome, member);
        break;
    case RESOURCE:
        outcome->resource = (enum vms_resource)view_read_word(scan, read_resource, "resource");
        break;
    case PARAMS:
        read_params(scan, outcome);
        break;
    case SEED:
        outcome->seed = scan_whole(scan);
        break;
    case DEADLINE:
        outcome->deadline_s = scan_number_or_null(scan);
        break;
    case STATUS:
        outcome->status = view_read_status(scan);
        break;
    case FACTS:
        outcome->facts = view_read_facts(scan, &outcome->n_facts);
        break;
    default:
        read_text_member(scan, outcome, member);
    }
}

static void begin_case(struct view_case *ret_case) {
    *ret_case = (struct view_case){.group = "",
                                   .module = "",
                                   .path = "",
                                   .cpus = "",
                                   .reason = "",
                                   .deadline_s = NAN,
                                   .arena = ret_case->arena};
}

void view_read_params(struct scan *scan, struct view_case *ret_case) {
    struct view_reading reading = {.scan = scan, .outcome = ret_case};
    struct scan_object object = SCAN_OBJECT(case_keys);
    int member;

    begin_case(ret_case);
    scan_enter_object(scan);
    while (!(object.seen & 1 << PARAMS) && (member = scan_member(scan, &object)) >= 0)
        if (member == SUMMARY || member == TRIALS)
            scan_pass(scan);
        else
            read_case_member(&reading, member);
    scan_require(scan, &object, 1 << PARAMS);
}

void view_read_case(struct scan *scan, struct view_case *ret_case) {
    struct view_reading reading = {.scan = scan, .outcome = ret_case};
    struct scan_object object = SCAN_OBJECT(case_keys);
    struct view_metric *summaries = NULL;
    size_t n_summaries = 0;
    int member;

    begin_case(ret_case);
    scan_enter_object(scan);
    while ((member = scan_member(scan, &object)) >= 0) {
        if (member == SUMMARY)
            summaries = view_read_summaries(scan, &n_summaries);
        else if (member == TRIALS)
            view_read_trials(&reading);
        else
            read_case_member(&reading, member);
    }
    scan_require(scan, &object, CASE_NEEDED);
    scan_end(scan);
    if (!scan->failed)
        view_settle_metrics(&reading, summaries, n_summaries);
    ret_case->trials = reading.trials;
    ret_case->metrics = reading.metrics;
}

int view_read_json(const json_t *json, struct view_case *ret_case, struct vms_error *error) {
    cleanup_free char *text = json_line(json);
    struct scan scan;

    if (!text)
        return error_memory(error);
    arena_reset(&ret_case->arena);
    scan_init(&scan, text, strlen(text), &ret_case->arena);
    view_read_case(&scan, ret_case);
    return scan.failed ? error_set(error, scan.no_memory ? -ENOMEM : -EINVAL, "%s", scan.sentence) : 0;
}
