/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fakes/fake_host.h"
#include "modules/mapped.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "modules/expect.h"

#define N 100
#define SYSTEM_BYTES ((N * N + N) * sizeof(float) + 48) /* rounded up to 64 */

static bool whole; /* all of the thousand seeds: minutes in a build with sanitizers */
static uint64_t (*real_now)(void *context);
static void (*spoil)(float *matrix); /* what is done to the first working matrix before it is solved */

static uint64_t spoiling_now(void *context) {
    struct fake_host *fake = context;

    if (fake->measuring && spoil) {
        size_t count = strtoul(fake_host_fact(fake, "systems_per_piece"), NULL, 10);

        spoil((float *)(void *)((char *)mapped_start() + count * SYSTEM_BYTES));
        spoil = NULL;
    }
    return real_now(context);
}

static void start(struct fake_host *fake, const char *n, const char *precision, const char *solver) {
    fake_host_init(fake, "linpack");
    fake_host_set(fake, "n", n);
    fake_host_set(fake, "precision", precision);
    fake_host_set(fake, "solver", solver);
    fake_host_set(fake, "seconds", "1ms");
}

static void expect_solved(const char *n, const char *precision, const char *solver) {
    struct vms_error error = {""};
    struct fake_host fake;
    double order = strtod(n, NULL), rate, time;

    start(&fake, n, precision, solver);
    if (fake_host_run(&fake, &error) != 0)
        fail_msg("%s %s %s: %s", n, precision, solver, error.text);
    assert_string_equal(fake.module->metrics[fake.trial.metrics[0].metric].name, "solve");
    rate = fake_host_value(&fake, "solve");
    time = fake_host_value(&fake, "solve_time");
    assert_true(fabs(rate * time / (2.0 / 3.0 * order * order * order + 2 * order * order) - 1) < 1e-9);
    assert_true(fake_host_value(&fake, "residual") <= 16);
    fake_host_done(&fake);
}

static void linpack__solves(void **state) {
    static const char *const orders[] = {"1", "2", "3", "10", "100", "257"};
    static const char *const precisions[] = {"single", "double"};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(orders); i++)
        for (size_t j = 0; j < VMS_LENGTH(precisions); j++) {
            expect_solved(orders[i], precisions[j], "reference");
            expect_solved(orders[i], precisions[j], "openblas");
        }
}

static void linpack__default_is_the_historical_benchmark(void **state) {
    struct vms_error error = {""};
    struct fake_host fake;

    (void)state;
    fake_host_init(&fake, "linpack");
    fake_host_set(&fake, "seconds", "1ms");
    assert_int_equal(fake_host_run(&fake, &error), 0);
    assert_non_null(fake_host_fact(&fake, "solver_isa"));
    assert_string_equal(fake_host_fact(&fake, "generator"),
                        "HPL's: Knuth's 6364136223846793005 x + 1 mod 2^64, uniform in [-1/2, 1/2)");
    assert_null(fake_host_fact(&fake, "openblas"));
    assert_int_equal(fake.values[0].count, 100);
    fake_host_done(&fake);
}

/* OpenBLAS chooses by what CPUID shows, which a guest's may hide: what it chose is part of the work. */
static void linpack__openblas_says_what_it_chose(void **state) {
    struct vms_error error = {""};
    const char *core, *build;
    struct fake_host fake;

    (void)state;
    start(&fake, "100", "double", "openblas");
    assert_int_equal(fake_host_run(&fake, &error), 0);
    core = fake_host_fact(&fake, "solver_isa");
    build = fake_host_fact(&fake, "openblas");
    assert_non_null(core);
    assert_non_null(strcasestr(build, core));
    fake_host_done(&fake);
}

static void linpack__each_instruction_set_is_verified(void **state) {
    static const char *const isas[] = {"auto", "baseline", "avx2"};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(isas); i++) {
        struct vms_error error = {""};
        struct fake_host fake;
        int status;

        start(&fake, "100", "double", "reference");
        fake_host_set(&fake, "isa", isas[i]);
        status = fake_host_run(&fake, &error);
        assert_true(status == 0 || status == -ENOTSUP);
        if (status == 0 && i > 0)
            assert_string_equal(fake_host_fact(&fake, "solver_isa"), isas[i]);
        fake_host_done(&fake);
    }
}

