/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "linpack/lu.h"

const struct lu *lu_choose(bool is_double, enum lu_isa isa) {
    if (isa == LU_AVX2)
        return NULL;
    return is_double ? &lu_double_baseline : &lu_single_baseline;
}
