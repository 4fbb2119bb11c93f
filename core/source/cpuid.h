/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The CPUID instruction (Intel SDM vol. 2A, AMD APM vol. 3) and what hypervisors say through it. */
#ifndef VMSUITE_CORE_SOURCE_CPUID_H
#define VMSUITE_CORE_SOURCE_CPUID_H

#include "source/source.h"

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

/* What the hypervisor whose leaves begin at `base` signs with: twelve characters from ebx, ecx and edx
 * without the NULs at their end, and its last leaf. False where nobody signs there: the processor gives the
 * answer of CPUID_NOBODY, or bytes that are no text. */
#define CPUID_SIGNATURE_SIZE 13
#define CPUID_NOBODY UINT32_C(0x4fffff00) /* a leaf that no hypervisor has */
bool cpuid_signature(const struct machine_source *source, uint32_t base,
                     char ret_text[static CPUID_SIGNATURE_SIZE], uint32_t *ret_last);

/* The same of registers that are there already, without the comparison. */
bool cpuid_text(const struct cpuid_registers *registers, char ret_text[static CPUID_SIGNATURE_SIZE]);

/* A leaf together with the number of the processor that answered, as the kernel counts. False: unknown, since
 * this thread was moved again and again, or the capture does not say. */
bool cpuid_of_processor(const struct machine_source *source, uint32_t leaf, struct cpuid_registers *ret,
                        int64_t *ret_processor);

/* The processor's name, of leaves 0x80000002 to 0x80000004, without blanks around it. False: it has none. */
#define CPUID_BRAND_SIZE 49
bool cpuid_brand(const struct machine_source *source, char ret_brand[static CPUID_BRAND_SIZE]);

/* Size in bytes of the cache at `level` (data or unified), from leaf 4 (Intel) or 0x8000001D (AMD); 0: not
 * reported. */
uint64_t cpuid_cache_bytes(const struct machine_source *source, unsigned level);

#endif
