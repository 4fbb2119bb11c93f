/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * linpack: the solution of dense systems of linear equations, J. J. Dongarra's LINPACK benchmark
 * ("Performance of Various Computers Using Standard Linear Equations Software", CS-89-85): LU decomposition
 * with partial pivoting and the solve, 2/3 n^3 + 2 n^2 floating-point operations for a system of order n.
 *
 * `reference` is the historical benchmark, the published algorithm as plain C (lu.h); `openblas` is what a
 * tuned library makes of the same systems (?getrf_ and ?getrs_). The systems are made anew, outside the
 * timed region, before they are solved; as many are solved in one timed piece as it takes for the clock to
 * be exact to 0.1 %, and pieces follow until `seconds` have been measured. Every solution is held to the
 * normalised residual of system.h.
 */
#include "linpack/batch.h"
#include "linpack/blas.h"
#include "linpack/lu.h"
#include "shared/case/affinity.h"
#include "shared/case/report.h"
#include "shared/case/state.h"
#include "shared/case/step.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

enum { PARAM_N, PARAM_PRECISION, PARAM_SOLVER, PARAM_THREADS, PARAM_SECONDS, PARAM_ISA, PARAM_SYSTEMS };
enum { SINGLE, DOUBLE };
enum { REFERENCE, OPENBLAS };

static const char *const precisions[] = {"single", "double", NULL};
static const char *const solvers[] = {"reference", "openblas", NULL};
static const char *const isas[] = {"auto", "baseline", "avx2", NULL}; /* enum lu_isa */

static const struct vms_param params[] = {
    [PARAM_N] = {"n", VMS_COUNT, "100", "1", "100000", NULL, "Order of the system.", VMS_ROLE_SIZE},
    [PARAM_PRECISION] = {"precision", VMS_CHOICE, "single", NULL, NULL, precisions,
                         "Numbers of 4 bytes (single) or 8 (double).", VMS_ROLE_PLAIN},
    [PARAM_SOLVER] = {"solver", VMS_CHOICE, "reference", NULL, NULL, solvers,
                      "The published algorithm as plain C, or the OpenBLAS library.", VMS_ROLE_PLAIN},
    [PARAM_THREADS] = {"threads", VMS_COUNT, "1", "1", "1024", NULL,
                       "Threads of OpenBLAS; the reference always has one.", VMS_ROLE_PLAIN},
    [PARAM_SECONDS] = {"seconds", VMS_SECONDS, "0.5", "0.001", "3600", NULL,
                       "The least time that a trial measures; at least one system is solved.",
                       VMS_ROLE_PLAIN},
    [PARAM_ISA] = {"isa", VMS_CHOICE, "auto", NULL, NULL, isas,
                   "Instruction set of the reference; auto: the widest that the processor has.",
                   VMS_ROLE_PLAIN},
    [PARAM_SYSTEMS] =
        {"systems", VMS_COUNT, "0", "0", "65536", NULL,
         "Systems in a timed piece; 0: as many as the clock needs, which differs from clock to clock.",
         VMS_ROLE_PLAIN},
};

static const struct vms_fact facts[] = {
    {"generator", VMS_ROLE_PLAIN, "Where the systems come from."},
    {"working_set_bytes", VMS_ROLE_PLAIN,
     "Bytes of the systems of a piece, with what is kept of their solutions."},
    {"systems_per_piece", VMS_ROLE_PLAIN, "Systems that are solved in one timed piece."},
    {"solver_isa", VMS_ROLE_WORK,
     "The instruction set of the reference that ran; for OpenBLAS, the processor that its code was made "
     "for."},
    {"openblas", VMS_ROLE_PLAIN, "How the library describes itself."},
    {"threads_used", VMS_ROLE_WORK, "Threads of the solver: OpenBLAS may use fewer than it was given."},
    AFFINITY_FACTS,
};

enum { METRIC_SOLVE, METRIC_SOLVE_TIME, METRIC_RESIDUAL };

static const struct vms_metric metrics[] = {
    [METRIC_SOLVE] = {"solve", VMS_FLOP_PER_SECOND, VMS_HIGHER, VMS_SCALAR, VMS_LOCAL,
                      "2/3 n^3 + 2 n^2 operations, divided by the mean time of a system.", VMS_ROLE_HEADLINE},
    [METRIC_SOLVE_TIME] = {"solve_time", VMS_UNIT_SECONDS, VMS_LOWER, VMS_SCALAR, VMS_LOCAL,
                           "Mean time to decompose and solve one system.", VMS_ROLE_DERIVED},
    [METRIC_RESIDUAL] = {"residual", VMS_RATIO, VMS_NEITHER, VMS_SCALAR, VMS_LOCAL,
                         "The largest normalised residual; a trial fails beyond 16.", VMS_ROLE_FACT},
};

