/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/stats.h"
#include "unit/descriptors.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define N 10
static const double sample[N] = {9.1, 10.4, 8.7, 12.9, 10.0, 9.8, 31.5, 10.2, 9.9, 10.1};

static void assert_near(double value, double reference, double relative) {
    if (!(fabs(value - reference) <= relative * fabs(reference)))
        fail_msg("%.17g is not within %g of %.17g", value, relative, reference);
}

/* NIST StRD, univariate summary statistics: certified mean and standard deviation. */
static void assert_numacc(double first, double step, size_t n, double mean, double sd, double tolerance) {
    static double values[1001];
    struct stats_summary summary;

    for (size_t i = 0; i < n; i++)
        values[i] = i == 0 ? first : i % 2 ? first - step : first + step;
    stats_summarise(values, n, 1, &summary);
    assert_int_equal(summary.n, n);
    assert_near(summary.mean, mean, 1e-15);
    assert_near(summary.sd, sd, tolerance);
}

static void summary__nist(void **state) {
    static const double numacc1[] = {10000001, 10000003, 10000002};
    struct stats_summary summary;

    (void)state;
    stats_summarise(numacc1, 3, 1, &summary);
    assert_true(summary.mean == 10000002 && summary.sd == 1);
    /* NumAcc2 to 4. The data themselves are rounded: 10000000.2 has an error of 1e-9 / 0.1. */
    assert_numacc(1.2, 0.1, 1001, 1.2, 0.1, 1e-13);
    assert_numacc(1000000.2, 0.1, 1001, 1000000.2, 0.1, 1e-8);
    assert_numacc(10000000.2, 0.1, 1001, 10000000.2, 0.1, 1e-7);
}

/* R: x <- c(9.1, 10.4, ...); mean(x); sd(x); quantile(x, type = 7); t.test(x)$conf.int */
static void summary__r(void **state) {
    struct stats_summary summary;

    (void)state;
    stats_summarise(sample, N, 7, &summary);
    assert_near(summary.mean, 12.26, 1e-14);
    assert_near(summary.sd, 6.8503365691848392, 1e-14);
    assert_near(summary.cv, 6.8503365691848392 / 12.26, 1e-14);
    assert_true(summary.min == 8.7 && summary.max == 31.5);
    assert_near(summary.q1, 9.825, 1e-14);
    assert_near(summary.median, 10.05, 1e-14);
    assert_near(summary.q3, 10.35, 1e-14);
    assert_near(summary.ci95_mean[0], 7.3595644270102358, 1e-12);
    assert_near(summary.ci95_mean[1], 17.1604355729897620, 1e-12);
    assert_int_equal(summary.outliers, 3);
}

#define N_WAVE 40

static void make_wave(double values[static N_WAVE]) {
    for (size_t i = 0; i < N_WAVE; i++)
        values[i] = sin((double)i) + (double)i * 1e-3;
}

/* R: x <- sin(0:39) + (0:39) * 1e-3; b <- replicate(100000, median(sample(x, replace = TRUE)));
 * quantile(b, c(0.01, 0.04, 0.96, 0.99)). Among 2,000 resamples the 2.5% quantile has a standard error of
 * 0.35%: from 1% to 4% are more than four of them. */
static void summary__bootstrap(void **state) {
    struct stats_summary summary, again;
    double values[N_WAVE];

    (void)state;
    make_wave(values);
    for (uint64_t seed = 1; seed <= 20; seed++) {
        stats_summarise(values, N_WAVE, seed, &summary);
        assert_true(summary.ci95_median[0] >= -0.4588779 && summary.ci95_median[0] <= -0.3332990);
        assert_true(summary.ci95_median[1] >= 0.4331669 && summary.ci95_median[1] <= 0.5732548);
    }
    stats_summarise(values, N_WAVE, 20, &again);
    assert_memory_equal(&summary, &again, sizeof(summary));
}

static void summary__seeds_differ(void **state) {
    double values[N_WAVE];
    struct stats_summary low, high;

    (void)state;
    make_wave(values);
    stats_summarise(values, N_WAVE, 5, &low);
    stats_summarise(values, N_WAVE, 5 | UINT64_C(1) << 32, &high); /* the upper half counts too */
    assert_true(low.ci95_median[0] != high.ci95_median[0] || low.ci95_median[1] != high.ci95_median[1]);
    assert_true(low.median == high.median);
}

static void summary__too_few(void **state) {
    static const double one = 4;
    struct stats_summary summary;

    (void)state;
    stats_summarise(&one, 0, 1, &summary);
    assert_int_equal(summary.n, 0);
    assert_true(isnan(summary.mean) && isnan(summary.median) && isnan(summary.ci95_mean[0]));
    stats_summarise(&one, 1, 1, &summary);
    assert_true(summary.mean == 4 && summary.median == 4 && summary.q1 == 4 && summary.max == 4);
    assert_true(isnan(summary.sd) && isnan(summary.cv));
    assert_true(isnan(summary.ci95_mean[0]) && isnan(summary.ci95_median[1]));
    assert_int_equal(summary.outliers, 0);
}

