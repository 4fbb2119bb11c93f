/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What makes the kernel interrupt another processor: membarrier(2) has it pass a barrier on each that runs a
 * thread of the process, and mprotect(2) has each forget what it knows of the page. A hypervisor has to
 * deliver both.
 */
#include "exits/interrupts.h"
#include "exits/other.h"
#include "exits/probes.h"
#include "shared/case/report.h"

#include <errno.h>
#include <linux/membarrier.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define RAN_LEAST 0.9 /* the share of the time that the second thread has to run for there to be a figure */

struct remote {
    struct other *other;
    volatile char *page; /* NULL: none */
    size_t page_size;
    uint64_t operations;
    double interrupts; /* counted before; NaN: unknown */
};

static const char *label_of(unsigned metric) {
    return metric == METRIC_TLB_SHOOTDOWN ? "TLB" : "CAL";
}

static long membarrier(int command) {
    return syscall(SYS_membarrier, command, 0, 0);
}

int remote_check(const struct bench *bench, unsigned metric, struct vms_error *error) {
    if (bench->place.cpus[0] == bench->place.cpus[1])
        return report_error(error, -ENOTSUP, "there is only one processor");
    if (metric == METRIC_IPI && membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) < 0)
        return report_error(error, -ENOTSUP, "membarrier: %s", strerror(errno));
    return 0;
}

static void remote_free(struct remote *remote) {
    if (remote->page)
        (void)munmap((void *)(uintptr_t)remote->page, remote->page_size);
    free(remote);
}

static int begin(struct bench *bench, struct vms_error *error) {
    struct remote *remote = calloc(1, sizeof(*remote));
    int status = 0;

    if (!remote)
        return report_error(error, -ENOMEM, "no memory for the state of the measurement");
    remote->page_size = (size_t)sysconf(_SC_PAGESIZE);
    if (bench->metric == METRIC_TLB_SHOOTDOWN) {
        void *page =
            mmap(NULL, remote->page_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        if (page == MAP_FAILED)
            status = report_error(error, -errno, "mmap: %s", strerror(errno));
        else
            remote->page = memset(page, 0, remote->page_size);
    }
    remote->interrupts = interrupts_count(label_of(bench->metric));
    if (status == 0)
        status = other_start(&bench->place, remote->page, &remote->other, error);
    if (status < 0) {
        remote_free(remote);
        return status;
    }
    bench->state = remote;
    return 0;
}

static int pass_barriers(struct bench *bench, size_t n, struct vms_error *error) {
    struct remote *remote = bench->state;
    long failed = 0;

    for (size_t i = 0; i < n; i++)
        failed |= membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED);
    remote->operations += n;
    return failed ? report_error(error, -errno, "membarrier: %s", strerror(errno)) : 0;
}

/* Each time the page is written to first, so that there is a right to write that others may know of. */
static int protect(struct bench *bench, size_t n, struct vms_error *error) {
    struct remote *remote = bench->state;
    void *page = (void *)(uintptr_t)remote->page;
    int failed = 0;

    for (size_t i = 0; i < n && !failed; i++) {
        (void)__atomic_add_fetch(remote->page, 1, __ATOMIC_RELAXED);
        failed |= mprotect(page, remote->page_size, PROT_READ);
        failed |= mprotect(page, remote->page_size, PROT_READ | PROT_WRITE);
    }
    remote->operations += n;
    return failed ? report_error(error, -errno, "mprotect: %s", strerror(errno)) : 0;
}

/* How many interrupts the kernel has counted; fewer than operations where the hypervisor spares them. */
static int report_interrupts(const struct bench *bench, const struct remote *remote,
                             struct vms_error *error) {
    double counted = interrupts_count(label_of(bench->metric)) - remote->interrupts;

    if (isnan(counted))
        return 0;
    return report_fact(bench->host, error,
                       bench->metric == METRIC_TLB_SHOOTDOWN ? "tlb_shootdown_interrupts" : "ipi_interrupts",
                       "%.0f for %zu operations", counted, (size_t)remote->operations);
}

static int end(struct bench *bench, struct vms_error *error) {
    struct remote *remote = bench->state;
    bool is_written = !remote->page || *remote->page == (char)remote->operations;
    double share = 0;
    int status = 0;

    other_stop(remote->other, &share);
    if (!is_written)
        status =
            report_error(error, -EBADMSG, "verification failed: what was written to the page is not there");
    else if (share < RAN_LEAST)
        status = report_error(
            error, -EAGAIN, "in only %.0f %% of the time did the second thread run: the processors are busy",
            100 * share);
    else
        status = report_interrupts(bench, remote, error);
    remote_free(remote);
    return status;
}

int remote_measure(struct bench *bench, unsigned metric, struct vms_error *error) {
    const struct probe probe = {.metric = metric,
                                .per_operation = 1,
                                .begin = begin,
                                .run = metric == METRIC_IPI ? pass_barriers : protect,
                                .end = end};

    return timing_measure(bench, &probe, error);
}
