/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "block/pass/pass.h"

#include "block/pass/engine.h"
#include "block/pass/pace.h"
#include "block/target/failure.h"
#include "shared/case/report.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

static double cpu_seconds(void) {
    struct rusage usage = {0};

    (void)getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void count_ops(const struct plan *plan, uint64_t ops[static PASS_WAYS]) {
    ops[PASS_READ] = ops[PASS_WRITE] = 0;
    if (plan->direction != PLAN_MIXED)
        ops[plan->direction == PLAN_READS ? PASS_READ : PASS_WRITE] = plan->n_ops;
    else
        for (uint64_t i = 0; i < plan->n_ops; i++)
            ops[plan_is_write(plan, i) ? PASS_WRITE : PASS_READ]++;
}

/* Room for the latencies, touched so that no page fault falls into the pass. */
static int make_room(struct pass *pass, const uint64_t ops[static PASS_WAYS], struct vms_error *error) {
    if (!pass->job->latency)
        return 0;
    pass->latency_every = pass_latency_every(pass->plan->n_ops);
    for (int way = 0; way < PASS_WAYS; way++) {
        size_t capacity = (size_t)(ops[way] < PASS_LATENCIES_MAX ? ops[way] : PASS_LATENCIES_MAX);

        if (capacity == 0)
            continue;
        pass->latencies[way].seconds = malloc(capacity * sizeof(double));
        if (!pass->latencies[way].seconds)
            return report_error(error, -ENOMEM, "no memory for %zu latencies", capacity);
        for (size_t i = 0; i < capacity; i++)
            pass->latencies[way].seconds[i] = 0;
        pass->latencies[way].capacity = capacity;
    }
    return 0;
}

static int flush(const struct pass *pass, struct vms_error *error) {
    int status = 0;

    if (pass->job->sync == JOB_SYNC_FDATASYNC)
        status = fdatasync(pass->target->fd);
    else if (pass->job->sync == JOB_SYNC_FSYNC)
        status = fsync(pass->target->fd);
    return status < 0 ? failure_io(error, -errno, "flushing", pass->target->path, 0) : 0;
}

static int run_all(const struct engine *engine, void *state, struct pass *pass, struct vms_error *error) {
    const struct plan *plan = pass->plan;
    struct pace pace;
    int status = 0;

    pace_start(&pace, pass->job->host, plan->direction == PLAN_READS ? NULL : pass->target);
    for (uint64_t done = 0, n; status == 0 && done < plan->n_ops; done += n) {
        n = plan->n_ops - done < pace.batch ? plan->n_ops - done : pace.batch;
        status = engine->run(state, pass, done, n, error);
        if (status == 0)
            status = pace_look(&pace, error);
    }
    if (status == 0)
        status = engine->drain(state, pass, error);
    if (status == 0 && plan->direction != PLAN_READS)
        status = flush(pass, error);
    return status;
}

int pass_run(struct pass *pass, struct pass_figures *ret_figures, struct vms_error *error) {
    const struct vms_host *host = pass->job->host;
    const struct engine *engine = pass->job->engine == JOB_ENGINE_URING ? &engine_uring : &engine_sync;
    struct pass_figures figures = {0};
    double begun_cpu_s;
    uint64_t begun_ns;
    void *state;
    int status;

    count_ops(pass->plan, figures.ops);
    status = make_room(pass, figures.ops, error);
    if (status < 0)
        return status;
    figures.refusal = engine->open(pass, &state);
    if (figures.refusal < 0) {
        figures.fell_back = true;
        engine = &engine_sync;
        (void)engine->open(pass, &state);
    }
    begun_cpu_s = cpu_seconds();
    begun_ns = host->now(host->context);
    status = run_all(engine, state, pass, error);
    figures.seconds = (double)(host->now(host->context) - begun_ns) / 1e9;
    figures.cpu_seconds = cpu_seconds() - begun_cpu_s;
    engine->close(state);
    if (status == 0 && pass->job->direct)
        status = cache_look(pass->job, pass->target, &figures.after, error);
    if (status == 0)
        *ret_figures = figures;
    return status;
}

void pass_done(struct pass *pass) {
    for (int way = 0; way < PASS_WAYS; way++) {
        free(pass->latencies[way].seconds);
        pass->latencies[way] = (struct pass_latencies){0};
    }
}
