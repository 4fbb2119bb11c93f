/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Figures of groups: a line over what is swept, bars side by side where nothing is. */
#include "report/figures/figure.h"

#include "base/cleanup.h"
#include "base/number.h"
#include "base/text.h"
#include "base/units.h"
#include "record/value.h"

#include <math.h>
#include <string.h>

/* Which figures of the studies these are: over what is swept, or side by side. */
static const struct {
    const char *group, *metric;
    bool swept;
    const char *figure;
} studies[] = {{"tcp-small", "throughput", true, "Figure 2 of the 2008 study"},
               {"tcp-medium", "throughput", true, "Figure 3 of the 2008 study"},
               {"tcp-large", "throughput", true, "Figure 4 of the 2008 study"},
               {"udp-small", "throughput", true, "Figure 5 of the 2008 study"},
               {"udp-medium", "throughput", true, "Figure 6 of the 2008 study"},
               {"memory", "triad", false, "Figure 7 of the 2008 study"},
               {"disk", "write", true, "Figure 8 of the 2008 study"},
               {"disk", "write_time", true, "Figure 9 of the 2008 study"},
               {"tcp", "goodput", false, "Figure 5.5 of the 2010 study"}};

static const char *study_figure(const struct series *series) {
    for (size_t i = 0; i < VMS_LENGTH(studies); i++)
        if (strcmp(studies[i].group, series->group) == 0 && strcmp(studies[i].metric, series->metric) == 0 &&
            studies[i].swept == (series->x_name != NULL))
            return studies[i].figure;
    return NULL;
}

/* Whether the metric has a figure: no other draws the same by another name. A study's figure goes before the
 * headline, which is the same figure in another unit. */
static bool is_drawn(const struct series_list *list, const struct series *series) {
    if (study_figure(series))
        return true;
    if (series_is_secondary(series))
        return false;
    for (size_t i = series->kin[SERIES_OF_GROUP].first;
         series->is_headline && series->x_name && i < list->n_series;
         i = list->series[i].kin[SERIES_OF_GROUP].next)
        if (study_figure(&list->series[i]))
            return false;
    return true;
}

/* Letters, digits and '-' only. */
static char *new_id(const char *first, const char *second, const char *third) {
    char *id = text_new("%s-%s%s%s", first, second, *third ? "-" : "", third);

    if (!id)
        return NULL;
    return id;
}

static enum figure_section section_of(const struct series *series) {
    return (enum figure_section)(SECTION_NETWORK + (int)series->resource - VMS_NETWORK);
}

static const char *direction_text(const struct series *series) {
    return series->better == VMS_HIGHER ? "Higher is better" : "Lower is better";
}

/* A swept value as text: bytes where the parameter's name says so. */
static void format_x(const struct series *series, char ret_text[static UNITS_TEXT_SIZE]) {
    bool is_size = strstr(series->x_name, "size") || strstr(series->x_name, "bytes");

    if (is_size && series->x >= 0 && series->x < (double)UINT64_MAX)
        units_format_bytes((uint64_t)series->x, ret_text);
    else
        (void)number_format(series->x, ret_text);
}

/* The means of one metric of one group. */
static int add_line(struct figure *figure, const struct series *series) {
    cleanup_free char *name = series_name(series);
    char x_text[UNITS_TEXT_SIZE];

    format_x(series, x_text);
    return name ? figure_add_row(figure, &(struct figure_row){name, json_real(series->x), x_text,
                                                              series->summary.mean, series->summary.ci95_mean,
                                                              series->summary.n})
                : -ENOMEM;
}

static bool is_first(const struct series_list *list, size_t index) {
    return list->series[index].kin[SERIES_OF_METRIC].first == index;
}

/* The next series of the same figure; SIZE_MAX behind the last. */
static size_t next_of(const struct series_list *list, size_t index) {
    return list->series[index].kin[SERIES_OF_METRIC].next;
}

/* Title, caption and so on. */
static int describe(struct figure *figure, const struct series *series, const char *what, const char *drawn) {
    const char *study = study_figure(series);

    figure->section = section_of(series);
    figure->title = text_new("%s: %s", series->group, what);
    for (char *c = figure->title; c && *c; c++)
        *c = *c == '_' ? ' ' : *c;
    figure->caption = text_new("%s. %s%s%s%s", drawn, direction_text(series), study ? ". As " : "",
                               study ? study : "", ".");
    figure->unit = strdup(series->unit);
    return figure->title && figure->caption && figure->unit && figure->id && figure->x_title ? 0 : -ENOMEM;
}

static int add_swept(struct figure_list *figures, const struct series_list *list, size_t first) {
    const struct series *series = &list->series[first];
    struct figure *figure = figures_add(figures);
    int status;

    if (!figure)
        return -ENOMEM;
    figure->kind = FIGURE_LINES;
    figure->x_axis = AXIS_LOGARITHMIC;
    figure->id = new_id("group", series->group, series->metric);
    figure->x_title = strdup(series->x_name);
    status = describe(figure, series, series->metric,
                      series->shape == VMS_DISTRIBUTION
                          ? "Mean over the trials of each trial's median, with its 95% interval"
                          : "Mean over the trials, with its 95% interval");
    for (size_t i = first; status == 0 && i < list->n_series; i = next_of(list, i))
        if (list->series[i].x_name) {
            status = add_line(figure, &list->series[i]);
            if (list->series[i].x <= 0)
                figure->x_axis = AXIS_LINEAR;
        }
    return status;
}

#define TAIL 3 /* the place of the 99th percentile among stats_quantiles */

/* The tail of a distribution over what is swept: its median alone, which add_swept draws, hides who has to
 * wait. */
