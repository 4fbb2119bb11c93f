/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Figures and facts to the host. */
#ifndef VMSUITE_MODULES_SHARED_NET_REPORT_H
#define VMSUITE_MODULES_SHARED_NET_REPORT_H

#include <vmsuite/module.h>

struct net_figure {
    unsigned metric;
    double value;
};

/* Reports them in their order. -EIO with a sentence where the host refuses one. */
int net_report(const struct vms_host *host, const struct net_figure *figures, size_t n,
               struct vms_error *error);

/* Sets a fact to a printf-style text. A fact that finds no room is not worth a failed trial. */
void net_fact(const struct vms_host *host, const char *key, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Rates from what came in each interval of a stream: `counts[i]` bytes in interval i. */
#define NET_INTERVALS_MAX 1000
int net_report_intervals(const struct vms_host *host, unsigned metric, const uint64_t *counts, size_t n,
                         uint64_t interval_ns, struct vms_error *error);

/* Processor seconds for 10^9 bytes. */
double net_cpu_per_gigabyte(uint64_t cpu_ns, uint64_t bytes);

#endif
