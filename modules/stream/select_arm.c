/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stream/kernels.h"

const struct kernels *kernels_choose(enum kernel kernel, enum isa isa) {
    if (isa != ISA_AUTO && isa != ISA_BASELINE)
        return NULL;
    return kernel == KERNEL_PORTABLE ? &portable_baseline : &streaming_baseline;
}
