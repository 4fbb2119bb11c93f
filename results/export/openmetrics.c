/* SPDX-License-Identifier: GPL-3.0-or-later */
/* OpenMetrics 1.0 text: one family per module and metric, one point per sample with the time at which its
 * trial ended; distributions are summaries with their quantiles. What is done a point or a trial is done
 * without printf and without memory of its own: there are millions. */
#include "base/cleanup.h"
#include "base/error.h"
#include "base/escape.h"
#include "base/number.h"
#include "base/text.h"
#include "export/openmetrics_family.h"
#include "record/value.h"

#include <math.h>
#include <string.h>
#include <time.h>

struct families {
    struct family_list list;
    /* owned: of each metric of the case its family's place from 1; 0: not looked for yet */
    size_t *of_metrics;
    size_t n_cases;             /* so far, this one too */
    struct buffer case_labels;  /* of this case */
    struct buffer trial_labels; /* of this trial, beyond those */
    struct buffer time;         /* when the trial ended: " 1767225600.000000", or nothing */
};

/* The unit as the family's name ends in it. */
static const char *unit_suffix(const struct view_metric *metric) {
    static const char *const suffixes[] = {[VMS_BYTES_PER_SECOND] = "bytes_per_second",
                                           [VMS_BITS_PER_SECOND] = "bits_per_second",
                                           [VMS_FLOP_PER_SECOND] = "flops_per_second",
                                           [VMS_UNIT_SECONDS] = "seconds",
                                           [VMS_PER_SECOND] = "per_second",
                                           [VMS_RATIO] = "ratio"};

    return metric->is_summarised ? suffixes[metric->unit] : "unknown";
}

static int begin(struct export *export, struct vms_error *error) {
    (void)error;
    export->state = calloc(1, sizeof(struct families));
    return export->state ? 0 : -ENOMEM;
}

static int add_label(struct buffer *labels, const char *name, const char *value) {
    cleanup_free char *clean_name = escape_text(ESCAPE_OPENMETRICS_NAME, name);
    cleanup_free char *clean = escape_text(ESCAPE_OPENMETRICS, value);

    if (!clean || !clean_name)
        return -ENOMEM;
    if (labels->length > 0)
        buffer_add_char(labels, ',');
    buffer_add_text(labels, clean_name);
    buffer_add_text(labels, "=\"");
    buffer_add_text(labels, clean);
    buffer_add_char(labels, '"');
    return 0;
}

/* `name` is one of our own words, and not the first label. */
static void add_number_label(struct buffer *labels, const char *name, uint64_t number) {
    buffer_add_char(labels, ',');
    buffer_add_text(labels, name);
    buffer_add_text(labels, "=\"");
    buffer_add_whole(labels, number);
    buffer_add_char(labels, '"');
}

/* What distinguishes the case from all others. */
static int add_case_labels(struct buffer *labels, const struct export_case *item) {
    const struct view_case *outcome = item->outcome;
    const struct {
        const char *name, *value;
    } texts[] = {{"configuration", item->head->label},
                 {"run_id", item->head->run_id},
                 {"group", outcome->group},
                 {"path", outcome->path},
                 {"cpus", outcome->cpus}};
    int status = 0;

    labels->length = 0;
    for (size_t i = 0; status == 0 && i < VMS_LENGTH(texts); i++)
        if (*texts[i].value)
            status = add_label(labels, texts[i].name, texts[i].value);
    add_number_label(labels, "case", outcome->id);
    if (outcome->neighbours > 0)
        add_number_label(labels, "neighbours", outcome->neighbours);
    for (size_t i = 0; status == 0 && i < outcome->n_params; i++) {
        cleanup_free char *name = text_new("param_%s", outcome->params[i].name);

        if (!name)
            return -ENOMEM;
        status = add_label(labels, name, outcome->params[i].value.text);
    }
    return status;
}

/* When the run began, in seconds since the epoch; NaN where the record does not say. */
static double start_time(const struct view_head *head) {
    struct tm tm = {0};

    return strptime(head->started_at, "%Y-%m-%dT%H:%M:%SZ", &tm) ? (double)timegm(&tm) : (double)NAN;
}

/* A trial of a case, whose labels are there. What is the same for many points is made once. */
struct point {
    struct family *family;
    const char *side;
};

#define TIME_MAX 1e12 /* far beyond the year 9999, and its microseconds still fit 64 bits */

/* The fraction of a number of seconds is taken apart before it is multiplied, so that no digit is lost. */
static void set_time(struct buffer *out, double ended) {
    double whole = floor(fabs(ended));
    uint64_t microseconds;

    out->length = 0;
    if (!(whole < TIME_MAX)) /* NaN too */
        return;
    microseconds = (uint64_t)whole * 1000000 + (uint64_t)rint((fabs(ended) - whole) * 1e6);
    buffer_add_text(out, ended < 0 ? " -" : " ");
    buffer_add_whole(out, microseconds / 1000000);
    buffer_add_char(out, '.');
    for (uint64_t place = 100000; place > 0; place /= 10)
        buffer_add_char(out, (char)('0' + microseconds / place % 10));
}

