/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cpu/machine.h"

bool machine_cpuid(uint32_t *ret_vendor) {
    (void)ret_vendor;
    return false;
}

bool machine_counter(uint64_t *ret_counter) {
    (void)ret_counter;
    return false;
}

const uint8_t *machine_exit_code(size_t *ret_length, uint16_t *ret_machine) {
    (void)ret_length;
    (void)ret_machine;
    return NULL;
}
