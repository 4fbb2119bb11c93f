/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which processors the threads of a guest's monitor run on, and what else is seen of the monitor itself,
 * whatever it was asked to be. */
#ifndef VMSUITE_RUNNER_GUEST_BOOT_BOOT_SEEN_H
#define VMSUITE_RUNNER_GUEST_BOOT_BOOT_SEEN_H

#include "guest/boot/qmp.h"

#include <sys/types.h>

/* Puts each of the guest's processors on one of the list ("0-3,8"), in turn, and the monitor's other threads,
 * with those that they will start, on any of it. The monitor is the process `pid`, of whose threads QEMU says
 * which are the guest's processors. -errno with a sentence. */
int boot_pin(struct qmp *qmp, pid_t pid, const char *list, struct vms_error *error);

/* What is seen, as the record has it in "guest.seen": "vcpus", what each processor of the guest may run on;
 * "threads", what the monitor's main thread may; "disk_format", "disk_cache", "vhost". Null: it is not known,
 * or there is no such disk. NULL without memory. */
json_t *boot_seen(struct qmp *qmp, pid_t pid);

#endif
