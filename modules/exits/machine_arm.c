/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "exits/machine.h"

#include "shared/case/report.h"

#include <errno.h>

int machine_has(enum machine_instruction instruction, struct vms_error *error) {
    return instruction == MACHINE_COUNTER
               ? 0
               : report_error(error, -ENOTSUP, "this processor has no such instruction for user mode");
}

const char *machine_hypercall_name(void) {
    return "none";
}

static uint64_t read_counter(void) {
    uint64_t counter;

    __asm__ volatile("mrs %0, cntvct_el0" : "=r"(counter));
    return counter;
}

int machine_repeat(enum machine_instruction instruction, size_t n, struct vms_error *error) {
    uint64_t first, last;

    if (instruction != MACHINE_COUNTER)
        return machine_has(instruction, error);
    first = last = read_counter();
    for (size_t i = 0; i < n; i++)
        last = read_counter();
    return last < first ? report_error(error, -EBADMSG, "verification failed: the counter ran backwards") : 0;
}

int machine_permit_port(uint16_t port, bool permit) {
    (void)port;
    (void)permit;
    return -ENOSYS;
}
