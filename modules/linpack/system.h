/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Systems A x = b: how they are made, and how a solution is judged. */
#ifndef VMSUITE_MODULES_LINPACK_SYSTEM_H
#define VMSUITE_MODULES_LINPACK_SYSTEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The limit of the normalised residual: that of HPL (A. Petitet, R. C. Whaley, J. Dongarra, A. Cleary: HPL,
 * a portable implementation of the High-Performance Linpack benchmark, "threshold 16.0").
 */
#define SYSTEM_RESIDUAL_LIMIT 16.0

/*
 * Fills the n x n matrix and the right-hand side with numbers uniform in [-1/2, 1/2), by columns, the side
 * last: HPL's kind of matrix, from the generator that HPL uses, x' = 6364136223846793005 x + 1 modulo 2^64
 * (D. E. Knuth, The Art of Computer Programming, volume 2, section 3.3.4, table 1, line 26), of which the
 * high bits are taken. (The generator of the original LINPACK driver repeats itself after 16,384 numbers, so
 * that its matrices of order 256 are singular.)
 */
void system_generate(uint64_t seed, size_t n, bool is_double, void *matrix, void *side);

/*
 * The normalised residual ||A x - b|| / (||A|| ||x|| n eps) in infinity norms, where eps is the unit roundoff
 * of the precision, 2^-24 or 2^-53; worked out in double precision. `row` is room for n numbers. NaN where
 * anything is not a number.
 */
double system_residual(size_t n, bool is_double, const void *matrix, const void *side, const void *solution,
                       double *row);

#endif
