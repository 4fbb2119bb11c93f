/* SPDX-License-Identifier: GPL-3.0-or-later */
/* STNP, the pair of registers that is not to be cached (Arm Architecture Reference Manual, C3.2.4). */
#ifndef VMSUITE_MODULES_STREAM_STORE_NEON_H
#define VMSUITE_MODULES_STREAM_STORE_NEON_H

#include <arm_neon.h>

typedef float64x2_t vector;

static inline void store_line(double *to, const vector *line) {
    __asm__ volatile("stnp %q1, %q2, [%0]\n\t"
                     "stnp %q3, %q4, [%0, #32]"
                     :
                     : "r"(to), "w"(line[0]), "w"(line[1]), "w"(line[2]), "w"(line[3])
                     : "memory");
}

/* All stores are to be done when the clock is read. */
static inline void store_fence(void) {
    __asm__ volatile("dmb ishst" ::: "memory");
}

#endif
