/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The model of verdicts: docs/method.md. Reference values are from published tables and closed forms. */
#include "stats/effects/balance.h"
#include "stats/effects/effort.h"
#include "stats/effects/shared_shift.h"
#include "stats/effects/step_down.h"
#include "stats/runs/moderation.h"
#include "stats/runs/run_figure.h"
#include "unit/descriptors.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sf_psi.h>
#include <vmsuite/module.h>

#define PI 3.14159265358979323846
#define RUNS_LEAST 3 /* that runs must be at the least */

static void assert_near(double value, double expected, double tolerance) {
    if (!(fabs(value - expected) <= tolerance))
        fail_msg("%.10g is not within %g of %.10g", value, tolerance, expected);
}

static void moderation__trigamma_inverse(void **state) {
    (void)state;
    assert_near(moderation_trigamma_inverse(PI * PI / 6), 1, 1e-9);
    assert_near(moderation_trigamma_inverse(PI * PI / 2), 0.5, 1e-9);
    assert_near(moderation_trigamma_inverse(PI * PI / 6 - 1), 2, 1e-9);
}

static void moderation__even_rows_are_pooled_uneven_ones_are_not(void **state) {
    struct variance even[20], uneven[20], few[3] = {{1, 4}, {1, 4}, {1, 4}}, learned, own = {9, 4}, together;

    (void)state;
    for (size_t i = 0; i < 20; i++) {
        even[i] = (struct variance){1, 4};
        uneven[i] = (struct variance){exp((double)i - 10), 4};
    }
    assert_true(moderation_learn(few, 3).df == 0);
    learned = moderation_learn(even, 20);
    assert_true(learned.df > 5);
    assert_true(moderation_learn(uneven, 20).df < 1);
    together = moderation_apply(learned, own);
    assert_near(together.df, learned.df + 4, 1e-12);
    assert_true(together.value > learned.value && together.value < 9);
    together = moderation_apply((struct variance){0}, own);
    assert_true(together.value == 9 && together.df == 4);
}

/* A constant row has a variance of 0, which says nothing of the others. */
static void moderation__passes_over_constant_rows(void **state) {
    struct variance with[6], without[5];

    (void)state;
    for (size_t i = 0; i < 5; i++)
        with[i] = without[i] = (struct variance){1 + 0.1 * (double)i, 4};
    with[5] = (struct variance){0, 4};
    assert_near(moderation_learn(with, 6).df, moderation_learn(without, 5).df, 1e-12);
    assert_near(moderation_learn(with, 6).value, moderation_learn(without, 5).value, 1e-12);
}

static void balance__welch(void **state) {
    /* (4/5 + 9/4)^2 / ((4/5)^2 / 4 + (9/4)^2 / 3) */
    struct balance_side sides[] = {{5, 4}, {4, 9}}, equal[] = {{3, 1}, {3, 1}}, few[] = {{2, 16}, {10, 1}};
    struct balance balance;
    double capped, effective;

    (void)state;
    balance_of(sides, &balance);
    assert_near(balance.effective, 3.05 * 3.05 / (0.16 + 5.0625 / 3), 1e-12);
    assert_near(balance.factor[0] / balance.factor[1], 4.0 / 9, 1e-12);
    /* Many rows know the balance, one does not. */
    assert_near(balance_effective(sides, 1e6, &capped), balance.effective, 1e-6);
    balance_of(equal, &balance);
    assert_near(balance.effective, 4, 1e-12);
    effective = balance_effective(equal, 1, &capped);
    assert_true(effective > 2.9 && effective < 3.2 && capped == effective);
    (void)balance_effective(few, 1, &capped);
    assert_true(capped <= 1 + 1.0 / 9 + 1e-12);
}

