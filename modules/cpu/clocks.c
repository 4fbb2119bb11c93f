/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What reading each clock costs. */
#include "cpu/machine.h"
#include "cpu/probe.h"
#include "shared/case/report.h"

#include <errno.h>
#include <time.h>

static clockid_t clock_of(unsigned metric) {
    switch (metric) {
    case METRIC_CLOCK_REALTIME:
        return CLOCK_REALTIME;
    case METRIC_CLOCK_RAW:
        return CLOCK_MONOTONIC_RAW;
    case METRIC_CLOCK_BOOT:
        return CLOCK_BOOTTIME;
    case METRIC_CLOCK_COARSE:
        return CLOCK_MONOTONIC_COARSE;
    case METRIC_CLOCK_THREAD:
        return CLOCK_THREAD_CPUTIME_ID;
    default:
        return CLOCK_MONOTONIC;
    }
}

static int read_clock(struct bench *bench, size_t n, struct vms_error *error) {
    clockid_t clock = clock_of(bench->metric);
    struct timespec time = {0, 0};
    int failed = 0;

    for (size_t i = 0; i < n; i++)
        failed |= clock_gettime(clock, &time);
    if (failed || (time.tv_sec == 0 && time.tv_nsec == 0))
        return report_error(error, -EBADMSG, "verification failed: clock_gettime gave no time");
    return 0;
}

static int read_counter(struct bench *bench, size_t n, struct vms_error *error) {
    uint64_t first = 0, counter = 0;

    (void)bench;
    (void)machine_counter(&first);
    for (size_t i = 0; i < n; i++)
        (void)machine_counter(&counter);
    return counter < first ? report_error(error, -EBADMSG, "verification failed: the counter ran backwards")
                           : 0;
}

const struct probe probe_clock_monotonic = {
    .metric = METRIC_CLOCK_MONOTONIC, .per_operation = 1, .run = read_clock};
const struct probe probe_clock_realtime = {
    .metric = METRIC_CLOCK_REALTIME, .per_operation = 1, .run = read_clock};
const struct probe probe_clock_raw = {.metric = METRIC_CLOCK_RAW, .per_operation = 1, .run = read_clock};
const struct probe probe_clock_boot = {.metric = METRIC_CLOCK_BOOT, .per_operation = 1, .run = read_clock};
const struct probe probe_clock_coarse = {
    .metric = METRIC_CLOCK_COARSE, .per_operation = 1, .run = read_clock};
const struct probe probe_clock_thread = {
    .metric = METRIC_CLOCK_THREAD, .per_operation = 1, .run = read_clock};
const struct probe probe_clock_tsc = {.metric = METRIC_CLOCK_TSC, .per_operation = 1, .run = read_counter};
