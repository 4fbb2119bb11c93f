/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the runs of a side say about a metric: in the temporary file, and read back for its row. */
#include "compare/collect/collected.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

enum { RUN, N, MEAN, LOG, SQUARES, PRODUCTS, LEAST, MOST, NUMBERS };

int series_add_samples(struct series *series, const struct sketch *samples) {
    if (!samples) {
        series->partial = true;
        return 0;
    }
    if (!series->samples)
        series->samples = calloc(1, sizeof(*series->samples));
    if (!series->samples)
        return -ENOMEM;
    sketch_merge(series->samples, samples);
    return 0;
}

int series_add_run(struct series *series, struct spill *spill, size_t run, double *values, size_t n,
                   double given) {
    struct run_figure figure;
    double numbers[NUMBERS];

    run_figure_of(values, n, &figure);
    if (!isnan(given))
        run_figure_give(&figure, given);
    numbers[RUN] = (double)run;
    numbers[N] = (double)n;
    numbers[MEAN] = figure.mean;
    numbers[LOG] = figure.log;
    numbers[SQUARES] = figure.squares;
    numbers[PRODUCTS] = figure.products;
    numbers[LEAST] = values[0];
    numbers[MOST] = values[n - 1];
    series->n_runs += series->n_blocks == 0 || series->last_run != run;
    series->last_run = run;
    series->n_blocks++;
    return spill_append(spill, &series->summaries, numbers, NUMBERS);
}

/* A run that measures the same case twice says one thing: the mean of both. */
static void join_run(struct series_run *known, const struct series_run *again) {
    double n = (double)known->figure.n, m = (double)again->figure.n;

    known->figure.mean = (n * known->figure.mean + m * again->figure.mean) / (n + m);
    known->figure.log = (n * known->figure.log + m * again->figure.log) / (n + m);
    known->figure.squares += again->figure.squares;
    known->figure.products += again->figure.products;
    known->figure.n += again->figure.n;
    known->least = fmin(known->least, again->least);
    known->most = fmax(known->most, again->most);
}

static struct series_run read_numbers(const double numbers[static NUMBERS]) {
    return (struct series_run){.run = (size_t)numbers[RUN],
                               .figure = {.n = (size_t)numbers[N],
                                          .mean = numbers[MEAN],
                                          .log = numbers[LOG],
                                          .squares = numbers[SQUARES],
                                          .products = numbers[PRODUCTS]},
                               .least = numbers[LEAST],
                               .most = numbers[MOST]};
}

int series_load(struct series *series, const struct spill *spill) {
    struct spill_reader reader;
    double numbers[NUMBERS];
    size_t n = 0;
    int status = spill_reader_init(&reader, spill, &series->summaries);

    series->runs = calloc(series->n_runs + 1, sizeof(*series->runs));
    if (!series->runs)
        status = -ENOMEM;
    for (size_t i = 0; status == 0 && i < series->n_blocks; i++) {
        struct series_run run;

        status = spill_next(&reader, numbers, NUMBERS);
        if (status < 0)
            break;
        run = read_numbers(numbers);
        if (n > 0 && series->runs[n - 1].run == run.run)
            join_run(&series->runs[n - 1], &run);
        else
            series->runs[n++] = run;
    }
    spill_reader_done(&reader);
    return status;
}

void series_unload(struct series *series) {
    free(series->runs);
    series->runs = NULL;
}