static int add_tail(struct figure_list *figures, const struct series_list *list, size_t first) {
    static const double none[2] = {NAN, NAN};
    const struct series *series = &list->series[first];
    struct figure *figure = figures_add(figures);
    cleanup_free char *what = NULL;
    int status;

    if (!figure || !(what = text_new("%s, 99th percentile", series->metric)))
        return -ENOMEM;
    figure->kind = FIGURE_LINES;
    figure->x_axis = AXIS_LOGARITHMIC;
    figure->id = new_id("tail", series->group, series->metric);
    figure->x_title = strdup(series->x_name);
    status = describe(figure, series, what, "Mean over the trials of each trial's 99th percentile");
    for (size_t i = first; status == 0 && i < list->n_series; i = next_of(list, i)) {
        const struct series *one = &list->series[i];
        cleanup_free char *name = series_name(one);
        char x_text[UNITS_TEXT_SIZE];

        if (!one->x_name || one->n == 0)
            continue;
        if (one->x <= 0)
            figure->x_axis = AXIS_LINEAR;
        format_x(one, x_text);
        status = name ? figure_add_row(figure, &(struct figure_row){name, json_real(one->x), x_text,
                                                                    one->quantiles[TAIL], none, one->n})
                      : -ENOMEM;
    }
    return status;
}

/* The percentiles of a distribution, where nothing is swept. */
static int add_percentiles(struct figure_list *figures, const struct series_list *list, size_t first) {
    static const double none[2] = {NAN, NAN};
    const struct series *series = &list->series[first];
    struct figure *figure = figures_add(figures);
    int status;

    if (!figure)
        return -ENOMEM;
    figure->kind = FIGURE_LINES;
    figure->x_axis = AXIS_POINTS;
    figure->logarithmic_y = true;
    figure->id = new_id("percentiles", series->group, series->metric);
    figure->x_title = strdup("share of the values that are no larger");
    status = describe(figure, series, series->metric,
                      "Percentiles of the single values, each the mean over the trials; logarithmic");
    for (size_t i = first; status == 0 && i < list->n_series; i = next_of(list, i)) {
        cleanup_free char *name = series_name(&list->series[i]);

        if (list->series[i].n == 0)
            continue;
        for (size_t q = 1; status == 0 && q < STATS_QUANTILES; q++) {
            char text[32];

            (void)snprintf(text, sizeof(text), "%g%%", 100 * stats_quantiles[q]);
            status = name ? figure_add_row(figure, &(struct figure_row){name, json_string(text), text,
                                                                        list->series[i].quantiles[q], none,
                                                                        list->series[i].n})
                          : -ENOMEM;
        }
    }
    return status;
}

static bool is_first_of_bars(const struct series_list *list, size_t index) {
    return !series_is_secondary(&list->series[index]) &&
           list->series[index].kin[SERIES_OF_BARS].first == index;
}

static size_t next_bar(const struct series_list *list, size_t index) {
    return list->series[index].kin[SERIES_OF_BARS].next;
}

/* A bar's place on the axis: the metric, within its environment where there are several, and the case where
 * its group has more than one. */
static char *bar_place(const struct series *series) {
    const char *rest = series->label + strlen(series->group);

    return text_new("%s%s%s%s", series->metric, rest, *series->environment ? ", " : "", series->environment);
}

static int add_bar(struct figure *figure, const struct series *series) {
    cleanup_free char *place = bar_place(series);

    if (!place)
        return -ENOMEM;
    return figure_add_row(figure, &(struct figure_row){series->configuration, value_text(place), place,
                                                       series->summary.mean, series->summary.ci95_mean,
                                                       series->summary.n});
}

/* The names of the metrics in the bars of `first`: "copy, scale, add". */
static char *bar_names(const struct series_list *list, size_t first) {
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);

    if (!stream)
        return NULL;
    for (size_t i = first; i < list->n_series; i = next_bar(list, i))
        if (is_first(list, i))
            fprintf(stream, "%s%s", i > first ? ", " : "", list->series[i].metric);
    (void)fclose(stream);
    return text;
}

static int add_bars(struct figure_list *figures, const struct series_list *list, size_t first) {
    cleanup_free char *names = bar_names(list, first);
    const struct series *series = &list->series[first];
    struct figure *figure = figures_add(figures);
    int status;

    if (!figure || !names)
        return -ENOMEM;
    figure->kind = FIGURE_BARS;
    figure->id = new_id("group", series->group, series->metric);
    figure->x_title = strdup("");
    status = describe(figure, series, names, "Mean over the trials, with its 95% interval");
    for (size_t i = first; status == 0 && i < list->n_series; i = next_bar(list, i))
        status = add_bar(figure, &list->series[i]);
    return status;
}

static int add_metric(struct figure_list *figures, const struct series_list *list, size_t first) {
    const struct series *series = &list->series[first];
    int status;

    if (!series->x_name)
        return add_percentiles(figures, list, first);
    status = add_swept(figures, list, first);
    return status == 0 && series->shape == VMS_DISTRIBUTION ? add_tail(figures, list, first) : status;
}

int figures_from_groups(struct figure_list *figures, const struct series_list *series) {
    int status = 0;

    for (size_t i = 0; status == 0 && i < series->n_series; i++) {
        const struct series *one = &series->series[i];
        bool bars = !one->x_name && one->shape != VMS_DISTRIBUTION;

        if (!(bars ? is_first_of_bars(series, i) : is_first(series, i)) || !is_drawn(series, one))
            continue;
        status = bars ? add_bars(figures, series, i) : add_metric(figures, series, i);
    }
    return status;
}