static void shared_shift__in_step_or_not(void **state) {
    static const double apart[4][4] = {{1, -1, 0, 0}, {0, 0, 1, -1}, {1, 1, -1, -1}, {1, -1, 1, -1}};
    struct shared_shift shared;

    (void)state;
    assert_int_equal(shared_shift_init(&shared, 4), 0);
    for (size_t i = 0; i < 10; i++) {
        double row[] = {3, -3, 1, -1}, none[] = {0, 0, 0, 0}, unknown[] = {1, NAN, 0, 0};

        shared_shift_add(&shared, row);
        shared_shift_add(&shared, none);
        shared_shift_add(&shared, unknown);
    }
    assert_int_equal(shared.n_rows, 10); /* rows without deviations say nothing */
    assert_near(shared_shift_rows(&shared, 2), 1, 1e-9);
    shared_shift_done(&shared);
    assert_int_equal(shared_shift_init(&shared, 4), 0);
    for (size_t i = 0; i < 4; i++) {
        double row[] = {apart[i][0], apart[i][1], apart[i][2], apart[i][3]};

        shared_shift_add(&shared, row);
    }
    assert_true(shared_shift_rows(&shared, 4) > 3);
    shared_shift_done(&shared);
}

static void effect__student(void **state) {
    /* 5% of t with 4 degrees of freedom: 2.7764. */
    struct effect effect = {.estimate = 2.7764451, .variance = 1, .df = 4};
    double interval[2];

    (void)state;
    assert_near(effect_p_difference(&effect), 0.05, 1e-6);
    assert_near(effect_p_above(&effect, 0), 0.025, 1e-6);
    effect_interval(&effect, 0.95, interval);
    assert_near(interval[0], 0, 1e-6);
    effect.estimate = -effect.estimate;
    assert_near(effect_p_difference(&effect), 0.05, 1e-6);
    assert_near(effect_guard(&effect, 0.045), 0.05, 1e-12);
    assert_true(effect_guard(&effect, 1) == 1 && isnan(effect_guard(&effect, NAN)));
    effect = (struct effect){.estimate = 0.5, .variance = 1, .df = 4};
    assert_near(effect_p_equivalence(&effect, 0.5 + 2.1318468), 0.05, 1e-6);
}

/* One run a side: 10% is within what runs may be off, a factor of two is not. */
static void effect__one_run(void **state) {
    struct effect effect = {
        .estimate = log(1.1), .variance = 1e-6, .df = 10, .unknown = 2, .prior = {0.02, 1}};
    double interval[2];

    (void)state;
    assert_true(effect_p_difference(&effect) > 0.05);
    effect_interval(&effect, 0.95, interval);
    assert_true(interval[0] < 0 && interval[1] > log(1.2));
    assert_near(effect_p_above(&effect, interval[0]), 0.025, 1e-3);
    assert_true(effect_guard(&effect, 0.045) == 0.045);
    /* The prior's mean alone would decide; a shift of 5.4%, which is not rare, does as much in 6% of
     * cases. */
    effect.estimate = log(1.15);
    effect.variance = 0;
    assert_true(effect_p_difference(&effect) > 0.06);
    effect.estimate = -log(1.15);
    assert_true(effect_p_difference(&effect) > 0.06);
    effect.variance = 1e-6;
    effect.estimate = log(1.2);
    assert_true(effect_p_difference(&effect) < 0.05);
    effect.estimate = log(2);
    assert_true(effect_p_difference(&effect) < 0.0025);
    effect.unknown = 1; /* the other side's runs show that they differ by 30% */
    effect.floor = 0.09;
    assert_true(effect_p_difference(&effect) > 0.01);
}

/* Nothing is known of an effect whose estimate or variance is not. */
static void effect__unknown(void **state) {
    static const struct effect effects[] = {{.estimate = NAN, .variance = 1, .df = 4},
                                            {.estimate = 1, .variance = INFINITY, .df = 4},
                                            {.estimate = INFINITY, .variance = 1, .df = 4}};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(effects); i++) {
        double interval[2] = {7, 7};

        effect_interval(&effects[i], 0.95, interval);
        assert_true(isnan(interval[0]) && isnan(interval[1]));
        assert_true(isnan(effect_p_above(&effects[i], 0)));
        assert_true(isnan(effect_p_difference(&effects[i])));
    }
}

/* Smyth 2004, with the uncertainty of the logarithms' spread on top, written out for rows of 4 degrees of
 * freedom. */
