/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Google Benchmark's JSON, so that its compare.py works: one entry per sample, the trials of a case as
 * repetitions. What that format compares is a time: what is better lower stands in real_time and cpu_time as
 * it is, what is better higher as the time of one unit (1/value, so that a rate of 0 has none and is left
 * out); the value itself, unrounded, is a counter named after the metric. The file holds one configuration,
 * so that names are the same in the files that are compared. */
#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "export/format.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What all records have in common, and the file that it was taken from. */
struct context {
    char *path, *configuration, *date; /* owned */
};

/* The first record makes the context, the others must be of its configuration. */
static int look(struct export *export, struct reader *reader, struct vms_error *error) {
    const struct view_head *head = reader_head(reader);
    struct context *context = export->state;

    if (context) {
        if (strcmp(head->label, context->configuration) == 0)
            return 0;
        return error_set(
            error, -EINVAL,
            "%s is of configuration \"%s\" and %s of \"%s\": this format holds one; export each to "
            "a file of its own",
            context->path, context->configuration, reader_path(reader), head->label);
    }
    export->state = context = calloc(1, sizeof(*context));
    if (!context)
        return -ENOMEM;
    context->path = strdup(reader_path(reader));
    context->configuration = strdup(head->label);
    context->date = strdup(head->started_at);
    return context->path && context->configuration && context->date ? 0 : -ENOMEM;
}

static int begin(struct export *export, struct vms_error *error) {
    const struct context *context = export->state;

    (void)error;
    buffer_add_text(&export->out, "{\"context\": {\"date\":");
    buffer_add_json(&export->out, context->date);
    buffer_add_text(&export->out,
                    ",\"executable\":\"vmsuite\",\"library_build_type\":\"release\",\"configuration\":");
    buffer_add_json(&export->out, context->configuration);
    buffer_add_text(&export->out, "},\n\"benchmarks\": [");
    return 0;
}

/* The time that stands for a value, in nanoseconds: of what is better higher that of one unit, so that more
 * time is worse for all. NaN where there is none. */
static double time_of(const struct view_metric *metric, double value) {
    if (metric->is_summarised && metric->better == VMS_HIGHER)
        return value > 0 ? 1e9 / value : (double)NAN;
    return metric->is_summarised && metric->unit == VMS_UNIT_SECONDS ? 1e9 * value : value;
}

/* Begins an entry; its end is the caller's. */
static int begin_entry(struct export *export, const struct export_case *item, const struct view_trial *trial,
                       const char *metric) {
    cleanup_free char *name = text_new("%s/%s", item->label, metric);
    struct buffer *out = &export->out;

    if (!name)
        return -ENOMEM;
    export_separate(export);
    buffer_add_text(out, "{\"name\":");
    buffer_add_json(out, name);
    buffer_add_text(out, ",\"run_name\":");
    buffer_add_json(out, name);
    buffer_add_text(out, ",\"run_type\":\"iteration\",\"repetitions\":");
    buffer_add_whole(out, item->outcome->n_trials);
    buffer_add_text(out, ",\"repetition_index\":");
    buffer_add_whole(out, trial && trial->trial > 0 ? trial->trial - 1 : 0);
    buffer_add_text(out, ",\"threads\":1");
    return 0;
}

static int add_sample(struct export *export, const struct export_case *item, const struct view_trial *trial,
                      const struct view_sample *sample) {
    const struct view_metric *metric = &item->outcome->metrics[sample->metric];
    double time = time_of(metric, sample->value);
    struct buffer *out = &export->out;

    if (!isfinite(time)) {
        export->left_out++;
        return 0;
    }
    if (begin_entry(export, item, trial, metric->name) < 0)
        return -ENOMEM;
    buffer_add_text(out, ",\"iterations\":1,\"real_time\":");
    buffer_add_number(out, time);
    buffer_add_text(out, ",\"cpu_time\":");
    buffer_add_number(out, time);
    buffer_add_text(out, ",\"time_unit\":\"ns\",");
    buffer_add_json(out, metric->name);
    buffer_add_char(out, ':');
    buffer_add_number(out, sample->value);
    buffer_add_char(out, '}');
    return 0;
}

/* A trial, or without one a case, that gave no figures. */
static int add_failure(struct export *export, const struct export_case *item,
                       const struct view_trial *trial) {
    const struct view_case *outcome = item->outcome;
    cleanup_free char *message =
        text_new("%s: %s", outcome_status_name(trial ? trial->status : outcome->status),
                 trial ? trial->reason : outcome->reason);

    if (!message)
        return -ENOMEM;
    if (begin_entry(export, item, trial, outcome->n_metrics > 0 ? outcome->metrics[0].name : "") < 0)
        return -ENOMEM;
    buffer_add_text(&export->out, ",\"error_occurred\":true,\"error_message\":");
    buffer_add_json(&export->out, message);
    buffer_add_char(&export->out, '}');
    return 0;
}

static int add(struct export *export, const struct export_case *item, struct vms_error *error) {
    const struct view_case *outcome = item->outcome;
    int status = 0;

    (void)error;
    for (size_t i = 0; status == 0 && i < outcome->n_trials; i++) {
        const struct view_trial *trial = &outcome->trials[i];

        if (trial->n_samples == 0)
            status = add_failure(export, item, trial);
        for (size_t j = 0; status == 0 && j < trial->n_samples; j++)
            status = add_sample(export, item, trial, &trial->samples[j]);
    }
    return status == 0 && outcome->n_trials == 0 ? add_failure(export, item, NULL) : status;
}

static int end(struct export *export, struct vms_error *error) {
    (void)error;
    buffer_add_text(&export->out, "\n]}\n");
    return 0;
}

static void done(void *state) {
    struct context *context = state;

    if (!context)
        return;
    free(context->path);
    free(context->configuration);
    free(context->date);
    free(context);
}

const struct export_format export_google = {.name = "google-benchmark",
                                            .help = "Google Benchmark's JSON, one configuration",
                                            .look = look,
                                            .begin = begin,
                                            .add = add,
                                            .end = end,
                                            .done = done};