static void summary__mean_zero_and_negative(void **state) {
    static const double zero[] = {-1, 1}, negative[] = {-11, -9}, same[] = {5, 5, 5};
    struct stats_summary summary;

    (void)state;
    stats_summarise(zero, 2, 1, &summary);
    assert_true(isnan(summary.cv));
    assert_false(isnan(summary.sd));
    stats_summarise(negative, 2, 1, &summary);
    assert_near(summary.cv, sqrt(2) / 10, 1e-14);
    stats_summarise(same, 3, 1, &summary);
    assert_true(summary.sd == 0 && summary.cv == 0);
    assert_true(summary.ci95_mean[0] == 5 && summary.ci95_median[1] == 5);
}

static void summary__leaves_values(void **state) {
    double copy[N];
    struct stats_summary summary;

    (void)state;
    memcpy(copy, sample, sizeof(copy));
    stats_summarise(copy, N, 1, &summary);
    assert_memory_equal(copy, sample, sizeof(copy));
}

/* R: y <- (1:100)^2; quantile(y, c(0, .5, .9, .99, .999, .9999, 1), type = 7); mean(y); sd(y) */
static void distribution__r(void **state) {
    static const double quantiles[STATS_QUANTILES] = {1, 2550.5, 8118.1, 9802.99, 9980.299, 9998.0299, 10000};
    struct stats_distribution distribution;
    double values[100];

    (void)state;
    for (size_t i = 0; i < 100; i++)
        values[i] = pow((double)(100 - i), 2);
    stats_distribute(values, 100, &distribution);
    assert_true(values[0] == 1 && values[99] == 10000); /* sorted */
    assert_int_equal(distribution.n, 100);
    assert_near(distribution.mean, 3383.5, 1e-14);
    assert_near(distribution.sd, 3024.3558542825831, 1e-14);
    for (size_t i = 0; i < STATS_QUANTILES; i++)
        assert_near(distribution.quantiles[i], quantiles[i], 1e-12);
}

static void distribution__too_few(void **state) {
    struct stats_distribution distribution;
    double one = 3;

    (void)state;
    stats_distribute(&one, 0, &distribution);
    assert_int_equal(distribution.n, 0);
    assert_true(isnan(distribution.mean) && isnan(distribution.quantiles[1]));
    stats_distribute(&one, 1, &distribution);
    assert_true(distribution.mean == 3 && isnan(distribution.sd));
    assert_true(distribution.quantiles[0] == 3 && distribution.quantiles[6] == 3);
}

/* A mean of what is never below 0 is not below 0 either, however it spreads; a signed one may be. */
static void summary__intervals_of_positive_values(void **state) {
    static const double positive[] = {0.1, 0.2, 5}, zero[] = {0, 0, 7}, mixed[] = {-0.1, 0.2, 5};
    struct stats_summary summary;

    (void)state;
    stats_summarise(positive, 3, 1, &summary);
    assert_true(summary.ci95_mean[0] == 0 && summary.ci95_mean[1] > 5);
    stats_summarise(zero, 3, 1, &summary);
    assert_true(summary.ci95_mean[0] == 0);
    stats_summarise(mixed, 3, 1, &summary);
    assert_true(summary.ci95_mean[0] < 0);
}

/* The system calls of a clock that counts instructions: all alike, where interpolation may lose the last
 * digit. */
static void stats_distribute__quantiles_never_fall(void **state) {
    double values[100];
    struct stats_distribution distribution;

    (void)state;
    for (int number = 1; number < 2000; number++) {
        for (size_t i = 0; i < 100; i++)
            values[i] = number * 6.557e-10;
        stats_distribute(values, 100, &distribution);
        for (size_t i = 1; i < STATS_QUANTILES; i++)
            assert_true(distribution.quantiles[i] >= distribution.quantiles[i - 1]);
    }
}

/* All figures of a summary but the interval that takes the time. */
static void describe__is_a_summary_without_the_median_s_interval(void **state) {
    const double values[] = {3, 1, 4, 1, 5, 9, 2, 6};
    struct stats_summary whole, described;

    (void)state;
    stats_summarise(values, 8, 7, &whole);
    stats_describe(values, 8, &described);
    assert_true(whole.ci95_median[0] < whole.ci95_median[1]);
    assert_true(isnan(described.ci95_median[0]) && isnan(described.ci95_median[1]));
    memcpy(described.ci95_median, whole.ci95_median, sizeof(whole.ci95_median));
    assert_memory_equal(&described, &whole, sizeof(whole));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stats_distribute__quantiles_never_fall),
        cmocka_unit_test(summary__nist),
        cmocka_unit_test(summary__r),
        cmocka_unit_test(summary__bootstrap),
        cmocka_unit_test(summary__seeds_differ),
        cmocka_unit_test(summary__too_few),
        cmocka_unit_test(summary__mean_zero_and_negative),
        cmocka_unit_test(summary__leaves_values),
        cmocka_unit_test(distribution__r),
        cmocka_unit_test(distribution__too_few),
        cmocka_unit_test(summary__intervals_of_positive_values),
        cmocka_unit_test(describe__is_a_summary_without_the_median_s_interval),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
