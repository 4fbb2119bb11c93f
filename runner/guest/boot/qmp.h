/* SPDX-License-Identifier: GPL-3.0-or-later */
/* QEMU's monitor for programs (docs/interop/qmp-intro.txt in QEMU's sources): one command after the other,
 * over a socket in the boot's own folder. */
#ifndef VMSUITE_RUNNER_GUEST_BOOT_QMP_H
#define VMSUITE_RUNNER_GUEST_BOOT_QMP_H

#include "guest/exchange/host_counts.h"

#include <jansson.h>
#include <stdio.h>
#include <vmsuite/module.h>

struct qmp {
    FILE *stream; /* NULL: there is none */
};

/* Connects, and waits for QEMU's greeting. */
int qmp_open(const char *path, struct qmp *ret_qmp, struct vms_error *error);

/* Accepts one that is not open. */
void qmp_close(struct qmp *qmp);

/* Asks, and waits for the answer; what QEMU says in between of its own accord is passed over. `arguments` is
 * taken over; NULL: none. The answer is the caller's; NULL where it is not wanted. -EIO: QEMU refused, or has
 * gone, or did not answer within two seconds (then the monitor is closed). */
int qmp_ask(struct qmp *qmp, const char *command, json_t *arguments, json_t **ret_answer,
            struct vms_error *error);

/* Adds what KVM counts of all processors of the guest together (query-stats): exits, those that are for
 * devices, and those of each reason. What it does not say stays as it is: all without KVM, or before QEMU
 * 7.1. */
void qmp_count_exits(struct qmp *qmp, struct host_counts *counts);

#endif
