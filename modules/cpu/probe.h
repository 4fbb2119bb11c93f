/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The things whose cost is measured. */
#ifndef VMSUITE_MODULES_CPU_PROBE_H
#define VMSUITE_MODULES_CPU_PROBE_H

#include "shared/timing/probe.h"

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

extern const struct probe probe_system_call, probe_cpuid;
extern const struct probe probe_switch_pipe, probe_switch_futex, probe_wake_up;
extern const struct probe probe_fork_exec, probe_page_fault, probe_mprotect;
extern const struct probe probe_clock_monotonic, probe_clock_realtime, probe_clock_raw, probe_clock_boot,
    probe_clock_coarse, probe_clock_thread, probe_clock_tsc;

#endif
