/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The CPUID instruction (Intel SDM vol. 2A, AMD APM vol. 3) and what hypervisors say through it. */
#ifndef VMSUITE_CORE_MACHINE_CPUID_H
#define VMSUITE_CORE_MACHINE_CPUID_H

#include "machine/machine.h"

#define CPUID_HYPERVISOR UINT32_C(0x40000000)
#define CPUID_HYPERVISOR_STEP UINT32_C(0x100) /* further hypervisors answer this much higher */
#define CPUID_HYPERVISOR_END UINT32_C(0x40001000)

/* Executes the instruction; false where the processor has none or not this leaf. */
bool cpuid_execute(void *context, uint32_t leaf, uint32_t subleaf, struct cpuid_registers *ret);

/* Executes Xen's forced emulation (the bytes 0F 0B 78 65 6E before CPUID) in a forked child: elsewhere than
 * in a Xen PV guest it is an undefined instruction, whose SIGILL ends the child. False there. */
bool cpuid_execute_xen(void *context, uint32_t leaf, struct cpuid_registers *ret);

/* Looks it up in a capture's "cpuid" file; `context` is the captured root (const char *). */
bool cpuid_look_up(void *context, uint32_t leaf, uint32_t subleaf, struct cpuid_registers *ret);
bool cpuid_look_up_xen(void *context, uint32_t leaf, struct cpuid_registers *ret);

/* A hypervisor leaf's twelve characters from ebx, ecx, edx; bytes that are no printable ASCII are left out.
 */
#define CPUID_SIGNATURE_SIZE 13
void cpuid_signature(const struct cpuid_registers *registers, char ret_text[static CPUID_SIGNATURE_SIZE]);

/* The name of the hypervisor that signs so ("xen" without its kind), or NULL. Static. */
const char *cpuid_hypervisor_name(const char *signature);

/* Size in bytes of the cache at `level` (data or unified), from leaf 4 (Intel) or 0x8000001D (AMD); 0: not
 * told. */
uint64_t cpuid_cache_bytes(const struct machine_source *source, unsigned level);

#endif
