/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * exits: what it costs when a guest's processor cannot finish something by itself and its hypervisor, or even
 * the monitor's process, has to. Each metric is a distribution of seconds, most of them of single operations,
 * so that p50 is the price and p99 what it costs when the other side is busy:
 *   system_call       getppid, which leaves no guest: the floor
 *   cpuid...          leaf 0, and leaf 0x40000000, where a hypervisor says its name
 *   counter, rdtscp   reading the processor's counter
 *   hypercall         VMCALL or VMMCALL with a number that is no call's, which is refused
 *   port_61           reading the timer chip's status, which KVM answers in the kernel
 *   port_80, port_ed  reading the diagnostic port and an unused one, which QEMU answers (port.h says why they
 *                     are harmless)
 *   page_fault        first touch of a page of anonymous memory: two page tables on top of each other in a
 *                     guest
 *   timer_arm         setting a timer that is the next to expire
 *   timer_lateness    how late a thread runs that slept until a point of time
 *   ipi               membarrier, which interrupts the second processor and waits for it
 *   tlb_shootdown     mprotect of a page that a thread on the second processor uses, read-only and back
 *   wake_up           from waking a thread that sleeps on the second processor to its running
 *   msr_file          reading a register that a guest may not read by itself through /dev/cpu/N/msr
 *   kernel_...        by a driver of the appliance's kernel, in bare loops: CPUID, a hypercall that is
 *                     refused, that register, a register of the I/O APIC (which KVM answers in the kernel)
 *                     and of the HPET (which QEMU answers), those ports and 0xcf8, which device models
 *                     answer, an interrupt to its own processor, and one to the second
 * A value is the mean over as many operations as it takes for the clock to be exact to 1 %. The same is
 * measured without a hypervisor, so there is a loss for each. What the machine has not, or does not allow, is
 * left out, and a fact says why.
 */
#include "exits/probes.h"
#include "shared/case/report.h"
#include "shared/case/state.h"
#include "shared/timing/list.h"

#include <stdlib.h>

#define STEPS 100 /* of the clock for each value */

enum { PARAM_OPERATION, PARAM_SAMPLES, PARAM_INTERVAL, PARAM_AFFINITY };

