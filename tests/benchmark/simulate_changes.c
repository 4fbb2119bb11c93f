/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How often a change is found in histories, where there is one and where there is none: figures drawn from a
 * model, searched as `vmsuite trend` searches them.
 *
 * usage: simulate_changes [NAME=VALUE]...; prints one JSON object.
 *   tables=1000 series=1 points=60 seed=1 alpha=0.05        histories that share the error, the runs of each
 *   cv=0.02 noise=normal|t3|outliers|drift|ar3              of runs: one standard deviation, its shape;
 *                                                           drift: one more over all points
 *   step=0 after=0                                          of the first history, in its last `after` runs;
 *                                                           0: at a random place that leaves a sixth of the
 *                                                           runs, 6 or more, on both sides
 */
#include "stats/change_point.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NEAR 5

struct model {
    double tables, series, points, seed, alpha, cv, step, after;
    const char *noise;
};

static double draw(const struct model *model, gsl_rng *random, size_t i, double *last) {
    const char *noise = model->noise;
    double normal = gsl_ran_gaussian(random, model->cv);

    if (strcmp(noise, "t3") == 0)
        return model->cv * gsl_ran_tdist(random, 3) / sqrt(3);
    if (strcmp(noise, "outliers") == 0)
        return gsl_rng_uniform(random) < 0.05 ? 10 * normal : normal;
    if (strcmp(noise, "drift") == 0)
        return normal + model->cv * (double)i / model->points;
    if (strcmp(noise, "ar3") == 0)
        return *last = 0.3 * *last + normal * sqrt(1 - 0.09);
    return normal;
}

/* The place of the step, or the number of points where there is none. */
static size_t fill(const struct model *model, gsl_rng *random, size_t series, double *figures) {
    size_t n = (size_t)model->points, margin = n / 6 > 6 ? n / 6 : 6, at = n;
    double last = 0;

    if (series == 0 && model->step != 0)
        at = model->after > 0 ? n - (size_t)model->after
                              : margin + gsl_rng_uniform_int(random, n - 2 * margin + 1);
    for (size_t i = 0; i < n; i++)
        figures[i] = draw(model, random, i, &last) + (i >= at ? log1p(model->step) : 0);
    return at;
}

static int parse(struct model *model, const char *argument) {
    struct {
        const char *name;
        double *value;
    } numbers[] = {{"tables", &model->tables}, {"series", &model->series}, {"points", &model->points},
                   {"seed", &model->seed},     {"alpha", &model->alpha},   {"cv", &model->cv},
                   {"step", &model->step},     {"after", &model->after}};
    const char *equals = strchr(argument, '=');

    for (size_t i = 0; equals && i < sizeof(numbers) / sizeof(*numbers); i++)
        if (strncmp(argument, numbers[i].name, (size_t)(equals - argument)) == 0 &&
            strlen(numbers[i].name) == (size_t)(equals - argument)) {
            *numbers[i].value = strtod(equals + 1, NULL);
            return 0;
        }
    if (!equals || strncmp(argument, "noise=", 6) != 0)
        return -1;
    model->noise = equals + 1;
    return 0;
}

int main(int argc, char **argv) {
    struct model model = {1000, 1, 60, 1, 0.05, 0.02, 0, 0, "normal"};
    gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
    size_t wrong = 0, found = 0, near = 0, extra = 0;
    double *figures;

    for (int i = 1; i < argc; i++)
        if (parse(&model, argv[i]) < 0) {
            fprintf(stderr, "simulate_changes: %s?\n", argv[i]);
            return 2;
        }
    gsl_rng_set(random, (unsigned long)model.seed);
    figures = calloc((size_t)model.points, sizeof(*figures));
    for (size_t table = 0; figures && table < (size_t)model.tables; table++) {
        size_t false_series = 0;

        for (size_t series = 0; series < (size_t)model.series; series++) {
            size_t at = fill(&model, random, series, figures), n_near = 0;
            struct change_points changes;

            if (change_points_find(figures, (size_t)model.points, model.alpha / model.series, table + 1,
                                   &changes) < 0)
                return 1;
            for (size_t i = 0; i < changes.n; i++)
                n_near += labs((long)changes.points[i].at - (long)at) <= NEAR;
            if (at < (size_t)model.points) {
                found += changes.n > 0;
                near += n_near > 0;
                extra += changes.n > 1;
            } else {
                false_series += changes.n > 0;
            }
        }
        wrong += false_series > 0;
    }
    printf("{\"false\": %.5f, \"found\": %.5f, \"near\": %.5f, \"extra\": %.5f}\n",
           (double)wrong / model.tables, (double)found / model.tables, (double)near / model.tables,
           (double)extra / model.tables);
    free(figures);
    gsl_rng_free(random);
    return 0;
}