/* Systems that a configuration asks for are what every machine gets, or an error where its clock needs
 * more. */
static void linpack__as_many_systems_as_asked_for(void **state) {
    static const struct {
        const char *n, *systems;
        int status;
    } rows[] = {{"100", "64", 0}, {"1", "1", -ERANGE}};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        struct vms_error error = {""};
        struct fake_host fake;

        start(&fake, rows[i].n, "single", "reference");
        fake_host_set(&fake, "systems", rows[i].systems);
        assert_int_equal(fake_host_run(&fake, &error), rows[i].status);
        if (rows[i].status == 0)
            assert_string_equal(fake_host_fact(&fake, "systems_per_piece"), rows[i].systems);
        else
            assert_non_null(strstr(error.text, "more of them are needed"));
        fake_host_done(&fake);
    }
}

/* 1,000 seeds: all residuals within the limit. In turn in one precision and the other, with orders up to 100,
 * every 20th up to 500; `whole`: each in both, and each order from 1 to 500 twice. */
static void linpack__thousand_seeds(void **state) {
    static const char *const precisions[] = {"single", "double"};

    (void)state;
    for (unsigned i = 0; i < 2000; i++) {
        unsigned seed = 1 + i / 2;
        struct vms_error error = {""};
        struct fake_host fake;
        char n[16];

        if (!whole && i % 2 != seed % 2)
            continue;
        (void)snprintf(n, sizeof(n), "%u", 1 + (seed - 1) % (whole || seed % 20 == 0 ? 500 : 100));
        start(&fake, n, precisions[i % 2], "reference");
        fake.host.seed = seed;
        if (fake_host_run(&fake, &error) != 0)
            fail_msg("order %s, seed %u, %s: %s", n, seed, precisions[i % 2], error.text);
        fake_host_done(&fake);
    }
}

static void change_element(float *matrix) {
    matrix[3 * N + 7] += 0.25f;
}

static void make_nan(float *matrix) {
    matrix[50 * N + 50] = NAN;
}

static void make_all_nan(float *matrix) {
    for (size_t i = 0; i < (size_t)N * N; i++)
        matrix[i] = NAN;
}

static void make_infinite(float *matrix) {
    matrix[50 * N + 50] = INFINITY;
}

static void clear_column(float *matrix) {
    memset(matrix + 20 * (size_t)N, 0, N * sizeof(*matrix));
}

static void expect_spoilt(const char *solver, void (*how)(float *matrix), int status, const char *text) {
    struct fake_host fake;

    start(&fake, "100", "single", solver);
    real_now = fake.host.now;
    spoil = how;
    fake.host.now = spoiling_now;
    expect_failure(&fake, status, text);
    fake_host_done(&fake);
}

static void linpack__a_wrong_solution_is_named(void **state) {
    (void)state;
    expect_spoilt("reference", change_element, -EBADMSG, "system 1 of ");
    expect_spoilt("openblas", change_element, -EBADMSG, "(order 100, seed 42)");
}

/* Only the second piece is spoilt: its clock is read for the third time in the trial. */
static uint64_t late_spoiling_now(void *context) {
    static unsigned calls;
    struct fake_host *fake = context;

    calls = fake->measuring ? calls + 1 : 0;
    if (calls == 3)
        change_element((float *)(void *)((char *)mapped_start() + SYSTEM_BYTES));
    return real_now(context);
}

static void linpack__a_wrong_solution_of_a_later_piece_is_named(void **state) {
    struct fake_host fake;

    (void)state;
    start(&fake, "100", "single", "reference");
    fake_host_set(&fake, "systems", "1");
    fake_host_set(&fake, "seconds", "100ms");
    real_now = fake.host.now;
    fake.host.now = late_spoiling_now;
    expect_failure(&fake, -EBADMSG, "system 1 of 1 (order 100, seed 42)");
    fake_host_done(&fake);
}

