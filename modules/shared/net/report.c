/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "shared/net/report.h"

#include "shared/net/error.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

int net_report(const struct vms_host *host, const struct net_figure *figures, size_t n,
               struct vms_error *error) {
    for (size_t i = 0; i < n; i++)
        if (!isnan(figures[i].value) && host->sample(host->context, figures[i].metric, figures[i].value) < 0)
            return report_error(error, -EIO, "the host refused figure %u (%g)", figures[i].metric,
                                figures[i].value);
    return 0;
}

void net_fact(const struct vms_host *host, const char *key, const char *format, ...) {
    char text[256];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    (void)host->fact(host->context, key, text);
}

int net_report_intervals(const struct vms_host *host, unsigned metric, const uint64_t *counts, size_t n,
                         uint64_t interval_ns, struct vms_error *error) {
    double rates[NET_INTERVALS_MAX];

    if (n == 0)
        return 0;
    for (size_t i = 0; i < n; i++)
        rates[i] = 8e9 * (double)counts[i] / (double)interval_ns;
    if (host->distribution(host->context, metric, rates, n) < 0)
        return report_error(error, -EIO, "the host refused the intervals' rates");
    return 0;
}

double net_cpu_per_gigabyte(uint64_t cpu_ns, uint64_t bytes) {
    return bytes > 0 ? (double)cpu_ns / (double)bytes : (double)NAN;
}
