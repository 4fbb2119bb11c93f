/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Compiled once for each precision and instruction set: REAL is the number, TABLE the table's name, ISA says
 * what it was compiled for. */
#include "linpack/lu.h"

typedef REAL real;

static real magnitude(real value) {
    return value < 0 ? -value : value;
}

/* y += factor x */
static inline void add_multiple(size_t n, real factor, const real *restrict x, real *restrict y) {
    for (size_t i = 0; i < n; i++)
        y[i] += factor * x[i];
}

/* The row, from `first` on, whose element of this column is the largest. */
static size_t find_pivot(const real *column, size_t first, size_t n) {
    size_t pivot = first;
    real largest = magnitude(column[first]);

    for (size_t i = first + 1; i < n; i++) {
        real size = magnitude(column[i]);

        if (size > largest) {
            largest = size;
            pivot = i;
        }
    }
    return pivot;
}

static real swap(real *column, size_t i, size_t k) {
    real value = column[i];

    column[i] = column[k];
    column[k] = value;
    return value;
}

static int step(void *matrix, size_t n, size_t k, int *pivots) {
    real *a = matrix, *column = a + k * n;
    size_t pivot = find_pivot(column, k, n), below = n - k - 1;
    real factor;

    pivots[k] = (int)pivot;
    if (!(magnitude(column[pivot]) > 0))
        return -1;
    factor = -1 / swap(column, pivot, k);
    for (size_t i = k + 1; i < n; i++)
        column[i] *= factor;
    for (size_t j = k + 1; j < n; j++) {
        real *other = a + j * n;

        add_multiple(below, swap(other, pivot, k), column + k + 1, other + k + 1);
    }
    return 0;
}

static void solve(const void *matrix, size_t n, const int *pivots, void *side) {
    const real *a = matrix;
    real *b = side;

    for (size_t k = 0; k < n; k++)
        add_multiple(n - k - 1, swap(b, (size_t)pivots[k], k), a + k * n + k + 1, b + k + 1);
    for (size_t k = n; k-- > 0;) {
        b[k] /= a[k * n + k];
        add_multiple(k, -b[k], a + k * n, b);
    }
}

const struct lu TABLE = {.isa = ISA, .step = step, .solve = solve};