/* The normalised residual of HPL, |Ax - b| / (|A| |x| n eps) in the maximum norm, of the system that was made
 * (column by column, then b), and of the solution that lies where b was in the copy behind it. */
static double residual_of_first(void) {
    const float *made = mapped_start(), *b = made + N * N;
    const float *x = (const float *)(const void *)((const char *)mapped_start() + SYSTEM_BYTES) + N * N;
    double norm_a = 0, norm_x = 0, norm_r = 0;

    for (size_t i = 0; i < N; i++) {
        double row = 0, rest = -(double)b[i];

        /* Two loops, for of both sums in one the vectoriser of GCC 12 for aarch64 has an internal error. */
        for (size_t j = 0; j < N; j++)
            row += fabs((double)made[j * N + i]);
        for (size_t j = 0; j < N; j++)
            rest += (double)made[j * N + i] * (double)x[j];
        norm_a = fmax(norm_a, row);
        norm_r = fmax(norm_r, fabs(rest));
        norm_x = fmax(norm_x, fabs((double)x[i]));
    }
    return norm_r / (norm_a * norm_x * N * 0x1p-24);
}

static double last_residual;

static uint64_t watching_now(void *context) {
    const struct fake_host *fake = context;

    if (fake->measuring)
        last_residual = residual_of_first();
    return real_now(context);
}

static void linpack__the_residual_is_hpls(void **state) {
    struct fake_host fake;
    double found;

    (void)state;
    start(&fake, "100", "single", "reference");
    fake_host_set(&fake, "systems", "1");
    real_now = fake.host.now;
    fake.host.now = watching_now;
    expect_success(&fake);
    found = fake_host_value(&fake, "residual");
    assert_true(found > 1e-4);
    assert_true(fabs(found / last_residual - 1) < 1e-9);
    fake_host_done(&fake);
}

/* A number that is none is met as a pivot or, at the latest, in the residual: solvers differ in that. */
static void expect_no_figure(const char *solver, void (*how)(float *matrix)) {
    struct vms_error error = {""};
    struct fake_host fake;

    start(&fake, "100", "single", solver);
    real_now = fake.host.now;
    spoil = how;
    fake.host.now = spoiling_now;
    assert_true(fake_host_run(&fake, &error) < 0);
    assert_non_null(strstr(error.text, "(order 100, seed 42)"));
    assert_int_equal(fake.trial.n_metrics, 0);
    fake_host_done(&fake);
}

static void linpack__nan_is_an_error(void **state) {
    static const char *const solvers[] = {"reference", "openblas"};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(solvers); i++) {
        expect_no_figure(solvers[i], make_nan);
        expect_no_figure(solvers[i], make_all_nan);
        expect_no_figure(solvers[i], make_infinite);
    }
}

static void linpack__singular_is_an_error(void **state) {
    (void)state;
    expect_spoilt("reference", clear_column, -EDOM, "is singular: column 20 has no pivot");
    expect_spoilt("openblas", clear_column, -EDOM, "is singular: column 20 has no pivot");
}

/* False where the library is not here. */
static bool run_or_skip(struct fake_host *fake) {
    struct vms_error error = {""};
    int status = fake_host_run(fake, &error);

    if (status < 0 && status != -ENOTSUP)
        fail_msg("%s", error.text);
    return status == 0;
}

/* Pieces of 0.1 s, 0.2 s, 0.3 s, ... by the clock; before the trial the real one. */
static uint64_t scripted_now(void *context) {
    static uint64_t calls, now_ns;
    struct fake_host *fake = context;

    if (!fake->measuring) {
        calls = 0;
        now_ns = UINT64_C(5000000000);
        return real_now(context);
    }
    if (calls++ % 2 == 1)
        now_ns += (calls / 2) * 100000000;
    return now_ns;
}

