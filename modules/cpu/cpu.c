/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cpu: what virtualisation makes expensive and arithmetic does not show. Each metric is a distribution of seconds:
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
#include "shared/case/affinity.h"
#include "shared/case/report.h"
#include "shared/case/state.h"
#include "shared/memory/caches.h"
#include "shared/memory/place.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { PARAM_WHAT, PARAM_SAMPLES, PARAM_INTERVAL, PARAM_AFFINITY };
enum group { ALL, SYSTEM_CALL, SWITCH, WAKE_UP, FORK, MEMORY, TIMER, CLOCK, CPUID };

static const char *const groups[] = {"all",    "system_call", "switch", "wake_up", "fork",
                                     "memory", "timer",       "clock",  "cpuid",   NULL};

static const struct vms_param params[] = {
    [PARAM_WHAT] = {"what", VMS_CHOICE, "all", NULL, NULL, groups,
                    "What is measured: all, or one group (memory: page faults and mprotect).",
                    VMS_ROLE_PLAIN},
    [PARAM_SAMPLES] = {"samples", VMS_COUNT, "1000", "10", "1000000", NULL, "Values of each distribution.",
                       VMS_ROLE_PLAIN},
    [PARAM_INTERVAL] = {"interval", VMS_SECONDS, "1ms", "0.00001", "1", NULL, "Time between two timers.",
                        VMS_ROLE_PLAIN},
    [PARAM_AFFINITY] =
        {"affinity", VMS_TEXT, "spread", NULL, NULL, NULL,
         "Which two processors: spread (far apart), compact, or a list such as 0,3; all runs on "
         "the first, the sleeper of wake_up on the second.",
         VMS_ROLE_PLAIN},
};