struct linpack {
    struct batch batch;
    const struct lu *lu; /* NULL: openblas */
    struct blas blas;
};

#define POLL_FROM 500 /* order from which a single system takes long enough to look for a stop */
#define BATCH_MAX 65536

static int stopped(struct vms_error *error) {
    return report_error(error, -ECANCELED, "stopped before the trial was over");
}

static int singular(const struct linpack *linpack, size_t i, size_t column, struct vms_error *error) {
    return report_error(error, -EDOM,
                        "system %zu of %zu (order %zu, seed %" PRIu64
                        ") is singular: column %zu has no pivot that is a number other than 0",
                        i + 1, linpack->batch.count, linpack->batch.n, linpack->batch.seed + i, column);
}

static int solve_reference(const struct vms_host *host, struct linpack *linpack, size_t i,
                           struct vms_error *error) {
    const struct batch *batch = &linpack->batch;
    size_t n = batch->n;
    void *matrix = batch_matrix(batch, i);

    for (size_t k = 0; k < n; k++) {
        if (n >= POLL_FROM && host->should_stop(host->context))
            return stopped(error);
        if (linpack->lu->step(matrix, n, k, batch->pivots) < 0)
            return singular(linpack, i, k, error);
    }
    linpack->lu->solve(matrix, n, batch->pivots, batch_side(batch, i));
    return 0;
}

static int solve_openblas(struct linpack *linpack, size_t i, struct vms_error *error) {
    const struct batch *batch = &linpack->batch;
    int info = blas_solve(&linpack->blas, (int)batch->n, batch_matrix(batch, i), batch->pivots,
                          batch_side(batch, i));

    return info == 0 ? 0 : singular(linpack, i, (size_t)info - 1, error);
}

/* Solves all systems of the batch in one timed piece. */
static int time_batch(const struct vms_host *host, struct linpack *linpack, double *ret_seconds,
                      struct vms_error *error) {
    uint64_t begin_ns, end_ns;
    int status = 0;

    batch_reset(&linpack->batch);
    begin_ns = host->now(host->context);
    for (size_t i = 0; i < linpack->batch.count && status == 0; i++)
        status = linpack->lu ? solve_reference(host, linpack, i, error) : solve_openblas(linpack, i, error);
    end_ns = host->now(host->context);
    if (status == 0)
        *ret_seconds = 1e-9 * (double)(end_ns - begin_ns);
    return status;
}

/* Makes a batch of so many systems, or where that is 0, batches of twice the size until one takes STEP_COUNT
 * steps of the clock. */
static int calibrate(const struct vms_host *host, size_t n, bool is_double, size_t systems,
                     struct linpack *linpack, struct vms_error *error) {
    double least = STEP_COUNT * step_of_clock(host);
    size_t most = systems > 0 ? systems : BATCH_MAX;

    for (size_t count = systems > 0 ? systems : 1; count <= most; count *= 2) {
        double seconds = 0;
        int status = batch_init(n, is_double, count, host->seed, &linpack->batch, error);

        if (status == 0)
            status = time_batch(host, linpack, &seconds, error);
        if (status == 0 &&
            seconds < 10 * least) /* once more, now that code and memory have been brought in */
            status = time_batch(host, linpack, &seconds, error);
        if (status < 0 || seconds >= least)
            return status;
        batch_done(&linpack->batch);
    }
    return report_error(
        error, -ERANGE,
        "%zu systems of order %zu take less than %d steps of the clock: more of them are needed", most, n,
        STEP_COUNT);
}

static void linpack_cleanup(void *state) {
    struct linpack *linpack = state;

    if (!linpack)
        return;
    batch_done(&linpack->batch);
    free(linpack);
}

static int report_facts(const struct vms_host *host, const struct linpack *linpack, struct vms_error *error) {
    int status = report_fact(host, error, "generator", "%s",
                             "HPL's: Knuth's 6364136223846793005 x + 1 mod 2^64, uniform in [-1/2, 1/2)");

    if (status == 0)
        status = report_fact(host, error, "working_set_bytes", "%" PRIu64,
                             batch_bytes(linpack->batch.n, linpack->batch.is_double, linpack->batch.count));
    if (status == 0)
        status = report_fact(host, error, "systems_per_piece", "%zu", linpack->batch.count);
    if (status == 0)
        status =
            report_fact(host, error, "solver_isa", "%s", linpack->lu ? linpack->lu->isa : linpack->blas.core);
    if (status == 0 && !linpack->lu)
        status = report_fact(host, error, "openblas", "%s", linpack->blas.build);
    if (status == 0)
        status = report_fact(host, error, "threads_used", "%d", linpack->lu ? 1 : linpack->blas.threads);
    return status == 0 ? report_affinity(host, error) : status;
}