static void linpack__pieces_and_systems_share_the_time(void **state) {
    const double n = 100, operations = 2.0 / 3.0 * n * n * n + 2 * n * n;
    struct fake_host fake;
    double mean;

    (void)state;
    start(&fake, "100", "double", "reference");
    fake_host_set(&fake, "seconds", "0.55");
    fake_host_set(&fake, "systems", "256");
    real_now = fake.host.now;
    fake.host.now = scripted_now;
    assert_true(run_or_skip(&fake));
    mean = (0.1 + 0.2 + 0.3) / (3 * 256); /* the third piece is the one that fills the time */
    assert_true(fabs(fake_host_value(&fake, "solve_time") / mean - 1) < 1e-12);
    assert_true(fabs(fake_host_value(&fake, "solve") / (operations / mean) - 1) < 1e-12);
    fake_host_done(&fake);
}

static void linpack__reference_has_one_thread(void **state) {
    struct fake_host fake;

    (void)state;
    start(&fake, "100", "single", "reference");
    fake_host_set(&fake, "threads", "2");
    expect_failure(&fake, -EINVAL, "one thread");
    fake_host_done(&fake);
}

/* The library has its own limit: what it took is what is said. */
static void linpack__threads_are_those_that_ran(void **state) {
    struct fake_host fake;
    unsigned long used;

    (void)state;
    start(&fake, "100", "single", "openblas");
    fake_host_set(&fake, "threads", "1000");
    if (run_or_skip(&fake)) {
        used = strtoul(fake_host_fact(&fake, "threads_used"), NULL, 10);
        assert_true(used >= 1 && used <= 512); /* no build of the library has as many as 1000 */
    }
    fake_host_done(&fake);
    /* As many as were asked for, whatever the library would take by itself. */
    for (unsigned threads = 1; threads <= 3; threads++) {
        char text[16];

        (void)snprintf(text, sizeof(text), "%u", threads);
        start(&fake, "100", "single", "openblas");
        fake_host_set(&fake, "threads", text);
        if (run_or_skip(&fake))
            assert_string_equal(fake_host_fact(&fake, "threads_used"), text);
        fake_host_done(&fake);
    }
    start(&fake, "100", "single", "reference");
    assert_true(run_or_skip(&fake));
    assert_string_equal(fake_host_fact(&fake, "threads_used"), "1");
    fake_host_done(&fake);
}

static void linpack__too_large_names_the_sizes(void **state) {
    struct fake_host fake;

    (void)state;
    start(&fake, "100000", "double", "reference");
    expect_failure(&fake, -ENOMEM, "order 100000 need 160054000000 bytes");
    fake_host_done(&fake);
}

static void linpack__stops_when_asked(void **state) {
    struct fake_host fake;

    (void)state;
    start(&fake, "100", "single", "reference");
    fake.stop = true;
    expect_failure(&fake, -ECANCELED, "stopped");
    fake_host_done(&fake);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(linpack__solves),
        cmocka_unit_test(linpack__default_is_the_historical_benchmark),
        cmocka_unit_test(linpack__openblas_says_what_it_chose),
        cmocka_unit_test(linpack__each_instruction_set_is_verified),
        cmocka_unit_test(linpack__as_many_systems_as_asked_for),
        cmocka_unit_test(linpack__thousand_seeds),
        cmocka_unit_test(linpack__a_wrong_solution_is_named),
        cmocka_unit_test(linpack__a_wrong_solution_of_a_later_piece_is_named),
        cmocka_unit_test(linpack__the_residual_is_hpls),
        cmocka_unit_test(linpack__nan_is_an_error),
        cmocka_unit_test(linpack__singular_is_an_error),
        cmocka_unit_test(linpack__reference_has_one_thread),
        cmocka_unit_test(linpack__threads_are_those_that_ran),
        cmocka_unit_test(linpack__pieces_and_systems_share_the_time),
        cmocka_unit_test(linpack__too_large_names_the_sizes),
        cmocka_unit_test(linpack__stops_when_asked),
    };

    whole = argc == 2 && strcmp(argv[1], "whole") == 0;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
