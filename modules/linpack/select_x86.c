/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lu.h"

const struct lu *lu_best(int is_double) {
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        return is_double ? &lu_double_avx2 : &lu_single_avx2;
    return is_double ? &lu_double_baseline : &lu_single_baseline;
}
