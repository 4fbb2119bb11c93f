/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "linpack/system.h"

#include <math.h>

static double next_number(uint64_t *state) {
    *state = *state * UINT64_C(6364136223846793005) + 1;
    return (double)(*state >> 11) * 0x1p-53 - 0.5;
}

static double get(bool is_double, const void *numbers, size_t i) {
    return is_double ? ((const double *)numbers)[i] : (double)((const float *)numbers)[i];
}

static void set(bool is_double, void *numbers, size_t i, double value) {
    if (is_double)
        ((double *)numbers)[i] = value;
    else
        ((float *)numbers)[i] = (float)value;
}

void system_generate(uint64_t seed, size_t n, bool is_double, void *matrix, void *side) {
    uint64_t state = seed;

    for (size_t i = 0; i < n * n; i++)
        set(is_double, matrix, i, next_number(&state));
    for (size_t i = 0; i < n; i++)
        set(is_double, side, i, next_number(&state));
}

/* The largest magnitude, NaN where there is one: fmax would pass over it. */
static double larger(double largest, double value) {
    return isnan(largest) || fabs(value) <= largest ? largest : fabs(value);
}

static double norm_of_matrix(size_t n, bool is_double, const void *matrix, double *row) {
    double norm = 0;

    for (size_t i = 0; i < n; i++)
        row[i] = 0;
    for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < n; i++)
            row[i] += fabs(get(is_double, matrix, j * n + i));
    for (size_t i = 0; i < n; i++)
        norm = larger(norm, row[i]);
    return norm;
}

double system_residual(size_t n, bool is_double, const void *matrix, const void *side, const void *solution,
                       double *row) {
    double norm_a = norm_of_matrix(n, is_double, matrix, row), norm_x = 0, norm_r = 0;

    for (size_t i = 0; i < n; i++)
        row[i] = -get(is_double, side, i);
    for (size_t j = 0; j < n; j++) {
        double x = get(is_double, solution, j);

        norm_x = larger(norm_x, x);
        for (size_t i = 0; i < n; i++)
            row[i] += get(is_double, matrix, j * n + i) * x;
    }
    for (size_t i = 0; i < n; i++)
        norm_r = larger(norm_r, row[i]);
    return norm_r / (norm_a * norm_x * (double)n * (is_double ? 0x1p-53 : 0x1p-24));
}
