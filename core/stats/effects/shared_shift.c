/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/effects/shared_shift.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#define DF_LEAST 1.05 /* below it, independent rows look as if they moved in step */

int shared_shift_init(struct shared_shift *shared, size_t size) {
    *shared = (struct shared_shift){.size = size, .products = calloc(size * size + 1, sizeof(double))};
    return shared->products ? 0 : -ENOMEM;
}

void shared_shift_done(struct shared_shift *shared) {
    free(shared->products);
    shared->products = NULL;
}

void shared_shift_add(struct shared_shift *shared, double *deviations) {
    double length = 0;

    for (size_t i = 0; i < shared->size; i++)
        length += deviations[i] * deviations[i];
    if (!(length > 0))
        return;
    for (size_t i = 0; i < shared->size; i++)
        for (size_t j = 0; j < shared->size; j++)
            shared->products[i * shared->size + j] += deviations[i] * deviations[j] / length;
    shared->n_rows++;
}

double shared_shift_rows(const struct shared_shift *shared, double df) {
    double n = (double)shared->n_rows, squares = 0, cosine, by_chance = 1 / df, share = 1;

    if (shared->n_rows < 2)
        return 1;
    for (size_t i = 0; i < shared->size * shared->size; i++)
        squares += shared->products[i] * shared->products[i];
    cosine = (squares / n - 1) / (n - 1); /* over pairs of different rows */
    if (df > DF_LEAST)
        share = fmin(1, fmax(0, (cosine - by_chance) / (1 - by_chance)) + by_chance * by_chance);
    return n / (1 + (n - 1) * share);
}
