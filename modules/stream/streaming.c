/* SPDX-License-Identifier: GPL-3.0-or-later */
/* STREAM's loops with stores that bypass the caches: a line that is overwritten is not read first. Compiled
 * once for each instruction set; STORE_HEADER has the vector, its load and the store of a whole line. */
#include "stream/kernels.h"

#include STORE_HEADER

#define VECTORS (LINE * sizeof(double) / sizeof(vector)) /* of a cache line */

static const vector *vectors(const double *line) {
    return (const vector *)(const void *)line;
}

static void copy(double *restrict c, const double *restrict a, size_t n) {
    for (size_t i = 0; i < n; i += LINE) {
        vector line[VECTORS];

        for (size_t k = 0; k < VECTORS; k++)
            line[k] = vectors(a + i)[k];
        store_line(c + i, line);
    }
    store_fence();
}

static void scale(double *restrict b, const double *restrict c, double q, size_t n) {
    for (size_t i = 0; i < n; i += LINE) {
        vector line[VECTORS];

        for (size_t k = 0; k < VECTORS; k++)
            line[k] = q * vectors(c + i)[k];
        store_line(b + i, line);
    }
    store_fence();
}

static void add(double *restrict c, const double *restrict a, const double *restrict b, size_t n) {
    for (size_t i = 0; i < n; i += LINE) {
        vector line[VECTORS];

        for (size_t k = 0; k < VECTORS; k++)
            line[k] = vectors(a + i)[k] + vectors(b + i)[k];
        store_line(c + i, line);
    }
    store_fence();
}

static void triad(double *restrict a, const double *restrict b, const double *restrict c, double q,
                  size_t n) {
    for (size_t i = 0; i < n; i += LINE) {
        vector line[VECTORS];

        for (size_t k = 0; k < VECTORS; k++)
            line[k] = vectors(b + i)[k] + q * vectors(c + i)[k];
        store_line(a + i, line);
    }
    store_fence();
}

const struct kernels KERNELS = {.isa = ISA, .copy = copy, .scale = scale, .add = add, .triad = triad};
