/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The four loops of STREAM over one thread's slice. Each table is the same source compiled for another
 * instruction set. Slices do not overlap. */
#ifndef VMSUITE_STREAM_KERNELS_H
#define VMSUITE_STREAM_KERNELS_H

#include <stddef.h>

struct kernels {
    const char *isa;
    void (*copy)(double *restrict c, const double *restrict a, size_t n);            /* c = a */
    void (*scale)(double *restrict b, const double *restrict c, double q, size_t n); /* b = q c */
    void (*add)(double *restrict c, const double *restrict a, const double *restrict b,
                size_t n); /* c = a + b */
    void (*triad)(double *restrict a, const double *restrict b, const double *restrict c, double q,
                  size_t n); /* a = b + q c */
};

extern const struct kernels kernels_baseline; /* what every processor of this architecture has */
extern const struct kernels kernels_avx2;     /* x86 only */

/* The widest of those above that this processor can run. */
const struct kernels *kernels_best(void);

#endif
