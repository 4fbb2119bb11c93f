/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Figures of single trials, so that drift and outliers are seen: per resource how far each trial is from its
 * case's median by its place in the run, and for a network case without a sweep its rate per test. */
#include "report/figures/figure.h"

#include "base/cleanup.h"
#include "base/text.h"
#include "record/value.h"

#include <math.h>
#include <string.h>

static const double none[2] = {NAN, NAN};

static int add_deviations(struct figure *figure, const struct series *series) {
    cleanup_free char *name = series_name(series);
    int status = name ? 0 : -ENOMEM;

    for (size_t i = 0; status == 0 && i < series->n; i++) {
        cleanup_free char *text = text_new("%s, place %u", series->label, series->orders[i]);

        if (!text)
            return -ENOMEM;
        status = figure_add_row(figure, &(struct figure_row){name, json_integer(series->orders[i]), text,
                                                             series->values[i] / series->summary.median - 1,
                                                             none, 1});
    }
    return status;
}

/* How far the trials of one resource are from the medians of their cases. */
static int add_resource(struct figure_list *figures, const struct series_list *list,
                        enum vms_resource resource) {
    struct figure *figure = NULL;
    int status = 0;

    for (size_t i = 0; status == 0 && i < list->n_series; i++) {
        const struct series *series = &list->series[i];

        if (series->resource != resource || !series->is_headline || series->n < 2 ||
            series->summary.median == 0)
            continue;
        if (!figure) {
            figure = figures_add(figures);
            if (!figure)
                return -ENOMEM;
            figure->section = SECTION_TRIALS;
            figure->x_axis = AXIS_LINEAR;
            figure->points_only = true;
            figure->y_format = "+.0%";
            figure->unit = strdup("1");
            figure->x_title = strdup("place of the trial in its run");
            figure->caption =
                strdup("Each trial's headline figure divided by its case's median, less 1: a trend is "
                       "drift, a lone point an outlier.");
            if (!(figure->id = text_new("trials-%s", value_resource_name(resource))) ||
                !(figure->title =
                      text_new("%s: trials against the median of their case", value_resource_name(resource))))
                return -ENOMEM;
        }
        status = add_deviations(figure, series);
    }
    return status;
}

static int add_tests(struct figure *figure, const struct series *series) {
    cleanup_free char *name = series_name(series);
    int status = name ? 0 : -ENOMEM;

    for (size_t i = 0; status == 0 && i < series->n; i++) {
        char text[32];

        (void)snprintf(text, sizeof(text), "test %zu", i + 1);
        status = figure_add_row(figure, &(struct figure_row){name, json_integer((json_int_t)i + 1), text,
                                                             series->values[i], none, 1});
    }
    return status;
}

/* The rate of each test, one figure per case: as figures 5.1 to 5.4 of the 2010 study. */
static int add_case(struct figure_list *figures, const struct series_list *list, size_t first) {
    const struct series *series = &list->series[first];
    struct figure *figure = figures_add(figures);
    int status = 0;

    if (!figure)
        return -ENOMEM;
    figure->section = SECTION_TRIALS;
    figure->x_axis = AXIS_LINEAR;
    figure->unit = strdup(series->unit);
    figure->x_title = strdup("test");
    figure->caption = strdup("One point per test, as figures 5.1 to 5.4 of the 2010 study.");
    if (!(figure->id = text_new("tests-%s", series->group)) ||
        !(figure->title = text_new("%s: %s per test", series->group, series->metric)))
        return -ENOMEM;
    for (size_t i = first; status == 0 && i < list->n_series; i = list->series[i].kin[SERIES_OF_CASE].next)
        status = add_tests(figure, &list->series[i]);
    return status;
}

int figures_from_trials(struct figure_list *figures, const struct series_list *series) {
    int status = 0;

    for (size_t i = 0; status == 0 && i < series->n_series; i++) {
        const struct series *one = &series->series[i];

        if (one->resource == VMS_NETWORK && one->is_headline && !one->x_name && one->n > 1 &&
            one->kin[SERIES_OF_CASE].first == i)
            status = add_case(figures, series, i);
    }
    for (int i = VMS_NETWORK; status == 0 && i <= VMS_CPU; i++)
        status = add_resource(figures, series, (enum vms_resource)i);
    return status;
}
