/* SPDX-License-Identifier: GPL-3.0-or-later */
/* STREAM's loops as plain C, for the compiler to make of them what it makes of STREAM (gcc and clang turn
 * Copy into memcpy). Compiled once for each instruction set; KERNELS names the table, ISA says which. */
#include "stream/kernels.h"

static void copy(double *restrict c, const double *restrict a, size_t n) {
    for (size_t i = 0; i < n; i++)
        c[i] = a[i];
}

static void scale(double *restrict b, const double *restrict c, double q, size_t n) {
    for (size_t i = 0; i < n; i++)
        b[i] = q * c[i];
}

static void add(double *restrict c, const double *restrict a, const double *restrict b, size_t n) {
    for (size_t i = 0; i < n; i++)
        c[i] = a[i] + b[i];
}

static void triad(double *restrict a, const double *restrict b, const double *restrict c, double q,
                  size_t n) {
    for (size_t i = 0; i < n; i++)
        a[i] = b[i] + q * c[i];
}

const struct kernels KERNELS = {.isa = ISA, .copy = copy, .scale = scale, .add = add, .triad = triad};
