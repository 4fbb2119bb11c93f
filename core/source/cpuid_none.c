/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Processors without CPUID. */
#include "source/cpuid.h"

bool cpuid_execute(void *context, uint32_t leaf, uint32_t subleaf, struct cpuid_registers *ret) {
    (void)context;
    (void)leaf;
    (void)subleaf;
    (void)ret;
    return false;
}

bool cpuid_execute_xen(void *context, uint32_t leaf, struct cpuid_registers *ret) {
    (void)context;
    (void)leaf;
    (void)ret;
    return false;
}
