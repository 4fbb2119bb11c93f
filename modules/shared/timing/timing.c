/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "shared/timing/probe.h"

#include "shared/case/report.h"
#include "shared/case/step.h"

#include <errno.h>

/* Seconds of n operations. */
static int time_operations(struct bench *bench, const struct probe *probe, size_t n, double *ret_seconds,
                           struct vms_error *error) {
    const struct vms_host *host = bench->host;
    uint64_t begin_ns, end_ns;
    int status = probe->ready ? probe->ready(bench, n, error) : 0;

    if (status < 0)
        return status;
    begin_ns = host->now(host->context);
    status = probe->run(bench, n, error);
    end_ns = host->now(host->context);
    *ret_seconds = 1e-9 * (double)(end_ns - begin_ns);
    return status;
}

/* How many operations take as many steps of the clock as are asked for, or as many as the probe can do. */
static int size_piece(struct bench *bench, const struct probe *probe, size_t *ret_n,
                      struct vms_error *error) {
    double least = bench->steps * step_of_clock(bench->host), seconds = 0;
    size_t n = 1;
    int status = time_operations(bench, probe, n, &seconds, error);

    while (status == 0) {
        status = time_operations(bench, probe, n, &seconds, error);
        if (seconds >= least || (probe->most && 2 * n > probe->most))
            break;
        n *= 2;
    }
    if (status == 0)
        *ret_n = n;
    return status;
}

static int take_samples(struct bench *bench, const struct probe *probe, struct vms_error *error) {
    const struct vms_host *host = bench->host;
    size_t n = 1;
    int status = size_piece(bench, probe, &n, error);

    for (uint64_t i = 0; i < bench->samples && status == 0; i++) {
        if (host->should_stop(host->context))
            return report_error(error, -ECANCELED, "stopped at sample %zu", (size_t)i);
        status = time_operations(bench, probe, n, &bench->values[i], error);
        bench->values[i] /= (double)n * probe->per_operation;
    }
    return status;
}

int timing_measure(struct bench *bench, const struct probe *probe, struct vms_error *error) {
    struct vms_error at_end = {""};
    int status, ended = 0;

    bench->state = NULL;
    bench->metric = probe->metric;
    status = probe->begin ? probe->begin(bench, error) : 0;
    if (status < 0)
        return status;
    status = take_samples(bench, probe, error);
    if (probe->end)
        ended = probe->end(bench, status < 0 ? &at_end : error);
    if (status == 0)
        status = ended;
    if (status < 0)
        return status;
    return report_distribution(bench->host, error, probe->metric, bench->values, bench->samples);
}

int timing_try(struct bench *bench, const struct probe *probe, struct vms_error *error) {
    struct vms_error ignored = {""};
    int status = probe->begin ? probe->begin(bench, error) : 0;

    if (status < 0)
        return status;
    status = probe->ready ? probe->ready(bench, 1, error) : 0;
    if (status == 0)
        status = probe->run(bench, 1, error);
    if (probe->end)
        (void)probe->end(bench, &ignored);
    return status;
}
