/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stream/arrays.h"

#include "shared/case/report.h"
#include "stream/verify.h"

#include <errno.h>
#include <omp.h>
#include <string.h>

/* Elements between the arrays (STREAM's OFFSET): 1 KiB, so that the same element of two arrays does not lie
 * in the same place of two pages, where processors take a load for one of a store that is under way. */
#define PAD 128

/* The part of 0..n that the calling thread works on, in whole cache lines. */
static size_t slice(const struct arrays *arrays, size_t *ret_length) {
    size_t id = (size_t)omp_get_thread_num(), of = (size_t)omp_get_num_threads();
    size_t lines = arrays->n / LINE, share = lines / of, rest = lines % of;

    *ret_length = (share + (id < rest)) * LINE;
    return (id * share + (id < rest ? id : rest)) * LINE;
}

void arrays_fill(struct arrays *arrays) {
#pragma omp parallel num_threads(arrays->place.threads)
    {
        size_t length, start = slice(arrays, &length);

        for (size_t i = start; i < start + length; i++) {
            arrays->a[i] = STREAM_A;
            arrays->b[i] = STREAM_B;
            arrays->c[i] = STREAM_C;
        }
    }
}

/* OpenMP keeps its threads, and their numbers, from one region to the next: bound once, they stay. */
static int bind_threads(const struct arrays *arrays, struct vms_error *error) {
    unsigned threads = 0;
    int failed = 0;

    omp_set_dynamic(0);
#pragma omp parallel num_threads(arrays->place.threads) reduction(+ : threads) reduction(min : failed)
    {
        threads = 1;
        failed = place_bind(&arrays->place, (unsigned)omp_get_thread_num());
    }
    if (threads != arrays->place.threads)
        return report_error(error, -EAGAIN, "OpenMP gave %u of the %u threads that were asked for", threads,
                            arrays->place.threads);
    if (failed < 0)
        return report_error(error, failed, "binding a thread to its processor: %s", strerror(-failed));
    return 0;
}

int arrays_map(struct arrays *arrays, uint64_t bytes, enum region_pages pages, struct vms_error *error) {
    int status =
        region_map(3 * bytes + 2 * PAD * sizeof(double), pages, "the three arrays", &arrays->region, error);

    if (status < 0)
        return status;
    arrays->n = bytes / sizeof(double);
    arrays->a = arrays->region.start;
    arrays->b = arrays->a + arrays->n + PAD;
    arrays->c = arrays->b + arrays->n + PAD;
    status = bind_threads(arrays, error);
    if (status == 0)
        arrays_fill(arrays);
    return status;
}

void arrays_run(struct arrays *arrays, enum operation operation) {
#pragma omp parallel num_threads(arrays->place.threads)
    {
        size_t length, start = slice(arrays, &length);
        double *a = arrays->a + start, *b = arrays->b + start, *c = arrays->c + start;

        switch (operation) {
        case COPY:
            arrays->kernels->copy(c, a, length);
            break;
        case SCALE:
            arrays->kernels->scale(b, c, STREAM_Q, length);
            break;
        case ADD:
            arrays->kernels->add(c, a, b, length);
            break;
        default:
            arrays->kernels->triad(a, b, c, STREAM_Q, length);
        }
    }
}

void arrays_done(struct arrays *arrays) {
    region_unmap(&arrays->region);
}
