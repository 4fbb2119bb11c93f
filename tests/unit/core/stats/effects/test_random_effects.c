/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/effects/random_effects.h"
#include "unit/descriptors.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <vmsuite/module.h>

#include <cmocka.h>

static void assert_near(double value, double wanted, double within) {
    if (!(fabs(value - wanted) <= within))
        fail_msg("%.12g is not %.12g", value, wanted);
}

/* The thirteen trials of the BCG vaccine of Colditz et al. (JAMA 271, 1994): cases and others among the
 * vaccinated and among the controls. metafor 3.8 (Viechtbauer 2010), rma(yi, vi, method = "PM", test =
 * "knha", control = list(tol = 1e-12)) of their logarithms of the relative risk, says what BCG_... says. */
static const double bcg[][4] = {{4, 119, 11, 128},       {6, 300, 29, 274},        {3, 228, 11, 209},
                                {62, 13536, 248, 12619}, {33, 5036, 47, 5761},     {180, 1361, 372, 1079},
                                {8, 2537, 10, 619},      {505, 87886, 499, 87892}, {29, 7470, 45, 7232},
                                {17, 1699, 65, 1600},    {186, 50448, 141, 27197}, {5, 2493, 3, 2338},
                                {27, 16886, 29, 17825}};
#define TRIALS VMS_LENGTH(bcg)
#define BCG_BETWEEN 0.318068452205 /* a variance */
#define BCG_MEAN (-0.714968153493)
#define BCG_ERROR 0.180892191538
#define BCG_LOW (-1.109098381202)
#define BCG_HIGH (-0.320837925785)

static void read_bcg(double *effects, double *variances) {
    for (size_t i = 0; i < TRIALS; i++) {
        double treated = bcg[i][0] + bcg[i][1], control = bcg[i][2] + bcg[i][3];

        effects[i] = log(bcg[i][0] / treated / (bcg[i][2] / control));
        variances[i] = 1 / bcg[i][0] - 1 / treated + 1 / bcg[i][2] - 1 / control;
    }
}

/* Variances pooled over their degrees of freedom; one that has none adds nothing, and nothing is written
 * behind the last. */
static void within__is_pooled(void **state) {
    const double squares[] = {3, 5, 100, 7}, df[] = {2, 6, 0, 9}, shares[] = {0.5, 0.25, 1, 1};
    double variances[] = {77, 77, 77, 77};

    (void)state;
    random_effects_within(squares, df, shares, 3, variances);
    assert_near(variances[0], 0.5, 1e-15);
    assert_near(variances[1], 0.25, 1e-15);
    assert_near(variances[2], 1, 1e-15);
    assert_true(variances[3] == 77);
    random_effects_within(squares + 2, df + 2, shares, 1, variances);
    assert_true(isnan(variances[0]));
}

static void pool__matches_a_published_example(void **state) {
    double effects[TRIALS], variances[TRIALS];
    struct random_effects result;

    (void)state;
    read_bcg(effects, variances);
    random_effects_pool(effects, variances, TRIALS, &result);
    assert_int_equal(result.n, 13);
    assert_near(result.between * result.between, BCG_BETWEEN, 1e-9);
    assert_near(result.mean, BCG_MEAN, 1e-9);
    assert_near(sqrt(result.variance), BCG_ERROR, 1e-9);
    assert_near(result.ci95[0], BCG_LOW, 1e-9);
    assert_near(result.ci95[1], BCG_HIGH, 1e-9);
}

/* Where all hosts are known equally well it is Student's interval of their mean, and the variance between
 * them is what theirs is above that. */
