/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "kernels.h"

const struct kernels *kernels_best(void) {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? &kernels_avx2
                                                                           : &kernels_baseline;
}
