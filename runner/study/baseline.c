/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "study/baseline.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "record/file/store.h"
#include "record/identity/label.h"
#include "record/json.h"
#include "record/origin.h"
#include "record/read/reader.h"
#include "record/text/json_writer.h"
#include "record/value.h"
#include "record/view/view_read.h"

#include <errno.h>
#include <string.h>

static const char *const identity_keys[] = {"group",  "resource", "module", "workload_version",
                                            "params", "path"};

json_t *baseline_new(const json_t *suite) {
    return json_pack("{s:s, s:s, s:o, s:[]}", "schema", BASELINE_SCHEMA, "vmsuite", VMSUITE_VERSION, "suite",
                     json_deep_copy(suite), "configurations");
}

json_t *baseline_add_configuration(json_t *baseline, const char *name) {
    json_t *configuration = json_pack("{s:s, s:[]}", "configuration", name, "figures");

    return json_array_append_new(json_object_get(baseline, "configurations"), configuration) < 0
               ? NULL
               : configuration;
}

/* What a reader wants to know first where figures change. */
static int describe(json_t *configuration, const json_t *record) {
    const json_t *before = json_object_get(json_object_get(record, "environment"), "before");
    const json_t *guest = json_object_get(record, "guest");
    const json_t *line = json_fact(before, "kernel.command_line");
    int failed = 0;

    failed |= value_set(configuration, "label", json_string(origin_label(record)));
    failed |= value_set(configuration, "virtualization", json_string(json_text(before, "virtualization")));
    failed |= value_set(configuration, "kernel", json_string(json_text(guest, "kernel")));
    failed |= value_set(configuration, "appliance", json_string(json_text(guest, "appliance")));
    failed |= value_set(configuration, "command_line",
                        json_is_string(line) ? json_deep_copy(line) : json_string(""));
    return failed;
}

/* Why a figure depends on the real host, whose time is not counted; NULL where it does not. */
static const char *waits_for_host(const json_t *record, const json_t *outcome) {
    const json_t *guest = json_object_get(record, "guest");
    enum vms_resource resource;

    if (!origin_counts_instructions(record))
        return "its clock counts real time";
    if (value_resource_from_name(json_text(outcome, "resource"), &resource) < 0)
        return NULL;
    if (resource == VMS_NETWORK && strcmp(json_text(outcome, "path"), "network") == 0 &&
        strcmp(json_text(guest, "peer"), "host") == 0)
        return "it waits for the real host: its peer runs there";
    if (resource == VMS_DISK && strcmp(json_text(guest, "backing"), "file") == 0)
        return "it waits for the real host: its disk is a file there";
    return NULL;
}

/* Whether two figures are of the same work. */
static bool is_same(const json_t *a, const json_t *b, const char *metric) {
    for (size_t i = 0; i < VMS_LENGTH(identity_keys); i++)
        if (!json_equal(json_object_get(a, identity_keys[i]), json_object_get(b, identity_keys[i])))
            return false;
    return strcmp(json_text(a, "metric"), metric) == 0;
}

static json_t *find_figure(const json_t *configuration, const json_t *outcome, const char *metric) {
    json_t *figure;
    size_t index;

    json_array_foreach (json_object_get(configuration, "figures"), index, figure)
        if (is_same(figure, outcome, metric))
            return figure;
    return NULL;
}

/* The case's label, by way of its text. NULL without memory. */
static char *new_label(const json_t *record, const json_t *outcome) {
    cleanup_free char *text = json_line(outcome);
    struct label_sweeps sweeps = {0};
    struct view_case view = {0};
    struct scan scan;
    char *label = NULL;

    if (text && label_sweeps_init(&sweeps, json_object_get(record, "suite")) == 0) {
        scan_init(&scan, text, strlen(text), &view.arena);
        view_read_params(&scan, &view);
        label = label_new(&sweeps, &view);
    }
    label_sweeps_done(&sweeps);
    reader_case_done(&view);
    return label;
}

static json_t *new_figure(const json_t *record, const json_t *outcome, const json_t *summary,
                          const struct compare_gate *policy) {
    const struct gate_subject subject = {json_text(outcome, "resource"), json_text(outcome, "group"),
                                         json_text(outcome, "module"), json_text(summary, "metric")};
    const struct gate_rule *rule = gate_find_rule(policy, &subject);
    const char *waits = waits_for_host(record, outcome);
    cleanup_free char *label = new_label(record, outcome);
    json_t *figure = json_object();
    int failed = 0;

    failed |= value_set(figure, "case", value_text(label));
    for (size_t i = 0; i < VMS_LENGTH(identity_keys); i++) {
        json_t *value = json_object_get(outcome, identity_keys[i]);

        failed |= value_set(figure, identity_keys[i], value ? json_deep_copy(value) : json_null());
    }
    failed |= value_set(figure, "metric", json_string(json_text(summary, "metric")));
    failed |= value_set(figure, "unit", json_string(json_text(summary, "unit")));
    failed |= value_set(figure, "tolerance", waits || !rule ? json_null() : value_number(rule->fail_above));
    failed |= value_set(figure, "reason",
                        json_string(waits                  ? waits
                                    : rule && rule->reason ? rule->reason
                                                           : "no rule gates it"));
    failed |= value_set(figure, "values", json_array());
    return value_finish(figure, failed);
}

static int add_figure(json_t *configuration, const json_t *record, const json_t *outcome,
                      const json_t *summary, const struct compare_gate *policy) {
    json_t *figure = find_figure(configuration, outcome, json_text(summary, "metric"));
    json_t *median = json_object_get(summary, "median");

    if (!json_is_number(median))
        return 0;
    if (!figure) {
        figure = new_figure(record, outcome, summary, policy);
        if (json_array_append_new(json_object_get(configuration, "figures"), figure) < 0)
            return -ENOMEM;
    }
    return json_array_append(json_object_get(figure, "values"), median) < 0 ? -ENOMEM : 0;
}

int baseline_add_record(json_t *configuration, const json_t *record, const struct compare_gate *policy) {
    const json_t *outcome, *summary;
    size_t i, j;

    if (describe(configuration, record))
        return -ENOMEM;
    json_array_foreach (json_object_get(record, "cases"), i, outcome)
        json_array_foreach (json_object_get(outcome, "summary"), j, summary)
            if (add_figure(configuration, record, outcome, summary, policy) < 0)
                return -ENOMEM;
    return 0;
}

int baseline_read(const char *path, const json_t *suite, json_t **ret_baseline, struct vms_error *error) {
    struct vms_error reading = {""};
    json_auto_t *baseline = store_read(path, &reading);
    const json_t *own;
    int status = 0;

    if (!baseline)
        return error_set(error, -EINVAL, "%.400s; without --baseline one is written", reading.text);
    own = json_object_get(baseline, "suite");
    if (strcmp(json_text(baseline, "schema"), BASELINE_SCHEMA) != 0 ||
        !json_is_array(json_object_get(baseline, "configurations")))
        status = error_set(error, -EINVAL,
                           "%.200s: is not a baseline: \"schema\" is not \"" BASELINE_SCHEMA "\"", path);
    else if (!json_equal(own, suite))
        status = error_set(error, -EINVAL,
                           "%.200s: is of suite \"%.60s\", not of this study's suite \"%.60s\" as it is now: "
                           "figures of different work are not compared; write a new baseline",
                           path, json_text(own, "suite"), json_text(suite, "suite"));
    if (status == 0)
        *ret_baseline = TAKE(baseline);
    return status;
}