static void pool__is_students_where_all_are_known_equally_well(void **state) {
    const double effects[] = {1.0, 1.3, 0.8, 1.6}, variances[] = {0.01, 0.01, 0.01, 0.01};
    const double mean = 4.7 / 4, own = (0.175 * 0.175 + 0.125 * 0.125 + 0.375 * 0.375 + 0.425 * 0.425) / 3,
                 half = 3.182446305284 * sqrt(own / 4); /* the table's t for 3 degrees of freedom */
    struct random_effects result;

    (void)state;
    random_effects_pool(effects, variances, 4, &result);
    assert_near(result.mean, mean, 1e-12);
    assert_near(result.between, sqrt(own - 0.01), 1e-9);
    assert_near(result.between_part, (own - 0.01) / own, 1e-9);
    assert_near(result.ci95[0], mean - half, 1e-9);
    assert_near(result.ci95[1], mean + half, 1e-9);
}

/* Nothing between hosts: weights are the inverse variances, and the interval still is as wide as the spread
 * says. */
static void pool__finds_nothing_between_hosts_that_agree(void **state) {
    const double effects[] = {1.0, 1.1, 0.95}, variances[] = {0.04, 0.09, 0.16};
    const double w[] = {25, 1 / 0.09, 6.25}, all = w[0] + w[1] + w[2],
                 mean = (w[0] * 1.0 + w[1] * 1.1 + w[2] * 0.95) / all;
    double squares = 0;
    struct random_effects result;

    (void)state;
    for (size_t i = 0; i < 3; i++)
        squares += w[i] * (effects[i] - mean) * (effects[i] - mean);
    random_effects_pool(effects, variances, 3, &result);
    assert_near(result.between, 0, 0);
    assert_near(result.between_part, 0, 0);
    assert_near(result.mean, mean, 1e-12);
    assert_near(result.variance, squares / 2 / all, 1e-12);
}

static void pool__takes_few_hosts(void **state) {
    const double effects[] = {2, 4}, variances[] = {0.5, 0.5};
    struct random_effects result;

    (void)state;
    random_effects_pool(effects, variances, 0, &result);
    assert_int_equal(result.n, 0);
    assert_true(isnan(result.mean) && isnan(result.ci95[0]) && isnan(result.between));
    random_effects_pool(effects, variances, 1, &result);
    assert_int_equal(result.n, 1);
    assert_near(result.mean, 2, 0);
    assert_true(isnan(result.variance) && isnan(result.ci95[1]) && isnan(result.between_part));
    random_effects_pool(effects, variances, 2, &result);
    assert_near(result.mean, 3, 1e-12);
    assert_near(result.between, sqrt(2 - 0.5), 1e-9);
    assert_near(result.ci95[1], 3 + 12.706204736432, 1e-6); /* t for 1 degree of freedom, times 1 */
}

static void pool__takes_what_is_known_exactly(void **state) {
    const double effects[] = {1, 2, 3}, nothing[] = {0, 0, 0}, one[] = {0, 1e9, 1e9}, same[] = {5, 5, 5};
    struct random_effects result;

    (void)state;
    random_effects_pool(effects, nothing, 3, &result);
    assert_near(result.mean, 2, 1e-12);
    assert_near(result.between, 1, 1e-12);
    assert_near(result.variance, 1.0 / 3, 1e-12);
    random_effects_pool(same, nothing, 3, &result);
    assert_near(result.ci95[0], 5, 0);
    assert_near(result.ci95[1], 5, 0);
    assert_near(result.between_part, 0, 0);
    /* Among others that are hardly known it weighs as the best of them, not infinitely. */
    random_effects_pool(effects, one, 3, &result);
    assert_near(result.mean, 2, 1e-9);
}

static void pool__leaves_out_what_is_no_number(void **state) {
    const double effects[] = {1, NAN, 2, INFINITY, 4}, variances[] = {0.1, 0.1, 0.2, 0.1, 0.3};
    const double kept[] = {1, 2, 4}, known[] = {0.1, 0.2, 0.3};
    struct random_effects result, expected;

    (void)state;
    random_effects_pool(effects, variances, 5, &result);
    random_effects_pool(kept, known, 3, &expected);
    assert_int_equal(result.n, 3);
    assert_near(result.mean, expected.mean, 1e-12);
    assert_near(result.ci95[0], expected.ci95[0], 1e-12);
    random_effects_pool((const double[]){NAN, NAN}, known, 2, &result);
    assert_int_equal(result.n, 0);
    assert_true(isnan(result.mean));
}

