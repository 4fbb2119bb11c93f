/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lu.h"

const struct lu *lu_best(int is_double) {
    return is_double ? &lu_double_baseline : &lu_single_baseline;
}