#define COST(name, role, help)                                                                               \
    { name, VMS_UNIT_SECONDS, VMS_LOWER, VMS_DISTRIBUTION, VMS_LOCAL, help, VMS_ROLE_##role }

static const struct vms_fact facts[] = {
    {"processors", VMS_ROLE_PLAIN, "The two processors."},
    {"affinity_of_process", VMS_ROLE_WORK, "Whether the process might use all processors."},
    {"processors_allowed", VMS_ROLE_PLAIN, "Those that it might use."},
    {"clock_source", VMS_ROLE_PLAIN, "What the kernel keeps time by."},
    {"idle_driver", VMS_ROLE_PLAIN, "How an idle processor is put to sleep."},
    {"idle_governor", VMS_ROLE_PLAIN, "What decides how deep."},
};

static const struct vms_metric metrics[METRICS] = {
    [METRIC_SYSTEM_CALL] = COST("system_call", HEADLINE, "One getppid."),
    [METRIC_SWITCH_PIPE] =
        COST("switch_pipe", HEADLINE, "Half a round trip of a byte between two processes on one processor."),
    [METRIC_SWITCH_FUTEX] =
        COST("switch_futex", PLAIN, "Half a round trip of a futex between two processes on one processor."),
    [METRIC_WAKE_UP] = COST("wake_up", HEADLINE, "Half a round trip of a futex between two processors."),
    [METRIC_FORK_EXEC] = COST("fork_exec", HEADLINE, "fork, exec of a program that only exits, wait."),
    [METRIC_PAGE_FAULT] = COST("page_fault", HEADLINE, "First touch of a page."),
    [METRIC_MPROTECT] = COST("mprotect", PLAIN, "One mprotect of a page in use."),
    [METRIC_TIMER] =
        COST("timer_lateness", HEADLINE, "From the time a sleep should end to when the thread runs."),
    [METRIC_CLOCK_MONOTONIC] = COST("clock_monotonic", HEADLINE, "Reading CLOCK_MONOTONIC."),
    [METRIC_CLOCK_REALTIME] = COST("clock_realtime", PLAIN, "Reading CLOCK_REALTIME."),
    [METRIC_CLOCK_RAW] = COST("clock_raw", PLAIN, "Reading CLOCK_MONOTONIC_RAW."),
    [METRIC_CLOCK_BOOT] = COST("clock_boot", PLAIN, "Reading CLOCK_BOOTTIME."),
    [METRIC_CLOCK_COARSE] = COST("clock_coarse", PLAIN, "Reading CLOCK_MONOTONIC_COARSE."),
    [METRIC_CLOCK_THREAD] = COST("clock_thread", PLAIN, "Reading CLOCK_THREAD_CPUTIME_ID."),
    [METRIC_CLOCK_TSC] = COST("clock_tsc", PLAIN, "Reading the processor's counter (rdtsc, cntvct_el0)."),
    [METRIC_CPUID] = COST("cpuid", HEADLINE, "One CPUID, leaf 0."),
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

struct cpu {
    struct bench bench;
    struct place_mask before; /* where the calling thread could run before it was bound */
    bool wanted[METRICS];
};

/* Measures one metric. An error says which it was about. */
static int measure_metric(struct cpu *cpu, unsigned metric, struct vms_error *error) {
    struct vms_error inner = {""};
    int status = probes[metric].probe ? timing_measure(&cpu->bench, probes[metric].probe, &inner)
                                      : timer_measure(&cpu->bench, &inner);

    return status < 0 ? report_error(error, status, "%s: %.400s", metrics[metric].name, inner.text) : 0;
}

/* What could not be measured just now (-EAGAIN) is left out of the trial, unless there is nothing else. */
static int cpu_measure(const struct vms_host *host, const union vms_value *values, void *state,
                       struct vms_error *error) {
    struct cpu *cpu = state;
    unsigned measured = 0;

    (void)values;
    cpu->bench.host = host;
    for (unsigned i = 0; i < METRICS; i++) {
        int status = cpu->wanted[i] ? measure_metric(cpu, i, error) : 0;

        if (status == -EAGAIN && measured > 0)
            status = report_fact(host, error, metrics[i].name, "not measured: %.200s", error->text);
        else if (status == 0)
            measured += cpu->wanted[i];
        if (status < 0)
            return status;
    }
    return 0;
}

static void cpu_cleanup(void *state) {
    struct cpu *cpu = state;

    if (!cpu)
        return;
    (void)place_restore(&cpu->before);
    free(cpu->bench.values);
    free(cpu);
}

static int try_probe(struct bench *bench, const struct probe *probe, struct vms_error *error) {
    struct vms_error ignored = {""};
    int status = probe->begin(bench, error);

    if (status < 0)
        return status;
    status = probe->run(bench, 1, error);
    (void)probe->end(bench, &ignored);
    return status;
}

/* Why a metric cannot be had on this machine, in `error`, or 0. */
static int check_metric(struct cpu *cpu, unsigned metric, struct vms_error *error) {
    const struct place *place = &cpu->bench.place;
    uint32_t vendor;
    uint64_t counter;

    if (metric == METRIC_CPUID && !machine_cpuid(&vendor))
        return report_error(error, -ENOTSUP, "this processor has no such instruction");
    if (metric == METRIC_CLOCK_TSC && !machine_counter(&counter))
        return report_error(error, -ENOTSUP, "this processor has no counter that can be read");
    if (metric == METRIC_WAKE_UP && place->cpus[0] == place->cpus[1])
        return report_error(error, -ENOTSUP, "there is only one processor");
    if (metric == METRIC_FORK_EXEC && try_probe(&cpu->bench, probes[metric].probe, error) < 0)
        return -ENOTSUP;
    return 0;
}

/* Which metrics are wanted and can be had. One that is asked for by its own name must be there. */
static int choose(const struct vms_host *host, enum group what, struct cpu *cpu, struct vms_error *error) {
    unsigned n = 0;

    for (unsigned i = 0; i < METRICS; i++) {
        if (what != ALL && probes[i].group != what)
            continue;
        if (check_metric(cpu, i, error) < 0) {
            struct vms_error ignored;
            int status = report_fact(host, &ignored, metrics[i].name, "not measured: %.200s", error->text);

            if (status < 0)
                return status;
            continue;
        }
        cpu->wanted[i] = true;
        n++;
    }
    return n > 0 ? 0 : -ENOTSUP; /* with the last reason */
}

/* The first line of a file of the kernel's, or "unknown". */
static int report_line(const struct vms_host *host, const char *key, const char *path,
                       struct vms_error *error) {
    char line[128] = "";
    FILE *file = fopen(path, "re");

    if (file) {
        if (!fgets(line, sizeof(line), file))
            line[0] = '\0';
        (void)fclose(file);
    }
    line[strcspn(line, "\n")] = '\0';
    return report_fact(host, error, key, "%s", line[0] ? line : "unknown");
}

static int report_facts(const struct vms_host *host, const struct place *place, struct vms_error *error) {
    char text[64];
    int status;

    place_format(place, text, sizeof(text));
    status = report_fact(host, error, "processors", "%s", text);
    if (status == 0)
        status = report_line(host, "clock_source",
                             "/sys/devices/system/clocksource/clocksource0/current_clocksource", error);
    if (status == 0)
        status = report_line(host, "idle_driver", "/sys/devices/system/cpu/cpuidle/current_driver", error);
    if (status == 0)
        status =
            report_line(host, "idle_governor", "/sys/devices/system/cpu/cpuidle/current_governor", error);
    return status;
}

static int cpu_validate(const union vms_value *values, struct vms_error *error) {
    if (strcmp(values[PARAM_AFFINITY].text, "none") == 0)
        return report_error(error, -EINVAL,
                            "affinity is none, but what is measured must stay on its processor: "
                            "give spread, compact or a list such as 0,3");
    return place_check("2", values[PARAM_AFFINITY].text, error);
}

static int find_place(const char *affinity, struct place *ret_place, struct vms_error *error) {
    hwloc_topology_t topology;
    int status;

    status = caches_load_topology(&topology, error);
    if (status < 0)
        return status;
    status = place_resolve(topology, "2", affinity, ret_place, error);
    hwloc_topology_destroy(topology);
    return status;
}

static int set_up(const struct vms_host *host, const union vms_value *values, void *state,
                  struct vms_error *error) {
    struct cpu *cpu = state;
    struct bench *bench = &cpu->bench;
    int status = cpu_validate(values, error);

    if (status == 0)
        status = place_save(&cpu->before, error);
    if (status == 0)
        status = report_affinity(host, error);
    if (status < 0)
        return status;
    bench->host = host;
    bench->samples = values[PARAM_SAMPLES].count;
    bench->interval = values[PARAM_INTERVAL].seconds;
    bench->values = calloc(bench->samples, sizeof(*bench->values));
    if (!bench->values)
        return report_error(error, -ENOMEM, "no memory for %zu samples", (size_t)bench->samples);
    status = find_place(values[PARAM_AFFINITY].text, &bench->place, error);
    if (status < 0)
        return status;
    status = place_bind_first(&bench->place, error);
    if (status < 0)
        return status;
    status = report_facts(host, &bench->place, error);
    return status < 0 ? status : choose(host, (enum group)values[PARAM_WHAT].choice, cpu, error);
}

static int cpu_prepare(const struct vms_host *host, const union vms_value *values, void **ret_state,
                       struct vms_error *error) {
    return state_make(host, values, sizeof(struct cpu), set_up, cpu_cleanup, ret_state, error);
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
    .cleanup = cpu_cleanup,
    .estimate = cpu_estimate,
    .validate = cpu_validate,
};
