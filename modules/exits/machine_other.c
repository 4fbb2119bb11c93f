/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "exits/machine.h"

#include "shared/case/report.h"

#include <errno.h>

int machine_has(enum machine_instruction instruction, struct vms_error *error) {
    (void)instruction;
    return report_error(error, -ENOTSUP, "this is not implemented for this kind of processor");
}

const char *machine_hypercall_name(void) {
    return "none";
}

int machine_repeat(enum machine_instruction instruction, size_t n, struct vms_error *error) {
    (void)n;
    return machine_has(instruction, error);
}

int machine_permit_port(uint16_t port, bool permit) {
    (void)port;
    (void)permit;
    return -ENOSYS;
}
