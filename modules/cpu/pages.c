/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The first touch of a page, and the change of a page's protection. */
#include "cpu/probe.h"
#include "shared/case/report.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

static int touch_once(struct bench *bench, struct vms_error *error) {
    size_t bytes;
    int status = pages_begin(bench, error);

    if (status == 0)
        *(volatile char *)pages_first(bench, &bytes) = 1;
    return status;
}

/* Read-only and back. */
static int protect(struct bench *bench, size_t n, struct vms_error *error) {
    size_t bytes;
    void *page = pages_first(bench, &bytes);
    int failed = 0;

    for (size_t i = 0; i < n; i++) {
        failed |= mprotect(page, bytes, PROT_READ);
        failed |= mprotect(page, bytes, PROT_READ | PROT_WRITE);
    }
    return failed ? report_error(error, -errno, "mprotect: %s", strerror(errno)) : 0;
}

const struct probe probe_page_fault = PROBE_PAGE_FAULT(METRIC_PAGE_FAULT);
const struct probe probe_mprotect = {
    .metric = METRIC_MPROTECT, .per_operation = 2, .begin = touch_once, .run = protect, .end = pages_end};
