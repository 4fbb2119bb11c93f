/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The instructions that a guest's processor may not finish by itself; one file for each kind of processor,
 * chosen when it is built. */
#ifndef VMSUITE_MODULES_EXITS_MACHINE_H
#define VMSUITE_MODULES_EXITS_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <vmsuite/module.h>

enum machine_instruction {
    MACHINE_CPUID,            /* leaf 0 */
    MACHINE_CPUID_HYPERVISOR, /* leaf 0x40000000 */
    MACHINE_COUNTER,          /* rdtsc, cntvct_el0 */
    MACHINE_RDTSCP,
    MACHINE_HYPERCALL,
    MACHINE_PORT_61,
    MACHINE_PORT_80,
    MACHINE_PORT_ED
};

/* Whether this processor has it: 0, or -ENOTSUP with a sentence. That does not say whether it may be used. */
int machine_has(enum machine_instruction instruction, struct vms_error *error);

/* Executes it n times. -EBADMSG with a sentence: it changed its answer (a counter: it ran backwards). */
int machine_repeat(enum machine_instruction instruction, size_t n, struct vms_error *error);

/* What the instruction of a hypercall is called here. */
const char *machine_hypercall_name(void);

/* Lets the calling thread use an I/O port, or no longer. 0 or -errno; -ENOSYS: there is no such thing
 * here. */
int machine_permit_port(uint16_t port, bool permit);

#endif
