/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a guest's monitor and its host count while the guest runs: read on the machine that the guest is a
 * guest of, which may be one between this host and the guest (guest/appliance/init/relay.c). */
#ifndef VMSUITE_RUNNER_GUEST_EXCHANGE_HOST_COUNTS_H
#define VMSUITE_RUNNER_GUEST_EXCHANGE_HOST_COUNTS_H

#include "record/host_reasons.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* All since some moment of the past. NaN: unknown. */
struct host_counts {
    /* of all threads of the monitor, those that ended included; of Xen's guests: of dom0 */
    double processor_s;
    double guest_s; /* of it, the time in which the guest itself ran; 0 of Xen's guests */
    double busy_s;  /* of all processors of the host together */
    double exits;   /* of all processors of the guest (KVM's debugfs, where it is mounted) */
    /* what a process or a driver of the host had to answer: KVM's exits for ports and registers of devices;
     * events that a domain of Xen sent to its device model and to the drivers in dom0 */
    double device_exits;
    double switches;              /* context switches of the monitor's threads that live */
    double reasons[HOST_REASONS]; /* exits, or events, by their reason (enum host_reason) */
};
#define HOST_COUNTS_TIMES 3 /* of the members: the others are whole numbers */
#define HOST_COUNTS_PLAIN 6
#define HOST_COUNTS (HOST_COUNTS_PLAIN + HOST_REASONS)

/* What KVM calls its counts of exits by reason, in debugfs and in QEMU's query-stats; NULL: it has none for
 * that. */
extern const char *const host_counts_kvm_names[HOST_REASONS];

/* The members in their order, for those who handle them all alike. */
double *host_counts_member(struct host_counts *counts, size_t index);

/* Reads them. `root` is in front of all paths, "" but in tests; `monitor` 0: there is none, as dom0 has none
 * for some domains of Xen. */
void host_counts_read(const char *root, bool is_dom0, pid_t monitor, struct host_counts *ret_counts);

/* Whether the process is a monitor (QEMU, Xen's too) rather than a program that talks to one. */
bool host_counts_is_monitor(const char *root, pid_t pid);

/* The first monitor that runs; 0: none. */
pid_t host_counts_find_monitor(const char *root);

/* A line with all of them, as a machine between this host and the guest says it on its console, and back. */
#define HOST_COUNTS_LINE "vmsuite-host: counted "
#define HOST_COUNTS_LINE_SIZE 400
void host_counts_format(struct host_counts *counts, char ret_line[static HOST_COUNTS_LINE_SIZE]);
bool host_counts_parse(const char *line, struct host_counts *ret_counts);

#endif
