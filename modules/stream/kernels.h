/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The four loops of STREAM over one thread's slice, and the tables of them. A table is one source compiled
 * for one instruction set. Slices do not overlap, begin at a cache line and are whole cache lines. */
#ifndef VMSUITE_MODULES_STREAM_KERNELS_H
#define VMSUITE_MODULES_STREAM_KERNELS_H

#include <stddef.h>

enum kernel { KERNEL_PORTABLE, KERNEL_STREAMING };
enum isa { ISA_AUTO, ISA_BASELINE, ISA_AVX2, ISA_AVX512 };

#define LINE 8 /* elements of a cache line */

struct kernels {
    const char *isa;
    void (*copy)(double *restrict c, const double *restrict a, size_t n);            /* c = a */
    void (*scale)(double *restrict b, const double *restrict c, double q, size_t n); /* b = q c */
    void (*add)(double *restrict c, const double *restrict a, const double *restrict b,
                size_t n); /* c = a + b */
    void (*triad)(double *restrict a, const double *restrict b, const double *restrict c, double q,
                  size_t n); /* a = b + q c */
};

/* portable.c: plain C; streaming.c: stores that bypass the caches. */
extern const struct kernels portable_baseline, portable_avx2, portable_avx512;
extern const struct kernels streaming_baseline, streaming_avx2, streaming_avx512;

/* The table for this processor, or NULL where it cannot run that. ISA_AUTO is the widest that it has. */
const struct kernels *kernels_choose(enum kernel kernel, enum isa isa);

#endif
