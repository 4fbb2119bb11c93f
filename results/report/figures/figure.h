/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The report's figures: each a Vega specification with its data, and the same data as a table. */
#ifndef VMSUITE_RESULTS_REPORT_FIGURES_FIGURE_H
#define VMSUITE_RESULTS_REPORT_FIGURES_FIGURE_H

#include "compare/comparison/comparison.h"
#include "report/figures/conditions.h"
#include "report/figures/series.h"

#include <errno.h>

enum figure_kind { FIGURE_LINES, FIGURE_BARS, FIGURE_RATIOS };
enum figure_section {
    SECTION_ANSWER,
    SECTION_NETWORK,
    SECTION_MEMORY,
    SECTION_DISK,
    SECTION_CPU,
    SECTION_TRIALS,
    SECTION_NOISE
};
enum figure_axis { AXIS_LOGARITHMIC, AXIS_LINEAR, AXIS_POINTS };

struct figure {
    enum figure_kind kind;
    enum figure_section section;
    enum figure_axis x_axis;
    bool logarithmic_y, points_only;
    char *id;      /* for the page and for files; figures_make leaves letters, digits, '-' in it */
    char *title;   /* of plain words */
    char *caption; /* what is drawn, and how sure it is */
    char *x_title;
    const char *y_format; /* static: how Vega writes a share, "+.0%"; NULL: values have a unit */
    /* static: instead of the unit; values are drawn as they are then, and may be negative */
    const char *y_title;
    char *unit; /* the base unit of `value`, or "" */
    /* [{"series", "x", "x_text", "value", "low", "high", "n", "text"}]; null where there is none; of ratios
     * also "words" (the finding), "sure" and "whole" (a resource's answer) */
    json_t *rows;
    json_t *x_domain; /* of points and bars: the x in order; NULL: from the rows */
};

struct figure_list {
    struct figure *figures;
    size_t n_figures;
};

/* All figures of the records. `comparison` may be NULL: then there is none of ratios. -ENOMEM. */
int figures_make(const struct series_list *series, const struct condition_list *conditions,
                 const struct comparison *comparison, struct figure_list *ret_figures,
                 struct vms_error *error);
void figures_done(struct figure_list *figures);

/* Appends an empty figure, or NULL without memory; borrowed until the next. */
struct figure *figures_add(struct figure_list *figures);

/* A row of a figure. Borrowed but for `x`, which is taken over. */
struct figure_row {
    const char *series;
    json_t *x;
    const char *x_text;
    double value;
    const double *interval; /* both ends */
    size_t n;
};

/* Adds a row; figures that are not finite become null. -ENOMEM. */
int figure_add_row(struct figure *figure, const struct figure_row *row);

/* The parts of figures_make: from the comparison, from series by what is swept, from trials, and from what
 * disturbed them. -ENOMEM. */
int figures_from_comparison(struct figure_list *figures, const struct comparison *comparison);
int figures_from_groups(struct figure_list *figures, const struct series_list *series);
int figures_from_trials(struct figure_list *figures, const struct series_list *series);
int figures_from_conditions(struct figure_list *figures, const struct condition_list *conditions);

/* The prefix in which the figure's values are read ("MB/s"), and what they are divided by for it. */
#define FIGURE_UNIT_SIZE 16
double figure_prefix(const struct figure *figure, char ret_unit[static FIGURE_UNIT_SIZE]);

#endif
