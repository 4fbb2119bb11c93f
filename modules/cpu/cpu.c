/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cpu: what virtualisation makes expensive and arithmetic does not show. Each metric is a distribution of
 * seconds:
 *   system_call     getppid, which does next to nothing
 *   switch_pipe     from one process to another on one processor, each waiting for the other's byte
 *   switch_futex    the same by a futex
 *   wake_up         the same on two processors: one process wakes the other, which sleeps, by an interrupt
 *   fork_exec       fork, exec of a program that only exits, wait
 *   page_fault      first touch of a page of anonymous memory
 *   mprotect        a change of one page's protection
 *   timer_lateness  how late a thread runs that slept until a point of time
 *   clock_...       reading each clock
 *   cpuid           an instruction that a hardware guest never executes by itself
 * A value is the mean over as many operations as it takes for the clock to be exact to 0.1 % (timer_lateness:
 * a single sleep). What the machine has not is left out, and a fact says why.
 */
#include "cpu/machine.h"
#include "cpu/probe.h"
#include "shared/case/report.h"
#include "shared/case/state.h"
#include "shared/case/step.h"
#include "shared/timing/list.h"

#include <errno.h>
#include <stdlib.h>

enum { PARAM_WHAT, PARAM_SAMPLES, PARAM_INTERVAL, PARAM_AFFINITY };
enum group { ALL, SYSTEM_CALL, SWITCH, WAKE_UP, FORK, MEMORY, TIMER, CLOCK, CPUID };

static const char *const groups[] = {"all",    "system_call", "switch", "wake_up", "fork",
                                     "memory", "timer",       "clock",  "cpuid",   NULL};

static const struct vms_param params[] = {
    [PARAM_WHAT] = {"what", VMS_CHOICE, "all", NULL, NULL, groups,
                    "What is measured: all, or one group (memory: page faults and mprotect).",
                    VMS_ROLE_PLAIN},
    [PARAM_SAMPLES] = BENCH_ROW_SAMPLES,
    [PARAM_INTERVAL] = BENCH_ROW_INTERVAL,
    [PARAM_AFFINITY] = BENCH_ROW_AFFINITY("the sleeper of wake_up on the second."),
};

static const struct vms_fact facts[] = {
    BENCH_FACTS,
    {"switches", VMS_ROLE_PLAIN, "Why it is unknown whether each turn of a pair was a switch."},
};

static const struct vms_metric metrics[METRICS] = {
    [METRIC_SYSTEM_CALL] = BENCH_ROW_COST("system_call", HEADLINE, "One getppid."),
    [METRIC_SWITCH_PIPE] = BENCH_ROW_COST(
        "switch_pipe", HEADLINE, "Half a round trip of a byte between two processes on one processor."),
    [METRIC_SWITCH_FUTEX] = BENCH_ROW_COST(
        "switch_futex", PLAIN, "Half a round trip of a futex between two processes on one processor."),
    [METRIC_WAKE_UP] =
        BENCH_ROW_COST("wake_up", HEADLINE, "Half a round trip of a futex between two processors."),
    [METRIC_FORK_EXEC] =
        BENCH_ROW_COST("fork_exec", HEADLINE, "fork, exec of a program that only exits, wait."),
    [METRIC_PAGE_FAULT] = BENCH_ROW_COST("page_fault", HEADLINE, "First touch of a page."),
    [METRIC_MPROTECT] = BENCH_ROW_COST("mprotect", PLAIN, "One mprotect of a page in use."),
    [METRIC_TIMER] = BENCH_ROW_COST("timer_lateness", HEADLINE,
                                    "From the time a sleep should end to when the thread runs."),
    [METRIC_CLOCK_MONOTONIC] = BENCH_ROW_COST("clock_monotonic", HEADLINE, "Reading CLOCK_MONOTONIC."),
    [METRIC_CLOCK_REALTIME] = BENCH_ROW_COST("clock_realtime", PLAIN, "Reading CLOCK_REALTIME."),
    [METRIC_CLOCK_RAW] = BENCH_ROW_COST("clock_raw", PLAIN, "Reading CLOCK_MONOTONIC_RAW."),
    [METRIC_CLOCK_BOOT] = BENCH_ROW_COST("clock_boot", PLAIN, "Reading CLOCK_BOOTTIME."),
    [METRIC_CLOCK_COARSE] = BENCH_ROW_COST("clock_coarse", PLAIN, "Reading CLOCK_MONOTONIC_COARSE."),
    [METRIC_CLOCK_THREAD] = BENCH_ROW_COST("clock_thread", PLAIN, "Reading CLOCK_THREAD_CPUTIME_ID."),
    [METRIC_CLOCK_TSC] =
        BENCH_ROW_COST("clock_tsc", PLAIN, "Reading the processor's counter (rdtsc, cntvct_el0)."),
    [METRIC_CPUID] = BENCH_ROW_COST("cpuid", HEADLINE, "One CPUID, leaf 0."),
};

