/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Google Benchmark's JSON, so that its compare.py works: one entry per sample, the trials of a case as
 * repetitions. What that format compares is a time: what is better lower stands in real_time and cpu_time as
 * it is, what is better higher as the time of one unit (1/value, so that a rate of 0 has none and is left
 * out); the value itself, unrounded, is a counter named after the metric. The file holds one configuration,
 * so that names are the same in the files that are compared. */
#include "base/error.h"
#include "export/format.h"
#include "record/origin.h"
#include "record/value.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The context, and the file that it was made from. */
struct context {
    char *path; /* owned */
    json_t *json;
};

/* The first record makes the context, the others have to be of its configuration. */
static int look(struct export *export, struct reader *reader, struct vms_error *error) {
    const char *configuration = origin_label(reader_document(reader)), *first;
    struct context *context = export->state;

    if (context) {
        first = export_text(context->json, "configuration");
        if (strcmp(configuration, first) == 0)
            return 0;
        return error_set(
            error, -EINVAL,
            "%s is of configuration \"%s\" and %s of \"%s\": this format holds one; export each to "
            "a file of its own",
            context->path, first, reader_path(reader), configuration);
    }
    export->state = context = calloc(1, sizeof(*context));
    if (context) {
        context->path = strdup(reader_path(reader));
        context->json =
            json_pack("{s:s, s:s, s:s, s:s}", "date", reader_text(reader, "started_at"), "executable",
                      "vmsuite", "library_build_type", "release", "configuration", configuration);
    }
    return context && context->path && context->json ? 0 : error_memory(error);
}

static int begin(struct export *export, struct vms_error *error) {
    const struct context *context = export->state;

    (void)error;
    fputs("{\"context\": ", export->file);
    (void)export_value(export->file, context->json);
    fputs(",\n\"benchmarks\": [", export->file);
    return 0;
}

/* The time that stands for a value, in nanoseconds: of what is better higher that of one unit, so that more
 * time is worse for all. NaN where there is none. */
static double time_of(const json_t *summary, double value) {
    if (strcmp(export_text(summary, "better"), "higher") == 0)
        return value > 0 ? 1e9 / value : (double)NAN;
    return strcmp(export_text(summary, "unit"), "s") == 0 ? 1e9 * value : value;
}

static json_t *new_entry(const struct export_case *outcome, const json_t *trial, const json_t *summary) {
    json_int_t number = json_integer_value(json_object_get(trial, "trial"));
    json_t *entry = json_object();
    int failed = 0;

    failed |= value_set(entry, "name", json_sprintf("%s/%s", outcome->label, export_text(summary, "metric")));
    failed |=
        value_set(entry, "run_name", json_sprintf("%s/%s", outcome->label, export_text(summary, "metric")));
    failed |= value_set(entry, "run_type", json_string("iteration"));
    failed |= value_set(entry, "repetitions",
                        json_integer((json_int_t)json_array_size(json_object_get(outcome->json, "trials"))));
    failed |= value_set(entry, "repetition_index", json_integer(number > 0 ? number - 1 : 0));
    failed |= value_set(entry, "threads", json_integer(1));
    return value_finish(entry, failed);
}

static int write_entry(struct export *export, json_t *entry, struct vms_error *error) {
    if (!entry)
        return error_memory(error);
    export_separate(export);
    (void)export_value(export->file, entry);
    json_decref(entry);
    return 0;
}

static int add_sample(struct export *export, const struct export_case *outcome, const json_t *trial,
                      const json_t *metric, struct vms_error *error) {
    const char *name = export_text(metric, "metric");
    const json_t *summary = export_summary(outcome->json, name);
    json_t *entry, *value = json_object_get(metric, "value");
    double time = time_of(summary, json_number_value(value));
    int failed = 0;

    if (!json_is_number(value) || isnan(time)) {
        export->left_out++;
        return 0;
    }
    entry = new_entry(outcome, trial, summary);
    failed |= value_set(entry, "iterations", json_integer(1));
    failed |= value_set(entry, "real_time", value_number(time));
    failed |= value_set(entry, "cpu_time", value_number(time));
    failed |= value_set(entry, "time_unit", json_string("ns"));
    failed |= value_set(entry, name, json_incref(value));
    return write_entry(export, value_finish(entry, failed), error);
}

static int add_failure(struct export *export, const struct export_case *outcome, const json_t *trial,
                       const json_t *from, struct vms_error *error) {
    json_t *entry = new_entry(outcome, trial, json_array_get(json_object_get(outcome->json, "summary"), 0));
    int failed = 0;

    failed |= value_set(entry, "error_occurred", json_true());
    failed |= value_set(entry, "error_message",
                        json_sprintf("%s: %s", export_text(from, "status"), export_text(from, "reason")));
    return write_entry(export, value_finish(entry, failed), error);
}

static int add(struct export *export, const struct export_case *outcome, struct vms_error *error) {
    const json_t *trials = json_object_get(outcome->json, "trials"), *trial, *metric;
    size_t i, j;
    int status = 0;

    json_array_foreach (trials, i, trial) {
        const json_t *metrics = json_object_get(trial, "metrics");

        if (json_array_size(metrics) == 0)
            status = add_failure(export, outcome, trial, trial, error);
        json_array_foreach (metrics, j, metric) {
            status = add_sample(export, outcome, trial, metric, error);
            if (status < 0)
                return status;
        }
        if (status < 0)
            return status;
    }
    return json_array_size(trials) > 0 ? 0 : add_failure(export, outcome, NULL, outcome->json, error);
}

static int end(struct export *export, struct vms_error *error) {
    (void)error;
    fputs("\n]}\n", export->file);
    return 0;
}

static void done(void *state) {
    struct context *context = state;

    if (!context)
        return;
    free(context->path);
    json_decref(context->json);
    free(context);
}

const struct export_format export_google = {.name = "google-benchmark",
                                            .help = "Google Benchmark's JSON, one configuration",
                                            .look = look,
                                            .begin = begin,
                                            .add = add,
                                            .end = end,
                                            .done = done};
