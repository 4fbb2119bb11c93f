/* SPDX-License-Identifier: GPL-3.0-or-later */
/* github-action-benchmark's "customBiggerIsBetter" and "customSmallerIsBetter": an array of {name, unit,
 * value, range, extra}. Such a file holds one direction: the other is left out. The value is the mean, the
 * range its standard deviation; base units. */
#include "base/cleanup.h"
#include "base/text.h"
#include "base/units.h"
#include "export/format.h"

#include <math.h>

static int begin(struct export *export, struct vms_error *error) {
    (void)error;
    buffer_add_char(&export->out, '[');
    return 0;
}

/* The standard deviation and the rest in words. */
static int add_words(struct buffer *out, const struct view_head *head, const struct stats_summary *summary) {
    cleanup_free char *extra = NULL;

    if (!isnan(summary->sd)) {
        buffer_add_text(out, ",\"range\":\"\u00b1 ");
        buffer_add_number(out, summary->sd);
        buffer_add_char(out, '"');
    }
    extra = text_new("n = %zu\nrun %s", summary->n, head->run_id);
    if (!extra)
        return -ENOMEM;
    buffer_add_text(out, ",\"extra\":");
    buffer_add_json(out, extra);
    buffer_add_char(out, '}');
    return 0;
}

static int add_metric(struct export *export, const struct export_case *item, const char *name,
                      const struct view_metric *metric) {
    cleanup_free char *full = NULL;
    struct buffer *out = &export->out;

    if (isnan(metric->summary.mean) || !metric->is_summarised || metric->better != export->options->better) {
        export->left_out++;
        return 0;
    }
    full = text_new("%s %s", name, metric->name);
    if (!full)
        return -ENOMEM;
    export_separate(export);
    buffer_add_text(out, "{\"name\":");
    buffer_add_json(out, full);
    buffer_add_text(out, ",\"unit\":");
    buffer_add_json(out, units_name(metric->unit));
    buffer_add_text(out, ",\"value\":");
    buffer_add_number(out, metric->summary.mean);
    return add_words(out, item->head, &metric->summary);
}

static int add(struct export *export, const struct export_case *item, struct vms_error *error) {
    cleanup_free char *name = export_name(export, item);
    int status = name ? 0 : -ENOMEM;

    (void)error;
    for (size_t i = 0; status == 0 && i < item->outcome->n_metrics; i++)
        status = add_metric(export, item, name, &item->outcome->metrics[i]);
    return status;
}

static int end(struct export *export, struct vms_error *error) {
    (void)error;
    buffer_add_text(&export->out, "\n]\n");
    return 0;
}

const struct export_format export_github = {.name = "github",
                                            .help = "github-action-benchmark: means, of one direction",
                                            .begin = begin,
                                            .add = add,
                                            .end = end};
