/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What only some kinds of processor have; one file each, chosen when it is built. */
#ifndef VMSUITE_MODULES_CPU_MACHINE_H
#define VMSUITE_MODULES_CPU_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The vendor that CPUID leaf 0 gives, folded into one number; an instruction that a hardware guest can never
 * execute by itself. false where the processor has none. */
bool machine_cpuid(uint32_t *ret_vendor);

/* The processor's own counter (rdtsc, cntvct_el0). false where there is none. */
bool machine_counter(uint64_t *ret_counter);

/* The instructions of exit_group(0), their length and the ELF machine number; NULL where they are unknown.
 * Static. */
const uint8_t *machine_exit_code(size_t *ret_length, uint16_t *ret_machine);

#endif
