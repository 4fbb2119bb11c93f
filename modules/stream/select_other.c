/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stream/kernels.h"

const struct kernels *kernels_choose(enum kernel kernel, enum isa isa) {
    return kernel == KERNEL_PORTABLE && (isa == ISA_AUTO || isa == ISA_BASELINE) ? &portable_baseline : NULL;
}
