/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "block/figures.h"

#include "block/whose.h"
#include "shared/case/report.h"

#include <inttypes.h>
#include <string.h>

static const struct {
    unsigned rate, time, latency;
} rows[PASS_WAYS] = {
    [PASS_READ] = {FIGURES_READ, FIGURES_READ_TIME, FIGURES_READ_LATENCY},
    [PASS_WRITE] = {FIGURES_WRITE, FIGURES_WRITE_TIME, FIGURES_WRITE_LATENCY},
};

int figures_report_way(const struct pass *pass, const struct pass_figures *figures, int way,
                       struct vms_error *error) {
    const struct vms_host *host = pass->job->host;
    const struct pass_latencies *latencies = &pass->latencies[way];
    double bytes = (double)(figures->ops[way] * pass->job->block_size);
    int status;

    if (figures->ops[way] == 0)
        return 0;
    status = report_sample(host, error, rows[way].rate, bytes / figures->seconds);
    if (status == 0)
        status = report_sample(host, error, rows[way].time, figures->seconds);
    if (status == 0 && way == PASS_READ && pass->job->direct)
        status = whose_read(pass->job, &figures->after, error);
    if (status < 0 || latencies->n == 0)
        return status;
    status = host->distribution(host->context, rows[way].latency, latencies->seconds, latencies->n);
    if (status < 0)
        return report_error(error, status, "the host did not take %zu latencies", latencies->n);
    return pass->latency_every == 1 ? 0
                                    : report_fact(host, error, "latency_sampled", "one operation in %" PRIu64,
                                                  pass->latency_every);
}

static int report_operations(const struct job *job, const struct pass_figures *figures,
                             struct vms_error *error) {
    return report_sample(job->host, error, FIGURES_OPERATIONS, (double)job->n_ops / figures->seconds);
}

static int report_engine(const struct job *job, const struct pass_figures *figures, struct vms_error *error) {
    if (job->engine == JOB_ENGINE_SYNC)
        return report_fact(job->host, error, "engine_used", "sync");
    if (figures->fell_back)
        return report_fact(job->host, error, "engine_used", "sync: io_uring was refused (%s)",
                           strerror(-figures->refusal));
    return report_fact(job->host, error, "engine_used", "io_uring, %u in flight, handed over %s",
                       job->queue_depth, job->submit == JOB_SUBMIT_EACH ? "one by one" : "in batches");
}

int figures_report(const struct pass *pass, const struct pass_figures *figures, struct vms_error *error) {
    const struct job *job = pass->job;
    bool is_random = job->operation >= JOB_RANDREAD;
    double gigabytes = (double)(job->n_ops * job->block_size) / 1e9;
    int status = is_random ? report_operations(job, figures, error) : 0;

    for (int way = PASS_WAYS - 1; status == 0 && way >= 0; way--)
        status = figures_report_way(pass, figures, way, error);
    if (status == 0 && !is_random)
        status = report_operations(job, figures, error);
    if (status == 0)
        status = report_sample(job->host, error, FIGURES_CPU, figures->cpu_seconds / gigabytes);
    if (status == 0 && figures->ops[PASS_WRITE] > 0)
        status = whose_write(job, &figures->after, error);
    if (status == 0)
        status = whose_direct(job, &figures->after, error);
    if (status == 0)
        status = report_fact(job->host, error, "file_bytes", "%" PRIu64, job->bytes);
    return status == 0 ? report_engine(job, figures, error) : status;
}
