/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "benchmark/plain_loops.h"

#define Q 3.0

double *restrict plain_a, *restrict plain_b, *restrict plain_c;

static void copy(long n) {
#pragma omp parallel for
    for (long i = 0; i < n; i++)
        plain_c[i] = plain_a[i];
}

static void scale(long n) {
#pragma omp parallel for
    for (long i = 0; i < n; i++)
        plain_b[i] = Q * plain_c[i];
}

static void add(long n) {
#pragma omp parallel for
    for (long i = 0; i < n; i++)
        plain_c[i] = plain_a[i] + plain_b[i];
}

static void triad(long n) {
#pragma omp parallel for
    for (long i = 0; i < n; i++)
        plain_a[i] = plain_b[i] + Q * plain_c[i];
}

void plain_run(int operation, long n) {
    static void (*const loops[PLAIN_OPERATIONS])(long) = {copy, scale, add, triad};

    loops[operation](n);
}
