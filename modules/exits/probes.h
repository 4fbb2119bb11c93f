/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The operations whose cost is measured: each of its functions measures one and reports it. */
#ifndef VMSUITE_MODULES_EXITS_PROBES_H
#define VMSUITE_MODULES_EXITS_PROBES_H

#include "shared/timing/probe.h"

enum exits_metric {
    METRIC_SYSTEM_CALL,
    METRIC_CPUID,
    METRIC_CPUID_HYPERVISOR,
    METRIC_COUNTER,
    METRIC_RDTSCP,
    METRIC_HYPERCALL,
    METRIC_PORT_61,
    METRIC_PORT_80,
    METRIC_PORT_ED,
    METRIC_PAGE_FAULT,
    METRIC_TIMER_ARM,
    METRIC_TIMER_LATENESS,
    METRIC_IPI,
    METRIC_TLB_SHOOTDOWN,
    METRIC_WAKE_UP,
    METRIC_MSR_FILE,
    METRIC_KERNEL_CPUID,
    METRIC_KERNEL_HYPERCALL,
    METRIC_KERNEL_RDMSR,
    METRIC_KERNEL_IOAPIC,
    METRIC_KERNEL_HPET,
    METRIC_KERNEL_PORT_61,
    METRIC_KERNEL_PORT_80,
    METRIC_KERNEL_PORT_ED,
    METRIC_KERNEL_PORT_CF8,
    METRIC_KERNEL_SELF_IPI,
    METRIC_KERNEL_IPI,
    METRICS
};

/* instruction.c: single instructions. The check's -ENOTSUP says why one cannot be executed here. */
int instruction_check(unsigned metric, struct vms_error *error);
int instruction_measure(struct bench *bench, unsigned metric, struct vms_error *error);

/* simple.c: a system call, a page's first touch, setting a timer. */
int simple_measure(struct bench *bench, unsigned metric, struct vms_error *error);

/* remote.c: what interrupts a thread that runs on the second processor. -EAGAIN: it did not run all the
 * time. */
int remote_check(const struct bench *bench, unsigned metric, struct vms_error *error);
int remote_measure(struct bench *bench, unsigned metric, struct vms_error *error);

/* wake.c: from waking a thread that sleeps on the second processor to its first reading of the clock. */
int wake_measure(struct bench *bench, unsigned metric, struct vms_error *error);

/* driver.c: what a kernel has to do. The check's -ENOTSUP says why it is not available here. */
int driver_check(const struct bench *bench, unsigned metric, struct vms_error *error);
int driver_measure(struct bench *bench, unsigned metric, struct vms_error *error);

#endif
