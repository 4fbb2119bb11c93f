/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The summaries of a case, by which its metrics are in order. */
#include "record/view/view_read.h"

#include "base/units.h"
#include "record/value.h"

#include <math.h>
#include <string.h>

VIEW_WORD_READER(vms_unit, read_unit, units_from_name)
VIEW_WORD_READER(vms_better, read_better, value_better_from_name)
VIEW_WORD_READER(vms_side, read_side, value_side_from_name)
VIEW_WORD_READER(vms_shape, read_shape, value_shape_from_name)

static void read_interval(struct scan *scan, double ret_interval[2]) {
    size_t n = 0;

    ret_interval[0] = ret_interval[1] = NAN;
    if (scan_null(scan))
        return;
    for (scan_enter_array(scan); scan_element(scan); n++) {
        double end = scan_number(scan);

        if (n < 2)
            ret_interval[n] = end;
    }
    if (n != 2)
        scan_fail(scan, "an interval has two ends");
}

enum {
    METRIC,
    UNIT,
    BETTER,
    SIDE,
    SHAPE,
    ROLE,
    N,
    MEAN,
    SD,
    CV,
    MIN,
    Q1,
    MEDIAN,
    Q3,
    MAX,
    CI_MEAN,
    CI_MEDIAN,
    OUTLIERS
};
static const char *const summary_keys[] = {
    [METRIC] = "metric",
    [UNIT] = "unit",
    [BETTER] = "better",
    [SIDE] = "side",
    [SHAPE] = "shape",
    [ROLE] = "role",
    [N] = "n",
    [MEAN] = "mean",
    [SD] = "sd",
    [CV] = "cv",
    [MIN] = "min",
    [Q1] = "q1",
    [MEDIAN] = "median",
    [Q3] = "q3",
    [MAX] = "max",
    [CI_MEAN] = "ci95_mean",
    [CI_MEDIAN] = "ci95_median",
    [OUTLIERS] = "outliers",
};

static void read_summary_member(struct scan *scan, struct view_metric *metric, int member) {
    struct stats_summary *summary = &metric->summary;
    double *const figures[] = {
        [MEAN] = &summary->mean, [SD] = &summary->sd,         [CV] = &summary->cv, [MIN] = &summary->min,
        [Q1] = &summary->q1,     [MEDIAN] = &summary->median, [Q3] = &summary->q3, [MAX] = &summary->max};

    switch (member) {
    case METRIC:
        metric->name = scan_text(scan);
        break;
    case UNIT:
        metric->unit = (enum vms_unit)view_read_word(scan, read_unit, "unit");
        break;
    case BETTER:
        metric->better = (enum vms_better)view_read_word(scan, read_better, "direction");
        break;
    case SIDE:
        metric->side = (enum vms_side)view_read_word(scan, read_side, "side");
        break;
    case SHAPE:
        metric->shape = (enum vms_shape)view_read_word(scan, read_shape, "shape");
        break;
    case ROLE:
        metric->role = view_role(scan_text(scan));
        break;
    case N:
        summary->n = scan_unsigned(scan);
        break;
    case CI_MEAN:
    case CI_MEDIAN:
        read_interval(scan, member == CI_MEAN ? summary->ci95_mean : summary->ci95_median);
        break;
    case OUTLIERS:
        summary->outliers = scan_unsigned(scan);
        break;
    default:
        *figures[member] = scan_number_or_null(scan);
    }
}

bool view_metrics_fit(struct scan *scan, size_t n_metrics) {
    if (n_metrics == VIEW_METRICS_MAX)
        scan_fail(scan, "more than %d metrics are too many for a case", VIEW_METRICS_MAX);
    return n_metrics < VIEW_METRICS_MAX;
}

struct view_metric *view_read_summaries(struct scan *scan, size_t *ret_n) {
    struct view_metric *metrics = NULL;
    size_t n = 0;

    for (scan_enter_array(scan); scan_element(scan) && view_metrics_fit(scan, n); n++) {
        struct scan_object object = SCAN_OBJECT(summary_keys);
        struct view_metric *metric;
        int member;

        metrics = arena_grow(scan->arena, metrics, n, sizeof(*metrics));
        if (!metrics) {
            scan_fail_memory(scan);
            break;
        }
        metric = &metrics[n];
        *metric = (struct view_metric){.name = "", .is_summarised = true};
        metric->summary =
            (struct stats_summary){0, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, {NAN, NAN}, {NAN, NAN}, 0};
        scan_enter_object(scan);
        while ((member = scan_member(scan, &object)) >= 0)
            read_summary_member(scan, metric, member);
        scan_require(scan, &object, 1 << METRIC | 1 << UNIT | 1 << BETTER);
        for (size_t i = 0; i < n; i++)
            if (strcmp(metrics[i].name, metric->name) == 0)
                scan_fail(scan, "the summary of \"%.60s\" appears twice", metric->name);
    }
    *ret_n = n;
    return metrics;
}

void view_settle_metrics(struct view_reading *reading, struct view_metric *summaries, size_t n_summaries) {
    struct view_case *outcome = reading->outcome;
    const size_t n_named = outcome->n_metrics;
    size_t *places = arena_new(reading->scan->arena, (n_named + 1) * sizeof(*places));
    struct view_metric *named = reading->metrics;
    bool moved = false;

    if (!places) {
        scan_fail_memory(reading->scan);
        return;
    }
    reading->metrics = summaries;
    outcome->n_metrics = n_summaries;
    for (size_t i = 0; i < n_named && !reading->scan->failed; i++) {
        places[i] = view_find_metric_name(reading, named[i].name, i);
        moved |= places[i] != i;
    }
    for (size_t i = 0; moved && !reading->scan->failed && i < outcome->n_trials; i++) {
        struct view_sample *samples = (struct view_sample *)reading->trials[i].samples;

        for (size_t j = 0; j < reading->trials[i].n_samples; j++)
            samples[j].metric = places[samples[j].metric];
    }
}
