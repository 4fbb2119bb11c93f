/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Why a guest left its processor to its host, as far as hosts count that by reason: facts of a guest's trials
 * that its host adds, each a number of times. */
#ifndef VMSUITE_RESULTS_RECORD_HOST_REASONS_H
#define VMSUITE_RESULTS_RECORD_HOST_REASONS_H

enum host_reason {
    /* Exits of KVM's guests, which are parts of host_exits. */
    HOST_REASON_PORT,
    HOST_REASON_MMIO,
    HOST_REASON_HALT,
    HOST_REASON_INTERRUPT,
    HOST_REASON_WINDOW,
    HOST_REASON_PAGE_FAULT,
    HOST_REASON_HYPERCALL,
    /* Events of Xen's guests that reached dom0, which are parts of host_device_exits. */
    HOST_REASON_DEVICE_MODEL,
    HOST_REASON_DISK,
    HOST_REASON_NETWORK,
};
#define HOST_REASONS 10

struct host_reason_row {
    const char *fact;  /* "host_exits_port" */
    const char *words; /* for people, after a number of them in a second: "for I/O ports" */
};
extern const struct host_reason_row host_reasons[HOST_REASONS];

#endif