static int write_point(const struct families *all, const struct point *point, const char *suffix,
                       const double *quantile, double value) {
    struct buffer *out = &point->family->recent;

    family_begin_case(point->family, all->n_cases, &all->case_labels);
    buffer_add_text(out, suffix);
    buffer_add_char(out, '{');
    buffer_add(out, all->trial_labels.bytes, all->trial_labels.length);
    if (*point->side) { /* one of our own words */
        buffer_add_text(out, ",side=\"");
        buffer_add_text(out, point->side);
        buffer_add_char(out, '"');
    }
    if (quantile) {
        buffer_add_text(out, ",quantile=\"");
        buffer_add_number(out, *quantile);
        buffer_add_char(out, '"');
    }
    buffer_add_text(out, "} ");
    buffer_add_number(out, value);
    if (all->time.length > 0)
        buffer_add(out, all->time.bytes, all->time.length);
    buffer_add_char(out, '\n');
    return family_keep(point->family, false);
}

static int write_summary(const struct families *all, const struct point *point,
                         const struct view_distribution *distribution) {
    int status = 0;

    for (size_t i = 0; status == 0 && i < distribution->n_quantiles; i++)
        if (!isnan(distribution->quantiles[i].value))
            status =
                write_point(all, point, "", &distribution->quantiles[i].q, distribution->quantiles[i].value);
    return status == 0 ? write_point(all, point, "_count", NULL, (double)distribution->n) : status;
}

/* The family of a metric's samples, which is looked for by name once in a case. */
static struct family *family_of(struct families *all, const struct view_case *outcome,
                                const struct view_sample *sample) {
    const struct view_metric *metric = &outcome->metrics[sample->metric];
    const char *unit = unit_suffix(metric);
    cleanup_free char *name = NULL;
    struct family *family;
    char *clean;

    if (all->of_metrics[sample->metric] > 0)
        return &all->list.families[all->of_metrics[sample->metric] - 1];
    name = text_new("vmsuite_%s_%s_%s", outcome->module, metric->name, unit);
    if (!name)
        return NULL;
    clean = escape_text(ESCAPE_OPENMETRICS_NAME, name);
    family = clean ? family_find(&all->list, clean, unit, sample->distribution != NULL) : NULL;
    if (family)
        all->of_metrics[sample->metric] = (size_t)(family - all->list.families) + 1;
    return family;
}

static int add_sample(struct export *export, const struct export_case *item, struct point *point,
                      const struct view_sample *sample, struct vms_error *error) {
    const struct view_metric *metric = &item->outcome->metrics[sample->metric];
    struct families *all = export->state;

    point->side = metric->is_summarised ? value_side_name(metric->side) : "";
    point->family = family_of(all, item->outcome, sample);
    if (!point->family)
        return error_set(error, -EMFILE, "out of memory or of temporary files (in $TMPDIR, else /var/tmp)");
    if (point->family->is_summary != (sample->distribution != NULL) || isnan(sample->value)) {
        export->left_out++;
        return 0;
    }
    return sample->distribution ? write_summary(all, point, sample->distribution)
                                : write_point(all, point, "", NULL, sample->value);
}

static int add_trial(struct export *export, const struct export_case *item, double started,
                     const struct view_trial *trial, struct vms_error *error) {
    struct families *all = export->state;
    struct point point;
    int status;

    all->trial_labels.length = 0;
    add_number_label(&all->trial_labels, "trial", trial->trial);
    set_time(&all->time, started + trial->start_s + trial->duration_s);
    status = all->trial_labels.failed || all->time.failed ? -ENOMEM : 0;
    export->left_out += trial->n_samples == 0;
    for (size_t i = 0; status == 0 && i < trial->n_samples; i++)
        status = add_sample(export, item, &point, &trial->samples[i], error);
    return status;
}

static int add(struct export *export, const struct export_case *item, struct vms_error *error) {
    struct families *all = export->state;
    const double started = start_time(item->head);
    int status = add_case_labels(&all->case_labels, item);

    all->n_cases++;
    free(all->of_metrics);
    all->of_metrics = calloc(item->outcome->n_metrics + 1, sizeof(*all->of_metrics));
    if (!all->of_metrics || all->case_labels.failed)
        return -ENOMEM;
    for (size_t i = 0; status == 0 && i < item->outcome->n_trials; i++)
        status = add_trial(export, item, started, &item->outcome->trials[i], error);
    return status;
}

static int end(struct export *export, struct vms_error *error) {
    struct families *all = export->state;
    int status = 0;

    (void)error;
    for (size_t i = 0; status == 0 && i < all->list.n_families; i++)
        status = family_put(export, &all->list.families[i], &all->case_labels);
    buffer_add_text(&export->out, "# EOF\n");
    return status;
}

static void done(void *state) {
    struct families *all = state;

    if (!all)
        return;
    family_list_done(&all->list);
    buffer_done(&all->case_labels);
    buffer_done(&all->trial_labels);
    buffer_done(&all->time);
    free(all->of_metrics);
    free(all);
}

const struct export_format export_openmetrics = {.name = "openmetrics",
                                                 .help = "OpenMetrics text, a point per sample",
                                                 .begin = begin,
                                                 .add = add,
                                                 .end = end,
                                                 .done = done};
