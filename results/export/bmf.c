/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bencher Metric Format (bencher.dev, "bmf.json"): benchmark -> measure -> value with its lower and upper
 * end. The value is the mean, the ends are those of its 95% interval; base units. */
#include "base/error.h"
#include "export/format.h"
#include "record/value.h"

static int begin(struct export *export, struct vms_error *error) {
    (void)error;
    fputc('{', export->file);
    return 0;
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

static int write_benchmark(struct export *export, const struct export_case *outcome,
                           const json_t *benchmark) {
    json_t *name = export_name(export, outcome);
    int status = name ? 0 : -1;

    if (name) {
        export_separate(export);
        status |= export_value(export->file, name);
        fputs(": ", export->file);
        status |= export_value(export->file, benchmark);
    }
    json_decref(name);
    return status;
}

static int add(struct export *export, const struct export_case *outcome, struct vms_error *error) {
    json_t *benchmark = json_object();
    const json_t *summary;
    size_t index;
    int failed = benchmark ? 0 : -1;

    json_array_foreach (json_object_get(outcome->json, "summary"), index, summary) {
        if (json_is_number(json_object_get(summary, "mean")))
            failed |= value_set(benchmark, export_text(summary, "metric"), new_measure(summary));
        else
            export->left_out++;
    }
    if (!failed && json_object_size(benchmark) > 0)
        failed |= write_benchmark(export, outcome, benchmark);
    json_decref(benchmark);
    return failed ? error_memory(error) : 0;
}

static int end(struct export *export, struct vms_error *error) {
    (void)error;
    return fputs("\n}\n", export->file) == EOF ? -EIO : 0;
}

const struct export_format export_bmf = {.name = "bmf",
                                         .help = "Bencher Metric Format: means with their intervals",
                                         .begin = begin,
                                         .add = add,
                                         .end = end};
