/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Figures of what disturbed the trials, by their place in the run, and of the clock against the peer's. */
#include "report/figures/figure.h"

#include <math.h>
#include <string.h>

#define SHARE_LEAST 0.01 /* a disturbance that never was above it has no figure */

static const double none[2] = {NAN, NAN};

static const struct {
    const char *id, *title, *caption;
} measures[CONDITIONS] = {
    [CONDITION_STEAL] =
        {"noise-steal", "Time stolen by the hypervisor",
         "Share of all processors' time that the hypervisor gave to others during each trial."},
    [CONDITION_OTHER_LOAD] = {"noise-other-load", "Time used by other programs",
                              "Share of all processors' time that other programs used during each trial."},
    [CONDITION_STALL_CPU] = {"noise-stall-cpu", "Time spent waiting for a processor",
                             "Share of each trial during which some program waited for a processor."},
    [CONDITION_STALL_IO] =
        {"noise-stall-io", "Time spent waiting for storage",
         "Share of each trial during which some program waited for storage. A disk case waits by "
         "its nature."},
};

static struct figure *begin(struct figure_list *figures, const char *id, const char *title,
                            const char *caption) {
    struct figure *figure = figures_add(figures);

    if (!figure)
        return NULL;
    figure->section = SECTION_NOISE;
    figure->x_axis = AXIS_LINEAR;
    figure->points_only = true;
    figure->id = strdup(id);
    figure->title = strdup(title);
    figure->caption = strdup(caption);
    figure->unit = strdup("1");
    figure->x_title = strdup("place of the trial in its run");
    return figure->id && figure->title && figure->caption && figure->unit && figure->x_title ? figure : NULL;
}

static int add_trial(struct figure *figure, const struct condition_list *list,
                     const struct condition *condition, double value, const double interval[2]) {
    char text[160];

    (void)snprintf(text, sizeof(text), "%s, place %u", condition->label, condition->order);
    return figure_add_row(figure,
                          &(struct figure_row){list->tallies[condition->configuration].configuration,
                                               json_integer(condition->order), text, value, interval, 1});
}

static int add_share(struct figure_list *figures, const struct condition_list *list, size_t share) {
    struct figure *figure;
    double largest = 0;
    int status = 0;

    for (size_t i = 0; i < list->n_conditions; i++)
        largest = fmax(largest, list->conditions[i].shares[share]);
    if (largest <= SHARE_LEAST)
        return 0;
    figure = begin(figures, measures[share].id, measures[share].title, measures[share].caption);
    if (!figure)
        return -ENOMEM;
    figure->y_format = ".0%";
    for (size_t i = 0; status == 0 && i < list->n_conditions; i++)
        if (isfinite(list->conditions[i].shares[share]))
            status = add_trial(figure, list, &list->conditions[i], list->conditions[i].shares[share], none);
    return status;
}

static bool has_clock(const struct condition *condition) {
    return isfinite(condition->rate_ppm) && isfinite(condition->rate_bound_ppm);
}

static int add_clock(struct figure_list *figures, const struct condition_list *list) {
    struct figure *figure = NULL;
    int status = 0;

    for (size_t i = 0; status == 0 && i < list->n_conditions; i++) {
        const struct condition *condition = &list->conditions[i];
        double interval[2] = {condition->rate_ppm - condition->rate_bound_ppm,
                              condition->rate_ppm + condition->rate_bound_ppm};

        if (!has_clock(condition))
            continue;
        if (!figure)
            figure = begin(
                figures, "clock-rate", "The peer's clock against this machine's",
                "How much faster the peer's clock ran during each trial, with the bounds that are certain. A "
                "warning is given where they exclude zero by more than 500 ppm; short trials have wide "
                "ones.");
        if (!figure)
            return -ENOMEM;
        figure->y_title = "ppm";
        status = add_trial(figure, list, condition, condition->rate_ppm, interval);
    }
    return status;
}

int figures_from_conditions(struct figure_list *figures, const struct condition_list *conditions) {
    int status = 0;

    for (size_t i = 0; status == 0 && i < CONDITIONS; i++)
        status = add_share(figures, conditions, i);
    return status < 0 ? status : add_clock(figures, conditions);
}
