/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One thing whose cost is measured, and the list of them. */
#ifndef VMSUITE_MODULES_CPU_PROBE_H
#define VMSUITE_MODULES_CPU_PROBE_H

#include "shared/memory/place.h"

#include <vmsuite/module.h>

enum metric {
    METRIC_SYSTEM_CALL,
    METRIC_SWITCH_PIPE,
    METRIC_SWITCH_FUTEX,
    METRIC_WAKE_UP,
    METRIC_FORK_EXEC,
    METRIC_PAGE_FAULT,
    METRIC_MPROTECT,
    METRIC_TIMER,
    METRIC_CLOCK_MONOTONIC,
    METRIC_CLOCK_REALTIME,
    METRIC_CLOCK_RAW,
    METRIC_CLOCK_BOOT,
    METRIC_CLOCK_COARSE,
    METRIC_CLOCK_THREAD,
    METRIC_CLOCK_TSC,
    METRIC_CPUID,
    METRICS
};

/* What a measurement has at hand. */
struct bench {
    const struct vms_host *host;
    struct place place; /* two processors, the same where there is only one */
    uint64_t samples;   /* values of each distribution */
    double interval;    /* seconds between two timers */
    double *values;     /* room for `samples` */
    void *state;        /* the running probe's own */
    unsigned metric;    /* what the running probe measures */
};

/*
 * A probe is begun, then asked again and again to do so many operations, which is timed, and ended. All
 * functions return 0 or a negative errno with a sentence; what `begin` has set up is undone by `end`, which
 * also runs after a failure and checks that what was timed has really happened.
 */
struct probe {
    unsigned metric;
    double per_operation; /* how often one operation holds what the metric is about */
    size_t most;          /* operations in one go; 0: any number */
    int (*begin)(struct bench *bench, struct vms_error *error); /* may be NULL */
    int (*ready)(struct bench *bench, size_t n,
                 struct vms_error *error); /* before n operations; may be NULL */
    int (*run)(struct bench *bench, size_t n, struct vms_error *error);
    int (*end)(struct bench *bench, struct vms_error *error); /* may be NULL */
};

extern const struct probe probe_system_call, probe_cpuid;
extern const struct probe probe_switch_pipe, probe_switch_futex, probe_wake_up;
extern const struct probe probe_fork_exec, probe_page_fault, probe_mprotect;
extern const struct probe probe_clock_monotonic, probe_clock_realtime, probe_clock_raw, probe_clock_boot,
    probe_clock_coarse, probe_clock_thread, probe_clock_tsc;

/* Measures one probe and reports its distribution: each value is the mean over as many operations as it takes
 * for the clock to be exact to 0.1 %. */
int timing_measure(struct bench *bench, const struct probe *probe, struct vms_error *error);

/* Sleeps to points of time that lie `interval` apart and reports how much too late each sleep ended. */
int timer_measure(struct bench *bench, struct vms_error *error);

#endif