static void moderation__is_what_is_described(void **state) {
    static const double values[] = {0.5, 0.8, 1.1, 1.7, 2.9, 6.5, 0.2, 11};
    const size_t n_rows = VMS_LENGTH(values);
    const double n = (double)n_rows, half = 2, chance = gsl_sf_psi_1(half);
    struct variance variances[VMS_LENGTH(values)], learned;
    double mean = 0, seen = 0, plain = 0, error, df;

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(values); i++) {
        variances[i] = (struct variance){values[i], 2 * half};
        mean += (log(values[i]) - gsl_sf_psi(half) + log(half)) / n;
        plain += values[i] / n;
    }
    for (size_t i = 0; i < VMS_LENGTH(values); i++)
        seen += pow(log(values[i]) - gsl_sf_psi(half) + log(half) - mean, 2) / (n - 1);
    error = sqrt(2 * pow(fmax(seen, chance), 2) / (n - 1) + gsl_sf_psi_n(3, half) / n);
    df = 2 * moderation_trigamma_inverse(seen - chance + error);
    learned = moderation_learn(variances, VMS_LENGTH(values));
    assert_true(seen > chance);
    assert_near(learned.df, df, 1e-9);
    assert_near(learned.value, fmax(exp(mean + gsl_sf_psi(df / 2) - log(df / 2)), plain * df / (df + 2)),
                1e-9);
}

/* A claim with less of the error left is never surer than one before it. */
static void step_down__never_falls(void **state) {
    struct step_down_row rows[] = {{.weight = 1, .difference = 0.03, .equivalence = NAN},
                                   {.weight = 1, .difference = 0.031, .equivalence = NAN},
                                   {.weight = 1, .difference = 0.9, .equivalence = NAN}};

    (void)state;
    assert_int_equal(step_down(rows, 3), 0);
    assert_near(rows[0].difference_adjusted, 0.09, 1e-12);
    assert_near(rows[1].difference_adjusted, 0.09, 1e-12);
    assert_near(rows[2].difference_adjusted, 0.9, 1e-12);
}

static void step_down__weights(void **state) {
    struct step_down_row rows[] = {{.weight = 1, .difference = 0.001, .equivalence = NAN},
                                   {.weight = 1, .difference = 0.02, .equivalence = NAN},
                                   {.weight = 2, .difference = 0.5, .equivalence = NAN}};

    (void)state;
    assert_int_equal(step_down(rows, 3), 0);
    assert_near(rows[0].difference_adjusted, 0.001 * 4, 1e-12);
    assert_near(rows[1].difference_adjusted, 0.02 * 3, 1e-12);
    assert_near(rows[2].difference_adjusted, 0.5, 1e-12);
    assert_true(isnan(rows[0].equivalence_adjusted));
}

/* A row's two claims cannot both be wrong: the second does not count again. */
static void step_down__two_claims_a_row(void **state) {
    struct step_down_row rows[] = {{.weight = 1, .difference = 0.9, .equivalence = 0.01},
                                   {.weight = 1, .difference = 0.9, .equivalence = 0.02},
                                   {.weight = 1, .difference = 0.03, .equivalence = 0.9}};

    (void)state;
    assert_int_equal(step_down(rows, 3), 0);
    assert_near(rows[0].equivalence_adjusted, 0.03, 1e-12);
    assert_near(rows[1].equivalence_adjusted, 0.06, 1e-12);
    assert_near(rows[2].difference_adjusted, 0.09, 1e-12);
    assert_near(rows[0].difference_adjusted, 1, 1e-12);
    assert_int_equal(step_down(rows, 0), 0);
}

/* What is far beyond the margin is not equivalent, and leaves its part of the error to the rest, but for a
 * fiftieth of the whole. */
static void step_down__settles_rows(void **state) {
    struct step_down_row rows[] = {
        {.weight = 2, .difference = 1e-9, .equivalence = 0.999, .beyond = 1e-8},
        {.weight = 1, .difference = 0.01, .equivalence = 0.9, .beyond = 0.02},
        {.weight = 1, .difference = 0.4, .equivalence = 0.02, .beyond = 0.9},
    };

    (void)state;
    assert_int_equal(step_down(rows, 3), 0);
    assert_near(rows[0].difference_adjusted, 1e-9 / 2 * 4, 1e-18);
    assert_near(rows[1].difference_adjusted, 0.01 * (2 + 0.08), 1e-12);
    assert_near(rows[2].equivalence_adjusted, 0.02 * (2 + 0.08), 1e-12);
    assert_near(rows[2].difference_adjusted, 0.4 * (2 + 0.08), 1e-12);
    assert_true(rows[0].equivalence_adjusted == 1);
}

