/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The instruction itself, on x86-64. */
#include "source/cpuid.h"

#include "base/cleanup.h"

#include <cpuid.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

bool cpuid_execute(void *context, uint32_t leaf, uint32_t subleaf, struct cpuid_registers *ret) {
    (void)context;
    /* The hypervisors' leaves lie outside both ranges whose ends the processor reports. */
    if ((leaf < CPUID_HYPERVISOR || leaf >= 0x80000000) &&
        (uint32_t)__get_cpuid_max(leaf & 0x80000000, NULL) < leaf)
        return false;
    __cpuid_count(leaf, subleaf, ret->eax, ret->ebx, ret->ecx, ret->edx);
    return true;
}

static _Noreturn void give_up(int number) {
    (void)number;
    _exit(1);
}

static _Noreturn void execute_in_child(int fd, uint32_t leaf) {
    struct sigaction action = {.sa_handler = give_up};
    struct cpuid_registers r = {.eax = leaf};

    if (sigaction(SIGILL, &action, NULL) < 0)
        _exit(1);
    __asm__ volatile(".byte 0x0f, 0x0b, 0x78, 0x65, 0x6e, 0x0f, 0xa2"
                     : "+a"(r.eax), "=b"(r.ebx), "+c"(r.ecx), "=d"(r.edx));
    _exit(write(fd, &r, sizeof(r)) != sizeof(r));
}

bool cpuid_execute_xen(void *context, uint32_t leaf, struct cpuid_registers *ret) {
    cleanup_close int reader = -1;
    struct cpuid_registers r;
    int ends[2], wait_status = -1;
    ssize_t got;
    pid_t child;

    (void)context;
    if (pipe2(ends, O_CLOEXEC) < 0)
        return false;
    reader = ends[0];
    child = fork();
    if (child == 0)
        execute_in_child(ends[1], leaf);
    (void)close(ends[1]);
    if (child < 0)
        return false;
    do
        got = read(reader, &r, sizeof(r));
    while (got < 0 && errno == EINTR);
    while (waitpid(child, &wait_status, 0) < 0 && errno == EINTR)
        continue;
    if (got != sizeof(r) || wait_status != 0)
        return false;
    *ret = r;
    return true;
}
