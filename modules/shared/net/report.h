/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Figures and facts to the host. */
#ifndef VMSUITE_MODULES_SHARED_NET_REPORT_H
#define VMSUITE_MODULES_SHARED_NET_REPORT_H

#include <vmsuite/module.h>

struct net_figure {
    unsigned metric;
    double value;
};

/* Reports them in their order, but those that are NaN: they are not known. -EIO with a sentence where the
 * host refuses one. */
int net_report(const struct vms_host *host, const struct net_figure *figures, size_t n,
               struct vms_error *error);

/* Sets a fact to a printf-style text. A fact that the host does not take does not fail the trial. */
void net_fact(const struct vms_host *host, const char *key, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Reports the rates (bit/s) of a stream's intervals as a distribution, `counts[i]` bytes being what came in
 * interval i; nothing where n is 0. -EIO with a sentence. */
#define NET_INTERVALS_MAX 1000
int net_report_intervals(const struct vms_host *host, unsigned metric, const uint64_t *counts, size_t n,
                         uint64_t interval_ns, struct vms_error *error);

/* Processor seconds for 10^9 bytes; NaN where there are none. */
double net_cpu_per_gigabyte(uint64_t cpu_ns, uint64_t bytes);

#endif