/* It is settled at fifty times its p-value over its part, and what rests on that is no surer. */
static void step_down__settles_at_an_error(void **state) {
    static const struct {
        double beyond, adjusted;
    } cases[] = {
        {0.0001, 0.01 * (1 + 0.04)}, /* at 0.01 */
        {0.00015, 0.015},            /* at 0.015: later than the step alone would have it */
        {0.000199, 0.0199},
        {0.000201, 0.02}, /* not before the claim is made without it */
        {NAN, 0.02},
        {0, 0.02}, /* below the p-value of the difference: not asked */
    };

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(cases); i++) {
        struct step_down_row rows[] = {
            {.weight = 1, .difference = 1e-6, .equivalence = 1, .beyond = cases[i].beyond},
            {.weight = 1, .difference = 0.01, .equivalence = 1, .beyond = 0.5},
        };

        assert_int_equal(step_down(rows, 2), 0);
        assert_near(rows[1].difference_adjusted, cases[i].adjusted, 1e-12);
    }
}

/* A weight that is smaller than what settling costs is worth no more than itself. */
static void step_down__settling_costs_nothing(void **state) {
    struct step_down_row rows[] = {
        {.weight = 0.001, .difference = 1e-12, .equivalence = 1, .beyond = 1e-12},
        {.weight = 0.999, .difference = 0.01, .equivalence = 1, .beyond = 0.5},
    };

    (void)state;
    assert_int_equal(step_down(rows, 2), 0);
    assert_near(rows[1].difference_adjusted, 0.01 / 0.999, 1e-12);
}

static void run_figure__zeros_that_are_trimmed(void **state) {
    double values[] = {4, 0, 4, 4, 4}, many[] = {4, 0, 0, 4, 4}, negative[] = {-1, 4, -4, 4, -4};
    struct run_figure figure;

    (void)state;
    run_figure_of(values, 5, &figure);
    assert_near(figure.log, log(4), 1e-12);
    assert_near(figure.mean, 3.2, 1e-12);
    run_figure_of(many, 5, &figure);
    assert_true(!isfinite(figure.log));
    run_figure_of(negative, 5, &figure);
    assert_true(!isfinite(figure.log));
}

/* Three runs a side, one row: Welch's interval by hand, with the degrees of freedom of balance.h. */
/* Runs known: t quantiles at alpha / 2 and at 0.8 of k - 1 degrees of freedom each side, by hand. */
static void effort__of_more_runs_than_there_are(void **state) {
    struct effect sure = {.estimate = 1, .variance = 1e-6, .df = 8},
                  even = {.estimate = 0, .variance = 1e-6, .df = 8};
    struct effect noisy = {.estimate = 0.02, .variance = 1e-4, .df = 8},
                  lost = {.estimate = 0.02, .variance = NAN};
    struct effect never = {.estimate = 1e-9, .variance = 1, .df = 8};
    size_t runs;

    (void)state;
    /* What is sure already takes one run more, and never fewer than there must be. */
    for (runs = 1; runs < 8; runs++) {
        size_t least = runs + 1 > RUNS_LEAST ? runs + 1 : RUNS_LEAST;

        assert_int_equal(effort_runs(&sure, runs, 0.05, 0.05), least);
        assert_int_equal(effort_runs(&even, runs, 0.05, 0.05), least);
    }
    runs = effort_runs(&noisy, 5, 0.01, 0.05);
    /* The last with which it would not do, and the first with which it does. */
    for (size_t k = runs - 1; k <= runs; k++) {
        double df = 8.0 / 4 * (double)(k - 1), variance = 1e-4 * 5 / (double)k;
        double needed = gsl_cdf_tdist_Qinv(0.025, df) + gsl_cdf_tdist_Pinv(EFFORT_POWER, df);

        assert_int_equal(0.02 > needed * sqrt(variance), k == runs);
    }
    noisy.estimate = 0;
    runs = effort_runs(&noisy, 5, 0.02, 0.05); /* within a margin: one-sided */
    for (size_t k = runs - 1; k <= runs; k++) {
        double df = 8.0 / 4 * (double)(k - 1), variance = 1e-4 * 5 / (double)k;
        double needed = gsl_cdf_tdist_Qinv(0.05, df) + gsl_cdf_tdist_Pinv(EFFORT_POWER, df);

        assert_int_equal(0.02 > needed * sqrt(variance), k == runs);
    }
    assert_int_equal(effort_runs(&lost, 5, 0.01, 0.05), 0);
    assert_int_equal(effort_runs(&never, 5, 1e-9, 0.05), 0);
}

