/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/resample.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define N 10

/* Normal scores of ten values: mean 0, sd 1. */
static const double scores[N] = {-1.5466, -1.0005, -0.6554, -0.3755, -0.1226,
                                 0.1226,  0.3755,  0.6554,  1.0005,  1.5466};

static void fill(double values[static N], double level, double sd) {
    for (size_t i = 0; i < N; i++)
        values[i] = level * exp(sd * scores[i]);
}

static void estimate(const struct resample_block *baseline, size_t n_baseline,
                     const struct resample_block *other, size_t n_other, double run_shift,
                     struct resample_estimate *ret) {
    struct resample_side a = {baseline, n_baseline}, b = {other, n_other};
    struct resample_allowance allowance = {run_shift, RESAMPLE_PRIOR_DF};

    assert_int_equal(resample_ratio(&a, &b, &allowance, 7, ret), 0);
}

static double width(const struct resample_ratio *ratio) {
    return log(ratio->ci95[1] / ratio->ci95[0]);
}

static void ratio__of_two_runs(void **state) {
    double a[N], b[N], kept[N];
    struct resample_block baseline = {a, N}, other = {b, N};
    struct resample_estimate result, again;

    (void)state;
    fill(a, 100, 0.03);
    fill(b, 90, 0.03);
    memcpy(kept, b, sizeof(b));
    estimate(&baseline, 1, &other, 1, 0, &result);
    assert_true(fabs(result.medians.ratio - 0.9) < 1e-12);
    assert_true(fabs(result.means.ratio - 0.9) < 1e-12);
    assert_true(fabs(result.trimmed.ratio - 0.9) < 1e-12);
    assert_true(result.medians.ci95[0] < 0.9 && result.medians.ci95[1] > 0.9);
    assert_true(result.run_sd == 0);
    /* The means' standard error: sqrt(2 / 10) * 3%, within the bootstrap's own error and n - 1. */
    assert_true(fabs(result.means.log_se / (sqrt(0.2) * 0.03) - 1) < 0.12);
    assert_true(fabs(width(&result.means) / (2 * 1.96 * sqrt(0.2) * 0.03) - 1) < 0.12);
    assert_true(fabs(result.within_sd / 0.03 - 1) < 0.2);
    assert_true(result.means.df > 17 && result.means.df < 18.5);
    estimate(&baseline, 1, &other, 1, 0, &again);
    assert_memory_equal(&result, &again, sizeof(result)); /* the seed decides */
    assert_memory_equal(kept, b, sizeof(b));
}

static void ratio__allowance_for_single_runs(void **state) {
    double a[N], b[N];
    struct resample_block baseline = {a, N}, other = {b, N};
    struct resample_estimate result;

    (void)state;
    fill(a, 100, 1e-5); /* hardly any noise: the allowance is all */
    fill(b, 99, 1e-5);
    estimate(&baseline, 1, &other, 1, 0.01, &result);
    assert_true(fabs(result.run_sd - 0.01) < 1e-12);
    assert_true(fabs(result.medians.log_se / (sqrt(2) * 0.01) - 1) < 0.06);
    assert_true(fabs(width(&result.medians) / (2 * 1.96 * sqrt(2) * 0.01) - 1) < 0.1);
    assert_true(fabs(result.medians.df - RESAMPLE_PRIOR_DF) < 0.1);
}

/* One run has ten times the trials of the others: it must neither shrink the interval nor pull the ratio. */
static void blocks__each_run_counts_the_same(void **state) {
    double low[N], mid[N], high[N], many[10 * N], base[3][N];
    struct resample_block runs[3] = {{low, N}, {mid, N}, {high, N}}, uneven[3];
    struct resample_block baseline[3] = {{base[0], N}, {base[1], N}, {base[2], N}};
    struct resample_estimate even_result, uneven_result;

    (void)state;
    for (size_t i = 0; i < 3; i++)
        fill(base[i], 100, 0.01);
    fill(low, 90, 0.01);
    fill(mid, 100, 0.01);
    fill(high, 100 / 0.9, 0.01);
    for (size_t i = 0; i < 10 * N; i++)
        many[i] = low[i % N];
    memcpy(uneven, runs, sizeof(runs));
    uneven[0] = (struct resample_block){many, 10 * N};
    estimate(baseline, 3, runs, 3, 0.01, &even_result);
    estimate(baseline, 3, uneven, 3, 0.01, &uneven_result);
    assert_true(fabs(even_result.medians.ratio - 1) < 1e-12);
    assert_true(fabs(uneven_result.medians.ratio - 1) < 1e-12);
    assert_true(width(&uneven_result.medians) > 0.9 * width(&even_result.medians));
    /* Runs that differ by 10% leave a wide interval, however many trials they have. */
    assert_true(width(&uneven_result.medians) > 0.15);
    assert_true(uneven_result.run_sd > 0.02);
}

static void blocks__many_runs_narrow_it(void **state) {
    static double values[200][N];
    struct resample_block blocks[200];
    struct resample_estimate few, many;

    (void)state;
    for (size_t i = 0; i < 200; i++) {
        fill(values[i], 100 * exp(0.02 * scores[i % N]), 0.01);
        blocks[i] = (struct resample_block){values[i], N};
    }
    estimate(blocks, 10, blocks, 10, 0.01, &few);
    estimate(blocks, 100, blocks + 100, 100, 0.01, &many); /* beyond the two stages */
    assert_true(width(&many.medians) < 0.5 * width(&few.medians));
    assert_true(fabs(many.run_sd - 0.02) < 0.004);
    assert_true(isfinite(many.medians.log_se));
}

static void single_trials__say_nothing(void **state) {
    double one = 5, two = 6;
    struct resample_block a = {&one, 1}, b = {&two, 1};
    struct resample_estimate result;

    (void)state;
    estimate(&a, 1, &b, 1, 0.01, &result);
    assert_true(fabs(result.medians.ratio - 1.2) < 1e-12);
    assert_true(isnan(result.medians.ci95[0]) && isinf(result.medians.log_se));
    assert_true(isnan(result.trimmed.ci95[1]) && isinf(result.trimmed.log_se));
}

static void ratio__refused(void **state) {
    double values[] = {1, 2, 0}, negative[] = {-1};
    struct resample_block good = {values, 2}, zero = {values, 3}, below = {negative, 1}, empty = {values, 0};
    struct resample_side none = {&good, 0}, a = {&good, 1}, b = {&zero, 1}, c = {&below, 1}, d = {&empty, 1};
    struct resample_allowance allowance = {0.01, RESAMPLE_PRIOR_DF};
    struct resample_estimate result;

    (void)state;
    assert_int_equal(resample_ratio(&a, &b, &allowance, 1, &result), -EDOM);
    assert_int_equal(resample_ratio(&c, &a, &allowance, 1, &result), -EDOM);
    assert_int_equal(resample_ratio(&a, &d, &allowance, 1, &result), -EINVAL);
    assert_int_equal(resample_ratio(&none, &a, &allowance, 1, &result), -EINVAL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ratio__of_two_runs),
        cmocka_unit_test(ratio__allowance_for_single_runs),
        cmocka_unit_test(blocks__each_run_counts_the_same),
        cmocka_unit_test(blocks__many_runs_narrow_it),
        cmocka_unit_test(single_trials__say_nothing),
        cmocka_unit_test(ratio__refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