static const struct vms_metric metrics[METRICS] = {
    [METRIC_SYSTEM_CALL] = BENCH_ROW_COST("system_call", HEADLINE, "One getppid."),
    [METRIC_CPUID] = BENCH_ROW_COST("cpuid", HEADLINE, "One CPUID, leaf 0."),
    [METRIC_CPUID_HYPERVISOR] = BENCH_ROW_COST("cpuid_hypervisor", HEADLINE, "One CPUID, leaf 0x40000000."),
    [METRIC_COUNTER] =
        BENCH_ROW_COST("counter", HEADLINE, "Reading the processor's counter (rdtsc, cntvct_el0)."),
    [METRIC_RDTSCP] = BENCH_ROW_COST("rdtscp", HEADLINE, "One RDTSCP."),
    [METRIC_HYPERCALL] = BENCH_ROW_COST("hypercall", HEADLINE, "One hypercall that is refused."),
    [METRIC_PORT_61] = BENCH_ROW_COST("port_61", HEADLINE, "Reading I/O port 0x61."),
    [METRIC_PORT_80] = BENCH_ROW_COST("port_80", HEADLINE, "Reading I/O port 0x80."),
    [METRIC_PORT_ED] = BENCH_ROW_COST("port_ed", HEADLINE, "Reading I/O port 0xed."),
    [METRIC_PAGE_FAULT] = BENCH_ROW_COST("page_fault", HEADLINE, "First touch of a page."),
    [METRIC_TIMER_ARM] = BENCH_ROW_COST("timer_arm", HEADLINE, "Setting a timer to a millisecond from now."),
    [METRIC_TIMER_LATENESS] = BENCH_ROW_COST("timer_lateness", HEADLINE,
                                             "From the time a sleep should end to when the thread runs."),
    [METRIC_IPI] =
        BENCH_ROW_COST("ipi", HEADLINE, "One membarrier while a thread runs on the second processor."),
    [METRIC_TLB_SHOOTDOWN] = BENCH_ROW_COST(
        "tlb_shootdown", HEADLINE, "mprotect of a page that the second processor uses, read-only and back."),
    [METRIC_WAKE_UP] = BENCH_ROW_COST(
        "wake_up", HEADLINE, "From waking a thread that sleeps on the second processor to its running."),
    [METRIC_MSR_FILE] =
        BENCH_ROW_COST("msr_file", HEADLINE, "Reading a trapped register through /dev/cpu/N/msr."),
    [METRIC_KERNEL_CPUID] = BENCH_ROW_COST("kernel_cpuid", HEADLINE, "One CPUID, leaf 0, in the kernel."),
    [METRIC_KERNEL_HYPERCALL] =
        BENCH_ROW_COST("kernel_hypercall", HEADLINE, "One hypercall that is refused, from the kernel."),
    [METRIC_KERNEL_RDMSR] = BENCH_ROW_COST("kernel_rdmsr", HEADLINE, "One RDMSR of a trapped register."),
    [METRIC_KERNEL_IOAPIC] = BENCH_ROW_COST("kernel_ioapic", HEADLINE, "Reading a register of the I/O APIC."),
    [METRIC_KERNEL_HPET] = BENCH_ROW_COST("kernel_hpet", HEADLINE, "Reading a register of the HPET."),
    [METRIC_KERNEL_PORT_61] =
        BENCH_ROW_COST("kernel_port_61", HEADLINE, "Reading I/O port 0x61, in the kernel."),
    [METRIC_KERNEL_PORT_80] =
        BENCH_ROW_COST("kernel_port_80", HEADLINE, "Reading I/O port 0x80, in the kernel."),
    [METRIC_KERNEL_PORT_ED] =
        BENCH_ROW_COST("kernel_port_ed", HEADLINE, "Reading I/O port 0xed, in the kernel."),
    [METRIC_KERNEL_PORT_CF8] = BENCH_ROW_COST(
        "kernel_port_cf8", HEADLINE, "Reading I/O port 0xcf8 of PCI's configuration, in the kernel."),
    [METRIC_KERNEL_SELF_IPI] = BENCH_ROW_COST(
        "kernel_self_ipi", HEADLINE, "An interrupt that a processor sends to itself, until it is handled."),
    [METRIC_KERNEL_IPI] = BENCH_ROW_COST("kernel_ipi", HEADLINE,
                                         "An interrupt to the second processor, until that has handled it."),
};

/* "all", then the metrics in their order. */
static const char *const operations[] = {"all",
                                         "system_call",
                                         "cpuid",
                                         "cpuid_hypervisor",
                                         "counter",
                                         "rdtscp",
                                         "hypercall",
                                         "port_61",
                                         "port_80",
                                         "port_ed",
                                         "page_fault",
                                         "timer_arm",
                                         "timer_lateness",
                                         "ipi",
                                         "tlb_shootdown",
                                         "wake_up",
                                         "msr_file",
                                         "kernel_cpuid",
                                         "kernel_hypercall",
                                         "kernel_rdmsr",
                                         "kernel_ioapic",
                                         "kernel_hpet",
                                         "kernel_port_61",
                                         "kernel_port_80",
                                         "kernel_port_ed",
                                         "kernel_port_cf8",
                                         "kernel_self_ipi",
                                         "kernel_ipi",
                                         NULL};

static const struct vms_param params[] = {
    [PARAM_OPERATION] = {"operation", VMS_CHOICE, "all", NULL, NULL, operations,
                         "What is measured: all, or one of the metrics.", VMS_ROLE_PLAIN},
    [PARAM_SAMPLES] = BENCH_ROW_SAMPLES,
    [PARAM_INTERVAL] = BENCH_ROW_INTERVAL,
    [PARAM_AFFINITY] =
        BENCH_ROW_AFFINITY("the thread that ipi, tlb_shootdown and wake_up disturb on the second."),
};

static const struct vms_fact facts[] = {
    BENCH_FACTS,
    {"hypercall_instruction", VMS_ROLE_PLAIN, "The instruction of a hypercall."},
    {"ipi_interrupts", VMS_ROLE_VOLATILE, "Function call interrupts that the kernel counted meanwhile."},
    {"tlb_shootdown_interrupts", VMS_ROLE_VOLATILE, "TLB shoot-downs that the kernel counted meanwhile."},
};

