/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bencher Metric Format (bencher.dev, "bmf.json"): benchmark -> measure -> value with its lower and upper
 * end. The value is the mean, the ends are those of its 95% interval; base units. */
#include "base/cleanup.h"
#include "export/format.h"

#include <math.h>

static int begin(struct export *export, struct vms_error *error) {
    (void)error;
    buffer_add_char(&export->out, '{');
    return 0;
}

static void add_figure(struct buffer *out, const char *key, double number) {
    buffer_add_text(out, key);
    buffer_add_number(out, number);
}

static void add_measure(struct buffer *out, const struct view_metric *metric) {
    const double *interval = metric->summary.ci95_mean;

    buffer_add_json(out, metric->name);
    add_figure(out, ":{\"value\":", metric->summary.mean);
    if (!isnan(interval[0]) && !isnan(interval[1])) {
        add_figure(out, ",\"lower_value\":", interval[0]);
        add_figure(out, ",\"upper_value\":", interval[1]);
    }
    buffer_add_char(out, '}');
}

static int add(struct export *export, const struct export_case *item, struct vms_error *error) {
    const struct view_case *outcome = item->outcome;
    size_t n = 0;

    (void)error;
    for (size_t i = 0; i < outcome->n_metrics; i++) {
        const struct view_metric *metric = &outcome->metrics[i];

        if (isnan(metric->summary.mean) || !metric->is_summarised) {
            export->left_out++;
            continue;
        }
        if (n++ == 0) {
            cleanup_free char *name = export_name(export, item);

            if (!name)
                return -ENOMEM;
            export_separate(export);
            buffer_add_json(&export->out, name);
            buffer_add_text(&export->out, ": {");
        } else {
            buffer_add_char(&export->out, ',');
        }
        add_measure(&export->out, metric);
    }
    if (n > 0)
        buffer_add_char(&export->out, '}');
    return 0;
}

static int end(struct export *export, struct vms_error *error) {
    (void)error;
    buffer_add_text(&export->out, "\n}\n");
    return 0;
}

const struct export_format export_bmf = {.name = "bmf",
                                         .help = "Bencher Metric Format: means with their intervals",
                                         .begin = begin,
                                         .add = add,
                                         .end = end};
