/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bencher Metric Format (bencher.dev, "bmf.json"): benchmark -> measure -> value with its lower and upper
 * end. The value is the mean, the ends are those of its 95% interval; base units. */
#include "error.h"
#include "format.h"
#include "value.h"

static int begin(struct export *export, struct vms_error *error) {
    export->state = json_object();
    return export->state ? 0 : error_set(error, -ENOMEM, "out of memory");
}

static json_t *new_measure(const json_t *summary) {
    const json_t *interval = json_object_get(summary, "ci95_mean");
    json_t *measure = json_object();
    int failed = value_set(measure, "value", json_incref(json_object_get(summary, "mean")));

    if (json_array_size(interval) == 2) {
        failed |= value_set(measure, "lower_value", json_incref(json_array_get(interval, 0)));
        failed |= value_set(measure, "upper_value", json_incref(json_array_get(interval, 1)));
    }
    return value_finish(measure, failed);
}

/* The same case of another run of the same configuration gets the run's id to its name. */
static json_t *new_name(const struct export *export, const struct export_case *outcome) {
    const char *configuration = reader_text(outcome->reader, "configuration");
    json_t *name = json_sprintf("%s/%s", configuration, outcome->label);

    if (!name || !json_object_get(export->state, json_string_value(name)))
        return name;
    json_decref(name);
    return json_sprintf("%s/%s run %s", configuration, outcome->label,
                        reader_text(outcome->reader, "run_id"));
}

static int add(struct export *export, const struct export_case *outcome, struct vms_error *error) {
    json_t *benchmark = json_object(), *name = new_name(export, outcome);
    const json_t *summary;
    size_t index;
    int failed = name ? 0 : -1;

    json_array_foreach(json_object_get(outcome->json, "summary"), index, summary) {
        if (json_is_number(json_object_get(summary, "mean")))
            failed |= value_set(benchmark, export_text(summary, "metric"), new_measure(summary));
        else
            export->left_out++;
    }
    if (!failed && json_object_size(benchmark) > 0)
        failed |= json_object_set(export->state, json_string_value(name), benchmark);
    json_decref(benchmark);
    json_decref(name);
    return failed ? error_set(error, -ENOMEM, "out of memory") : 0;
}

static int end(struct export *export, struct vms_error *error) {
    int status = export_value(export->file, export->state);

    (void)error;
    fputc('\n', export->file);
    json_decref(export->state);
    return status;
}

const struct export_format export_bmf = {.name = "bmf",
                                         .help = "Bencher Metric Format: means with their intervals",
                                         .begin = begin,
                                         .add = add,
                                         .end = end};
