/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "block/trial.h"

#include "block/figures.h"
#include "block/layout.h"
#include "block/target/cache.h"
#include "block/verify.h"
#include "block/whose.h"
#include "shared/case/report.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* Brings the page cache into the state that the operation is to find, and says which that is. */
static int set_cache(const struct job *job, const struct target *target, struct vms_error *error) {
    bool reads = job->operation != JOB_REWRITE && job->operation != JOB_RANDWRITE;
    struct cache_count count;
    int status;

    if (job->direct)
        return 0; /* what a direct pass was is seen after it */
    if (job->cache == JOB_CACHE_COLD)
        status = cache_drop(job, target, &count, error);
    else
        status = cache_look(job, target, &count, error);
    if (status < 0)
        return status;
    if (job->cache == JOB_CACHE_COLD && count.refusal == 0 && !cache_is_cold(&count))
        return report_error(error, -ENOTSUP,
                            "%" PRIu64 " of %" PRIu64
                            " pages of %s stay in memory: nothing read from there is cold",
                            count.resident, count.pages, target->path);
    if (reads)
        return whose_read(job, &count, error);
    if (count.refusal < 0)
        return report_fact(job->host, error, "cached_before", "unknown: mincore: %s",
                           strerror(-count.refusal));
    return report_fact(job->host, error, "cached_before", "%" PRIu64 " of %" PRIu64 " pages", count.resident,
                       count.pages);
}

/* The second half of a `write`, as dd users do it: the new file is read in the same way. */
static int read_back(const struct job *job, const struct target *target, struct trial_tools *tools,
                     struct vms_error *error) {
    struct plan plan = plan_whole(job, PLAN_READS);
    struct pass pass = {.job = job, .target = target, .pool = &tools->pool, .plan = &plan};
    struct pass_figures figures;
    int status = set_cache(job, target, error);

    if (status == 0)
        status = pass_run(&pass, &figures, error);
    if (status == 0)
        status = figures_report_way(&pass, &figures, PASS_READ, error);
    pass_done(&pass);
    return status;
}

/* What the operation needs to find: nothing, or a whole flushed file, cached or not. */
static int lay_out(const struct job *job, const struct target *target, const struct trial_tools *tools,
                   uint64_t generation, struct vms_error *error) {
    int status;

    if (job->operation == JOB_WRITE)
        return 0;
    status = layout_write(job, target, generation, tools->pool.seed, error);
    return status == 0 ? set_cache(job, target, error) : status;
}

static int operate(const struct job *job, const struct target *target, struct trial_tools *tools,
                   uint64_t generation, struct vms_error *error) {
    struct pass pass = {
        .job = job, .target = target, .pool = &tools->pool, .plan = &tools->plan, .generation = generation};
    struct pass_figures figures;
    int status = pass_run(&pass, &figures, error);

    if (status == 0)
        status = figures_report(&pass, &figures, error);
    pass_done(&pass);
    return status;
}

static int run_on(const struct job *job, const struct target *target, struct trial_tools *tools,
                  struct vms_error *error) {
    const struct vms_host *host = job->host;
    struct verify_expectation expected = {.plan = &tools->plan, .seed = tools->pool.seed};
    struct cache_count left;
    int status;

    /* The time is a generation that nothing that was here before can have. */
    expected.laid_out = host->now(host->context);
    status = lay_out(job, target, tools, expected.laid_out, error);
    if (status < 0)
        return status;
    expected.generation = host->now(host->context);
    status = operate(job, target, tools, expected.generation, error);
    if (status == 0 && job->operation == JOB_WRITE)
        status = read_back(job, target, tools, error);
    if (status == 0)
        status = verify_file(job, target, &expected, &left, error);
    if (status < 0)
        return status; /* what was reported is dropped with the trial */
    return report_fact(host, error, "verified", "every sector, from %s", whose_source(job, &left));
}

int trial_run(const struct job *job, struct trial_tools *tools, struct vms_error *error) {
    struct target target;
    int status = target_open(job, &target, error);

    if (status < 0)
        return status;
    status = run_on(job, &target, tools, error);
    target_done(&target);
    return status;
}