/* The metrics in the order of their numbers; the timer has no probe, it is measured sleep by sleep. */
static const struct {
    enum group group;
    const struct probe *probe;
} probes[METRICS] = {
    [METRIC_SYSTEM_CALL] = {SYSTEM_CALL, &probe_system_call},
    [METRIC_SWITCH_PIPE] = {SWITCH, &probe_switch_pipe},
    [METRIC_SWITCH_FUTEX] = {SWITCH, &probe_switch_futex},
    [METRIC_WAKE_UP] = {WAKE_UP, &probe_wake_up},
    [METRIC_FORK_EXEC] = {FORK, &probe_fork_exec},
    [METRIC_PAGE_FAULT] = {MEMORY, &probe_page_fault},
    [METRIC_MPROTECT] = {MEMORY, &probe_mprotect},
    [METRIC_TIMER] = {TIMER, NULL},
    [METRIC_CLOCK_MONOTONIC] = {CLOCK, &probe_clock_monotonic},
    [METRIC_CLOCK_REALTIME] = {CLOCK, &probe_clock_realtime},
    [METRIC_CLOCK_RAW] = {CLOCK, &probe_clock_raw},
    [METRIC_CLOCK_BOOT] = {CLOCK, &probe_clock_boot},
    [METRIC_CLOCK_COARSE] = {CLOCK, &probe_clock_coarse},
    [METRIC_CLOCK_THREAD] = {CLOCK, &probe_clock_thread},
    [METRIC_CLOCK_TSC] = {CLOCK, &probe_clock_tsc},
    [METRIC_CPUID] = {CPUID, &probe_cpuid},
};

static int measure_metric(struct bench *bench, unsigned metric, struct vms_error *error) {
    return probes[metric].probe ? timing_measure(bench, probes[metric].probe, error)
                                : timer_measure(bench, metric, error);
}

/* Why a metric cannot be had on this machine, in `error`, or 0. */
static int check_metric(struct bench *bench, unsigned metric, struct vms_error *error) {
    const struct place *place = &bench->place;
    uint32_t vendor;
    uint64_t counter;

    if (metric == METRIC_CPUID && !machine_cpuid(&vendor))
        return report_error(error, -ENOTSUP, "this processor has no such instruction");
    if (metric == METRIC_CLOCK_TSC && !machine_counter(&counter))
        return report_error(error, -ENOTSUP, "this processor has no counter that can be read");
    if (metric == METRIC_WAKE_UP && place->cpus[0] == place->cpus[1])
        return report_error(error, -ENOTSUP, "there is only one processor");
    if (metric == METRIC_FORK_EXEC && timing_try(bench, probes[metric].probe, error) < 0)
        return -ENOTSUP;
    return 0;
}

static const struct timing_list list = {metrics, METRICS, check_metric, measure_metric};

static int cpu_measure(const struct vms_host *host, const union vms_value *values, void *state,
                       struct vms_error *error) {
    (void)values;
    return timing_measure_all(state, &list, host, error);
}

static int cpu_validate(const union vms_value *values, struct vms_error *error) {
    return bench_check_affinity(values[PARAM_AFFINITY].text, error);
}

static int set_up(const struct vms_host *host, const union vms_value *values, void *state,
                  struct vms_error *error) {
    struct timing_case *timed = state;
    const struct bench_plan plan = {.samples = values[PARAM_SAMPLES].count,
                                    .interval = values[PARAM_INTERVAL].seconds,
                                    .steps = STEP_COUNT,
                                    .affinity = values[PARAM_AFFINITY].text};
    enum group what = (enum group)values[PARAM_WHAT].choice;

    for (unsigned i = 0; i < METRICS; i++)
        timed->wanted[i] = what == ALL || probes[i].group == what;
    return timing_set_up(timed, &list, host, &plan, error);
}

static int cpu_prepare(const struct vms_host *host, const union vms_value *values, void **ret_state,
                       struct vms_error *error) {
    return state_make(host, values, sizeof(struct timing_case), set_up, timing_cleanup, ret_state, error);
}

/* A guess: a sample takes the interval (timers), half a millisecond (fork) or 50 us (each of the others). */
static void cpu_estimate(const union vms_value *values, struct vms_estimate *ret) {
    double samples = (double)values[PARAM_SAMPLES].count;

    ret->seconds = samples * (values[PARAM_INTERVAL].seconds + 5e-4 + METRICS * 5e-5);
    ret->memory = values[PARAM_SAMPLES].count * sizeof(double) + (UINT64_C(16) << 20);
}

const struct vms_module vms_module_v1 = {
    VMS_MODULE_ABI,
    .name = "cpu",
    .summary = "What virtualisation makes expensive: system calls, switches, faults, timers, clocks, cpuid",
    .resource = VMS_CPU,
    .workload_version = 1,
    .params = params,
    .n_params = VMS_LENGTH(params),
    .metrics = metrics,
    .n_metrics = VMS_LENGTH(metrics),
    .facts = facts,
    .n_facts = VMS_LENGTH(facts),
    .prepare = cpu_prepare,
    .measure = cpu_measure,
    .cleanup = timing_cleanup,
    .estimate = cpu_estimate,
    .validate = cpu_validate,
};