static int linpack_validate(const union vms_value *values, struct vms_error *error) {
    if (values[PARAM_SOLVER].choice == REFERENCE && values[PARAM_THREADS].count > 1)
        return report_error(error, -EINVAL, "threads is %" PRIu64 ", but solver reference has one thread",
                            values[PARAM_THREADS].count);
    return 0;
}

static int set_up(const struct vms_host *host, const union vms_value *values, void *state,
                  struct vms_error *error) {
    struct linpack *linpack = state;
    bool is_double = values[PARAM_PRECISION].choice == DOUBLE;
    int status = linpack_validate(values, error);

    if (status < 0)
        return status;
    if (values[PARAM_SOLVER].choice == OPENBLAS)
        status = blas_open(is_double, (int)values[PARAM_THREADS].count, &linpack->blas, error);
    else
        linpack->lu = lu_choose(is_double, (enum lu_isa)values[PARAM_ISA].choice);
    if (status == 0 && values[PARAM_SOLVER].choice == REFERENCE && !linpack->lu)
        status =
            report_error(error, -ENOTSUP, "this processor cannot run isa %s", isas[values[PARAM_ISA].choice]);
    if (status == 0)
        status =
            calibrate(host, values[PARAM_N].count, is_double, values[PARAM_SYSTEMS].count, linpack, error);
    return status == 0 ? report_facts(host, linpack, error) : status;
}

static int linpack_prepare(const struct vms_host *host, const union vms_value *values, void **ret_state,
                           struct vms_error *error) {
    return state_make(host, values, sizeof(struct linpack), set_up, linpack_cleanup, ret_state, error);
}

static double operations(double n) {
    return 2.0 / 3.0 * n * n * n + 2 * n * n;
}

struct tally {
    double seconds, residual; /* the largest residual */
    size_t pieces;
};

/* Times pieces until the trial has `seconds` of them or no more solutions can be kept, then judges these. */
static int time_pieces(const struct vms_host *host, struct linpack *linpack, double seconds,
                       struct tally *tally, struct vms_error *error) {
    double residual = 0;
    size_t rounds = 0;
    int status = 0;

    while (status == 0 && rounds < linpack->batch.rounds &&
           (tally->pieces == 0 || tally->seconds < seconds)) {
        double piece = 0;

        if (host->should_stop(host->context))
            return stopped(error);
        status = time_batch(host, linpack, &piece, error);
        batch_keep(&linpack->batch, rounds++);
        tally->seconds += piece;
        tally->pieces++;
    }
    if (status == 0)
        status = batch_check(&linpack->batch, rounds, &residual, error);
    tally->residual = residual > tally->residual ? residual : tally->residual;
    return status;
}

static int linpack_measure(const struct vms_host *host, const union vms_value *values, void *state,
                           struct vms_error *error) {
    struct linpack *linpack = state;
    struct tally tally = {0};
    double mean;
    int status = 0;

    while (status == 0 && (tally.pieces == 0 || tally.seconds < values[PARAM_SECONDS].seconds))
        status = time_pieces(host, linpack, values[PARAM_SECONDS].seconds, &tally, error);
    if (status < 0)
        return status;
    mean = tally.seconds / (double)(tally.pieces * linpack->batch.count);
    status = report_sample(host, error, METRIC_SOLVE, operations((double)linpack->batch.n) / mean);
    if (status == 0)
        status = report_sample(host, error, METRIC_SOLVE_TIME, mean);
    if (status == 0)
        status = report_sample(host, error, METRIC_RESIDUAL, tally.residual);
    return status;
}

/* A guess at 1 Gflop/s, and as much again to make and to judge the systems. */
static void linpack_estimate(const union vms_value *values, struct vms_estimate *ret) {
    double n = (double)values[PARAM_N].count, seconds = operations(n) / 1e9;

    if (seconds < values[PARAM_SECONDS].seconds)
        seconds = values[PARAM_SECONDS].seconds;
    ret->seconds = 2 * seconds;
    ret->memory = batch_bytes(values[PARAM_N].count, values[PARAM_PRECISION].choice == DOUBLE,
                              values[PARAM_SYSTEMS].count > 0 ? values[PARAM_SYSTEMS].count : 1);
}

const struct vms_module vms_module_v1 = {
    VMS_MODULE_ABI,
    .name = "linpack",
    .summary = "Dense linear systems as LINPACK solves them: LU with partial pivoting, and the solve",
    .resource = VMS_CPU,
    .workload_version = 1,
    .params = params,
    .n_params = VMS_LENGTH(params),
    .metrics = metrics,
    .n_metrics = VMS_LENGTH(metrics),
    .facts = facts,
    .n_facts = VMS_LENGTH(facts),
    .prepare = linpack_prepare,
    .measure = linpack_measure,
    .cleanup = linpack_cleanup,
    .estimate = linpack_estimate,
    .validate = linpack_validate,
};
