/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "linpack/lu.h"

const struct lu *lu_choose(bool is_double, enum lu_isa isa) {
    bool has_avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");

    if (isa == LU_BASELINE || (isa == LU_AUTO && !has_avx2))
        return is_double ? &lu_double_baseline : &lu_single_baseline;
    if (!has_avx2)
        return NULL;
    return is_double ? &lu_double_avx2 : &lu_single_avx2;
}
