/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "exits/machine.h"

#include "shared/case/report.h"

#include <cpuid.h>
#include <errno.h>
#include <string.h>
#include <sys/io.h>
#include <x86intrin.h>

#define HYPERVISOR_LEAF 0x40000000U
#define RDTSCP_BIT (1U << 27) /* of leaf 0x80000001, edx */
#define NO_SUCH_CALL 0xffffffffUL

static uint32_t ask(uint32_t leaf) {
    uint32_t eax, ebx, ecx, edx;

    __cpuid_count(leaf, 0, eax, ebx, ecx, edx);
    return eax ^ ebx ^ ecx ^ edx;
}

/* AMD's processors, and those made after them, have VMMCALL, others VMCALL: each traps the other's as
 * undefined. */
static bool has_vmmcall(void) {
    uint32_t eax, name[3];

    __cpuid(0, eax, name[0], name[2], name[1]);
    return memcmp(name, "AuthenticAMD", sizeof(name)) == 0 || memcmp(name, "HygonGenuine", sizeof(name)) == 0;
}

const char *machine_hypercall_name(void) {
    return has_vmmcall() ? "vmmcall" : "vmcall";
}

/* A number that no hypervisor has a call for: refused wherever it arrives, from user mode anyway. */
static uint64_t call(bool amd) {
    uint64_t answer = NO_SUCH_CALL;

    if (amd)
        __asm__ volatile("vmmcall"
                         : "+a"(answer)
                         : "b"(0UL), "c"(0UL), "d"(0UL), "S"(0UL), "D"(0UL)
                         : "memory");
    else
        __asm__ volatile("vmcall"
                         : "+a"(answer)
                         : "b"(0UL), "c"(0UL), "d"(0UL), "S"(0UL), "D"(0UL)
                         : "memory");
    return answer;
}

int machine_has(enum machine_instruction instruction, struct vms_error *error) {
    uint32_t eax, ebx, ecx, edx = 0;

    if (instruction != MACHINE_RDTSCP)
        return 0;
    if (__get_cpuid(0x80000001U, &eax, &ebx, &ecx, &edx) && (edx & RDTSCP_BIT))
        return 0;
    return report_error(error, -ENOTSUP, "this processor has no RDTSCP");
}

static int check_counter(uint64_t first, uint64_t last, struct vms_error *error) {
    return last < first ? report_error(error, -EBADMSG, "verification failed: the counter ran backwards") : 0;
}

static int repeat_counter(size_t n, struct vms_error *error) {
    uint64_t first = __rdtsc(), last = first;

    for (size_t i = 0; i < n; i++)
        last = __rdtsc();
    return check_counter(first, last, error);
}

static int repeat_rdtscp(size_t n, struct vms_error *error) {
    unsigned processor;
    uint64_t first = __rdtsc(), last = first;

    for (size_t i = 0; i < n; i++)
        last = __rdtscp(&processor);
    return check_counter(first, last, error);
}

/* What is read there may change, so only that it was read is known. */
static int repeat_port(uint16_t port, size_t n) {
    for (size_t i = 0; i < n; i++)
        (void)inb(port);
    return 0;
}

static int repeat_cpuid(uint32_t leaf, size_t n, struct vms_error *error) {
    uint32_t first = 0, wrong = 0;

    for (size_t i = 0; i < n; i++) {
        uint32_t answer = ask(leaf);

        first = i == 0 ? answer : first;
        wrong |= answer ^ first;
    }
    return wrong ? report_error(error, -EBADMSG, "verification failed: cpuid changed its answer") : 0;
}

static int repeat_call(size_t n, struct vms_error *error) {
    bool amd = has_vmmcall();
    uint64_t first = 0, wrong = 0;

    for (size_t i = 0; i < n; i++) {
        uint64_t answer = call(amd);

        first = i == 0 ? answer : first;
        wrong |= answer ^ first;
    }
    return wrong ? report_error(error, -EBADMSG, "verification failed: the hypercall changed its answer") : 0;
}

int machine_repeat(enum machine_instruction instruction, size_t n, struct vms_error *error) {
    switch (instruction) {
    case MACHINE_CPUID:
        return repeat_cpuid(0, n, error);
    case MACHINE_CPUID_HYPERVISOR:
        return repeat_cpuid(HYPERVISOR_LEAF, n, error);
    case MACHINE_COUNTER:
        return repeat_counter(n, error);
    case MACHINE_RDTSCP:
        return repeat_rdtscp(n, error);
    case MACHINE_HYPERCALL:
        return repeat_call(n, error);
    case MACHINE_PORT_61:
        return repeat_port(0x61, n);
    case MACHINE_PORT_80:
        return repeat_port(0x80, n);
    case MACHINE_PORT_ED:
        return repeat_port(0xed, n);
    }
    return report_error(error, -EINVAL, "no such instruction");
}

int machine_permit_port(uint16_t port, bool permit) {
    return ioperm(port, 1, permit) < 0 ? -errno : 0;
}
