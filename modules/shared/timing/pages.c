/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The first touch of a page: work on page tables, which a hypervisor may have to follow. */
#include "shared/timing/probe.h"

#include "shared/case/report.h"
#include "shared/memory/region.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

struct pages {
    struct region region;
    size_t page;      /* bytes */
    uint64_t touched; /* pages, by what was timed */
    uint64_t faults;  /* of the process, while that was timed */
};

static uint64_t count_faults(void) {
    struct rusage usage;

    return getrusage(RUSAGE_SELF, &usage) == 0 ? (uint64_t)usage.ru_minflt : 0;
}

int pages_begin(struct bench *bench, struct vms_error *error) {
    struct pages *pages = calloc(1, sizeof(*pages));
    int status;

    if (!pages)
        return report_error(error, -ENOMEM, "no memory for the state of the measurement");
    pages->page = (size_t)sysconf(_SC_PAGESIZE);
    status = region_map(PAGES_MOST * pages->page, REGION_SMALL, "the pages", &pages->region, error);
    if (status < 0) {
        free(pages);
        return status;
    }
    bench->state = pages;
    return 0;
}

/* Gives the pages back to the kernel, so that they are touched for the first time again. */
int pages_forget(struct bench *bench, size_t n, struct vms_error *error) {
    struct pages *pages = bench->state;

    (void)n;
    if (madvise(pages->region.start, pages->region.bytes, MADV_DONTNEED) < 0)
        return report_error(error, -errno, "madvise: %s", strerror(errno));
    pages->faults -= count_faults();
    return 0;
}

int pages_touch(struct bench *bench, size_t n, struct vms_error *error) {
    struct pages *pages = bench->state;
    volatile char *bytes = pages->region.start;

    (void)error;
    for (size_t i = 0; i < n; i++)
        bytes[i * pages->page] = 1;
    pages->faults += count_faults();
    pages->touched += n;
    return 0;
}

int pages_end(struct bench *bench, struct vms_error *error) {
    struct pages *pages = bench->state;
    uint64_t faults = pages->faults, touched = pages->touched;

    region_unmap(&pages->region);
    free(pages);
    /* A process that runs has had faults: 0 says that this kernel does not count them (gVisor). */
    if (faults == 0 && count_faults() == 0)
        return report_fact(bench->host, error, "page_faults", "unknown: this kernel does not count them");
    if (faults < touched)
        return report_error(error, -EBADMSG, "verification failed: %zu first touches made %zu page faults",
                            (size_t)touched, (size_t)faults);
    return 0;
}

void *pages_first(const struct bench *bench, size_t *ret_bytes) {
    const struct pages *pages = bench->state;

    *ret_bytes = pages->page;
    return pages->region.start;
}
