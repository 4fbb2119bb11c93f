/* SPDX-License-Identifier: GPL-3.0-or-later */
/* MOVNTPD and its wider kin. VECTOR and STORE come from the build: __m256d and _mm256_stream_pd. */
#ifndef VMSUITE_MODULES_STREAM_STORE_X86_H
#define VMSUITE_MODULES_STREAM_STORE_X86_H

#include <immintrin.h>

typedef VECTOR vector;

static inline void store_line(double *to, const vector *line) {
    for (size_t k = 0; k < LINE * sizeof(double) / sizeof(vector); k++)
        STORE(to + k * (sizeof(vector) / sizeof(double)), line[k]);
}

/* Such stores are not ordered among others; all of them are to be done when the clock is read. */
static inline void store_fence(void) {
    _mm_sfence();
}

#endif