/* Of runs that are unknown the prior's median, or more where the other side shows more, is taken. */
static void effort__of_unknown_runs(void **state) {
    struct effect effect = {.estimate = 0.3, .variance = 1e-6, .df = 1, .unknown = 2, .prior = {0.02, 1}};
    size_t runs = effort_runs(&effect, 1, 0.01, 0.05);

    (void)state;
    for (size_t k = runs > RUNS_LEAST ? runs - 1 : runs; k <= runs; k++) {
        double df = (double)(k - 1), variance = (1e-6 + 2 * 4e-4) / (double)k;
        double needed = gsl_cdf_tdist_Qinv(0.025, df) + gsl_cdf_tdist_Pinv(EFFORT_POWER, df);

        assert_int_equal(0.3 > needed * sqrt(variance), k == runs);
    }
    effect.floor = 0.01;
    assert_true(effort_runs(&effect, 1, 0.01, 0.05) > runs);
}

/* Student's test would find the effect, or that it is within the margin, with that many runs a side. */
static bool would_do(const struct effect *effect, double runs, double wanted, double margin, double alpha) {
    double df = effect->df / (runs - 1) * (wanted - 1), error = sqrt(effect->variance * runs / wanted);
    double power = gsl_cdf_tdist_Pinv(EFFORT_POWER, df), differs = fabs(effect->estimate);

    return differs > (gsl_cdf_tdist_Qinv(alpha / 2, df) + power) * error ||
           margin - differs > (gsl_cdf_tdist_Qinv(alpha, df) + power) * error;
}

static void effort__is_the_first_number_that_would_do(void **state) {
    static const double estimates[] = {0, 0.001, -0.02, 0.029, 0.031, 0.1, -0.7},
                        deviations[] = {0.0001, 0.003, 0.01, 0.03, 0.2};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(estimates); i++)
        for (size_t k = 0; k < VMS_LENGTH(deviations); k++)
            for (size_t runs = 2; runs < 12; runs += 3) {
                const struct effect effect = {.estimate = estimates[i],
                                              .variance = deviations[k] * deviations[k],
                                              .df = 2.0 * ((double)runs - 1)};
                size_t expected = runs < 3 ? 3 : runs + 1;

                while (expected <= EFFORT_RUNS_MAX &&
                       !would_do(&effect, (double)runs, (double)expected, 0.03, 0.001))
                    expected++;
                assert_int_equal(effort_runs(&effect, runs, 0.03, 0.001),
                                 expected <= EFFORT_RUNS_MAX ? expected : 0);
            }
    assert_int_equal(
        effort_runs(&(struct effect){.estimate = 1, .variance = 1e-9, .df = 198}, 100, 0.03, 0.05), 0);
    assert_int_equal(
        effort_runs(&(struct effect){.estimate = 1, .variance = INFINITY, .df = 2}, 2, 0.03, 0.05), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moderation__trigamma_inverse),
        cmocka_unit_test(moderation__even_rows_are_pooled_uneven_ones_are_not),
        cmocka_unit_test(moderation__passes_over_constant_rows),
        cmocka_unit_test(balance__welch),
        cmocka_unit_test(shared_shift__in_step_or_not),
        cmocka_unit_test(effect__student),
        cmocka_unit_test(effect__one_run),
        cmocka_unit_test(effect__unknown),
        cmocka_unit_test(moderation__is_what_is_described),
        cmocka_unit_test(step_down__never_falls),
        cmocka_unit_test(step_down__weights),
        cmocka_unit_test(step_down__two_claims_a_row),
        cmocka_unit_test(step_down__settles_rows),
        cmocka_unit_test(step_down__settles_at_an_error),
        cmocka_unit_test(step_down__settling_costs_nothing),
        cmocka_unit_test(run_figure__zeros_that_are_trimmed),
        cmocka_unit_test(effort__of_more_runs_than_there_are),
        cmocka_unit_test(effort__of_unknown_runs),
        cmocka_unit_test(effort__is_the_first_number_that_would_do),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