/* A host with one trial says nothing of how well it is known: it must not outweigh those that do. */
static void pool__takes_an_unknown_variance_for_the_largest(void **state) {
    const double effects[] = {1, 2, 4, 3}, known[] = {0.1, 0.2, 0.3, 0.3};
    struct random_effects result, expected;

    (void)state;
    random_effects_pool(effects, known, 4, &expected);
    for (size_t i = 0; i < 3; i++) {
        double variances[] = {0.1, 0.2, 0.3, (const double[]){NAN, INFINITY, -1}[i]};

        random_effects_pool(effects, variances, 4, &result);
        assert_near(result.mean, expected.mean, 1e-12);
        assert_near(result.variance, expected.variance, 1e-12);
    }
}

static void within__is_what_all_hosts_say_together(void **state) {
    const double squares[] = {2, 7, 1, 3}, df[] = {2, 0, 1, 3}, shares[] = {0.5, 0.25, 1, 0.1};
    double variances[4];

    (void)state;
    random_effects_within(squares, df, shares, 4, variances);
    assert_near(variances[0], 0.5, 1e-15); /* (2 + 1 + 3) / (2 + 1 + 3), by the shares */
    assert_near(variances[1], 0.25, 1e-15);
    assert_near(variances[2], 1, 1e-15);
    assert_near(variances[3], 0.1, 1e-15);
    random_effects_within(squares, (const double[]){0, 0}, shares, 2, variances);
    assert_true(isnan(variances[0]) && isnan(variances[1]));
}

/* The short form of tests/benchmark/simulate_fleet.c, with a fixed seed: the interval covers the truth in 95%
 * of 1,000 fleets, less and more three standard errors (0.7). */
static void pool__covers_the_population_mean(void **state) {
    gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
    unsigned covered = 0;

    (void)state;
    gsl_rng_set(rng, 20261129);
    for (unsigned fleet = 0; fleet < 1000; fleet++) {
        double effects[12], variances[12], squares[12], df[12], shares[12];
        struct random_effects result;

        for (size_t i = 0; i < 12; i++) {
            double noise = 0.02 * (double)(1 + i % 3), host = 0.1 + gsl_ran_gaussian(rng, 0.02), sum = 0;

            squares[i] = 0;
            for (unsigned trial = 0; trial < 3; trial++) {
                double value = host + gsl_ran_gaussian(rng, noise);

                sum += value;
                squares[i] += value * value;
            }
            effects[i] = sum / 3;
            squares[i] -= sum * effects[i];
            df[i] = 2;
            shares[i] = 1.0 / 3;
        }
        random_effects_within(squares, df, shares, 12, variances);
        random_effects_pool(effects, variances, 12, &result);
        covered += result.ci95[0] <= 0.1 && 0.1 <= result.ci95[1];
    }
    gsl_rng_free(rng);
    assert_true(covered >= 929 && covered <= 971);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(within__is_pooled),
        cmocka_unit_test(pool__matches_a_published_example),
        cmocka_unit_test(pool__is_students_where_all_are_known_equally_well),
        cmocka_unit_test(pool__finds_nothing_between_hosts_that_agree),
        cmocka_unit_test(pool__takes_few_hosts),
        cmocka_unit_test(pool__takes_what_is_known_exactly),
        cmocka_unit_test(pool__leaves_out_what_is_no_number),
        cmocka_unit_test(pool__takes_an_unknown_variance_for_the_largest),
        cmocka_unit_test(within__is_what_all_hosts_say_together),
        cmocka_unit_test(pool__covers_the_population_mean),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