static int check_metric(struct bench *bench, unsigned metric, struct vms_error *error) {
    switch (metric) {
    case METRIC_SYSTEM_CALL:
    case METRIC_PAGE_FAULT:
    case METRIC_TIMER_ARM:
    case METRIC_TIMER_LATENESS:
        return 0;
    case METRIC_IPI:
    case METRIC_TLB_SHOOTDOWN:
    case METRIC_WAKE_UP:
        return remote_check(bench, metric, error);
    default:
        if (metric >= METRIC_MSR_FILE)
            return driver_check(bench, metric, error);
        return instruction_check(metric, error);
    }
}

static int measure_metric(struct bench *bench, unsigned metric, struct vms_error *error) {
    switch (metric) {
    case METRIC_SYSTEM_CALL:
    case METRIC_PAGE_FAULT:
    case METRIC_TIMER_ARM:
        return simple_measure(bench, metric, error);
    case METRIC_TIMER_LATENESS:
        return timer_measure(bench, metric, error);
    case METRIC_IPI:
    case METRIC_TLB_SHOOTDOWN:
        return remote_measure(bench, metric, error);
    case METRIC_WAKE_UP:
        return wake_measure(bench, metric, error);
    default:
        if (metric >= METRIC_MSR_FILE)
            return driver_measure(bench, metric, error);
        return instruction_measure(bench, metric, error);
    }
}

static const struct timing_list list = {metrics, METRICS, check_metric, measure_metric};

static int exits_measure(const struct vms_host *host, const union vms_value *values, void *state,
                         struct vms_error *error) {
    (void)values;
    return timing_measure_all(state, &list, host, error);
}

static int set_up(const struct vms_host *host, const union vms_value *values, void *state,
                  struct vms_error *error) {
    struct timing_case *timed = state;
    const struct bench_plan plan = {.samples = values[PARAM_SAMPLES].count,
                                    .interval = values[PARAM_INTERVAL].seconds,
                                    .steps = STEPS,
                                    .affinity = values[PARAM_AFFINITY].text};
    unsigned operation = values[PARAM_OPERATION].choice;

    for (unsigned i = 0; i < METRICS; i++)
        timed->wanted[i] = operation == 0 || operation == i + 1;
    return timing_set_up(timed, &list, host, &plan, error);
}

static int exits_prepare(const struct vms_host *host, const union vms_value *values, void **ret_state,
                         struct vms_error *error) {
    return state_make(host, values, sizeof(struct timing_case), set_up, timing_cleanup, ret_state, error);
}

static int exits_validate(const union vms_value *values, struct vms_error *error) {
    return bench_check_affinity(values[PARAM_AFFINITY].text, error);
}

/* A guess: a sample takes the interval (timers), 100 us (wake_up) or 20 us (each of the others). */
static void exits_estimate(const union vms_value *values, struct vms_estimate *ret) {
    double samples = (double)values[PARAM_SAMPLES].count;
    unsigned operation = values[PARAM_OPERATION].choice;
    bool all = operation == 0;

    ret->seconds = samples * ((all ? METRICS : 1) * 20e-6);
    if (all || operation == METRIC_TIMER_LATENESS + 1)
        ret->seconds += samples * values[PARAM_INTERVAL].seconds;
    if (all || operation == METRIC_WAKE_UP + 1)
        ret->seconds += samples * 100e-6;
    ret->memory = values[PARAM_SAMPLES].count * sizeof(double) + (UINT64_C(16) << 20);
}

const struct vms_module vms_module_v1 = {
    VMS_MODULE_ABI,
    .name = "exits",
    .summary = "What it costs when a guest's processor needs its hypervisor: each kind of exit by itself",
    .resource = VMS_CPU,
    .workload_version = 1,
    .params = params,
    .n_params = VMS_LENGTH(params),
    .metrics = metrics,
    .n_metrics = VMS_LENGTH(metrics),
    .facts = facts,
    .n_facts = VMS_LENGTH(facts),
    .prepare = exits_prepare,
    .measure = exits_measure,
    .cleanup = timing_cleanup,
    .estimate = exits_estimate,
    .validate = exits_validate,
};
