/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each rule of verdicts and of the gate by itself: findings that are made up, so that one rule alone decides.
 * The p-values are exact, as the noise is normal and known. */
#include "compared.h"

#include "compare/comparison/notes.h"
#include "compare/effects/effects.h"
#include "stats/effects/effort.h"

#include "unit/descriptors.h"

#include <gsl/gsl_cdf.h>

#define SD 0.01
#define BOTH 2 /* a table of two rows: the first p-value counts twice */

/* A finding of three runs a side, whose effect lies so far above `bound` that this has the p-value. */
static void set_effect(struct compare_row *row, double bound, double p_above) {
    struct compare_finding *finding = &row->finding;

    finding->scale = COMPARE_RATIO;
    finding->runs[0] = finding->runs[1] = 3;
    finding->loss_of_cost = false;
    finding->effect = (struct effect){
        .estimate = bound + SD * gsl_cdf_ugaussian_Qinv(p_above), .variance = SD * SD, .df = 1e9};
    finding->p = effect_p_difference(&finding->effect);
}

/* The gate at 5% over a network row and, unless it is left out, a memory row. */
static struct comparison *new_gated(void) {
    return compare_for_gate();
}

static void apply(struct comparison *comparison, bool with_memory, bool strict) {
    struct compare_gate gate = {.fail_above = 0.05, .strict = strict};

    if (!with_memory) {
        gate.rules = calloc(1, sizeof(*gate.rules));
        gate.n_rules = 1;
        gate.rules[0] = (struct gate_rule){.resource = strdup("memory"), .fail_above = NAN};
    }
    assert_int_equal(gate_apply(comparison, &gate, NULL), 0);
}

static const double limit = 0.051293294387550578; /* -log(1 - 0.05): a rate that lost 5% */

static void gate__each_rule_decides(void **state) {
    static const struct {
        const char *what;
        enum compare_verdict verdict;
        double p_above; /* of the limit */
        double p;       /* of no difference; NaN: as the effect has it */
        size_t runs;
        enum compare_gate_state state;
    } rows[] = {
        {"above beyond doubt", COMPARE_SLOWER, 0.008, NAN, 3, COMPARE_GATE_FAILED},
        {"within the guard of the error", COMPARE_SLOWER, 0.0095, NAN, 3, COMPARE_GATE_OPEN},
        {"above, but perhaps not", COMPARE_SLOWER, 0.02, NAN, 3, COMPARE_GATE_OPEN},
        {"below by a hair", COMPARE_SLOWER, 0.5001, NAN, 3, COMPARE_GATE_PASSED},
        {"above by a hair", COMPARE_SLOWER, 0.4999, NAN, 3, COMPARE_GATE_OPEN},
        {"above, and beyond suspicion", COMPARE_UNDECIDED, 0.3, 0.21, 3, COMPARE_GATE_PASSED},
        {"above, and suspicious", COMPARE_UNDECIDED, 0.3, 0.19, 3, COMPARE_GATE_OPEN},
        {"undecided, far above", COMPARE_UNDECIDED, 0.0001, 0.04, 3, COMPARE_GATE_OPEN},
        {"equivalent, above", COMPARE_EQUIVALENT, 0.0001, 0.0001, 3, COMPARE_GATE_PASSED},
        {"untested", COMPARE_UNTESTED, 0.0001, 0.0001, 3, COMPARE_NOT_GATED},
        {"one run that tells nothing", COMPARE_UNCONFIRMED, 0.3, 0.9, 1, COMPARE_GATE_OPEN},
        {"faster", COMPARE_FASTER, 1 - 1e-9, 0.0001, 3, COMPARE_GATE_PASSED},
    };

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        struct comparison *comparison = new_gated();
        struct compare_row *row = &comparison->rows[0];

        set_effect(row, limit, rows[i].p_above);
        row->finding.p = isnan(rows[i].p) ? row->finding.p : rows[i].p;
        row->finding.verdict = rows[i].verdict;
        row->finding.runs[1] = rows[i].runs;
        apply(comparison, false, false);
        if (row->gate != rows[i].state)
            fail_msg("%s: %d instead of %d", rows[i].what, (int)row->gate, (int)rows[i].state);
        assert_int_equal(comparison->rows[1].gate, COMPARE_NOT_GATED);
        assert_int_equal(comparison->gate->outcome, rows[i].state == COMPARE_GATE_FAILED ? GATE_FAILED
                                                    : rows[i].state == COMPARE_GATE_PASSED
                                                        ? GATE_PASSED
                                                        : GATE_INCONCLUSIVE);
        compare_free(comparison);
    }
}

/* How many more runs would tell: as many as make the loss differ from the limit, the gate's error on one
 * side, and shared by the rows that are gated. */
static void gate__runs_that_would_tell(void **state) {
    (void)state;
    for (int with_memory = 0; with_memory < BOTH; with_memory++) {
        struct comparison *comparison = new_gated();
        struct compare_row *row = &comparison->rows[0];
        struct effect beyond;
        size_t wanted;

        set_effect(row, limit, 0.02);
        row->finding.effect.df = 8;
        row->finding.verdict = COMPARE_SLOWER;
        row->finding.runs[1] = 4;
        beyond = row->finding.effect;
        beyond.estimate -= limit;
        apply(comparison, with_memory, false);
        assert_int_equal(row->gate, COMPARE_GATE_OPEN);
        wanted = effort_runs(&beyond, 3, 0, 2 * GATE_ERROR / (1 + with_memory));
        assert_true(wanted > 4 && wanted < EFFORT_RUNS_MAX);
        assert_int_equal(row->gate_more_runs, wanted - 3);
        compare_free(comparison);
    }
}

/* So far above the limit that Student's t has the p-value. */
static void set_t(struct compare_row *row, double p_above, double df) {
    set_effect(row, limit, 0.5);
    row->finding.effect.estimate += SD * gsl_cdf_tdist_Qinv(p_above, df);
    row->finding.effect.df = df;
    row->finding.p = effect_p_difference(&row->finding.effect);
    row->finding.verdict = COMPARE_SLOWER;
}

/* Where a side has one run 0.4% is to be left, and 0.15% with the noise taken as known. What earlier runs of
 * the store showed stands for further ones. */
static void gate__one_run_is_doubted(void **state) {
    static const struct {
        size_t runs[2], earlier;
        double p_above, df;
        enum compare_gate_state state;
    } rows[] = {{{1, 1}, 0, 0.00149, 1e9, COMPARE_GATE_FAILED},  {{1, 1}, 0, 0.00151, 1e9, COMPARE_GATE_OPEN},
                {{5, 1}, 0, 0.00149, 1e9, COMPARE_GATE_FAILED},  {{5, 1}, 0, 0.00151, 1e9, COMPARE_GATE_OPEN},
                {{1, 5}, 0, 0.00149, 1e9, COMPARE_GATE_FAILED},  {{1, 5}, 0, 0.00151, 1e9, COMPARE_GATE_OPEN},
                {{1, 1}, 0, 0.0035, 3, COMPARE_GATE_FAILED},     {{1, 1}, 0, 0.0037, 3, COMPARE_GATE_OPEN},
                {{2, 2}, 0, 0.0089, 1e9, COMPARE_GATE_FAILED},   {{2, 2}, 0, 0.0091, 1e9, COMPARE_GATE_OPEN},
                {{1, 1}, 1000, 0.0089, 1e9, COMPARE_GATE_FAILED}};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        struct comparison *comparison = new_gated();
        struct compare_row *row = &comparison->rows[0];

        set_t(row, rows[i].p_above, rows[i].df);
        memcpy(row->finding.runs, rows[i].runs, sizeof(rows[i].runs));
        row->finding.earlier = rows[i].earlier;
        apply(comparison, false, false);
        if (row->gate != rows[i].state)
            fail_msg("row %zu: %d instead of %d", i, (int)row->gate, (int)rows[i].state);
        compare_free(comparison);
    }
}

/* Single runs of which all rows have lost fail by all of them together. */
static void gate__rows_of_one_run_step_up(void **state) {
    static const struct {
        double p_above[BOTH];
        size_t n_failed, n_open;
    } rows[] = {{{0.0035, 0.0035}, 2, 0}, {{0.0035, 0.0001}, 2, 0}, {{0.0037, 0.0019}, 0, 2},
                {{0.0037, 0.0017}, 1, 1}, {{0.0017, 0.2}, 1, 1},    {{0.0019, 0.2}, 0, 2}};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        struct comparison *comparison = new_gated();

        for (size_t k = 0; k < BOTH; k++) {
            set_t(&comparison->rows[k], rows[i].p_above[k], 3);
            comparison->rows[k].finding.runs[1] = 1;
        }
        apply(comparison, true, false);
        if (comparison->gate->n_failed != rows[i].n_failed || comparison->gate->n_open != rows[i].n_open)
            fail_msg("%g, %g: %zu failed, %zu open", rows[i].p_above[0], rows[i].p_above[1],
                     comparison->gate->n_failed, comparison->gate->n_open);
        compare_free(comparison);
    }
}

/* Rows that are gated share the error: each p-value counts as often as there are rows left. */
static void gate__rows_share_the_error(void **state) {
    static const struct {
        double p_above[BOTH];
        size_t n_failed, n_open;
    } rows[] = {{{0.006, 0.006}, 0, 2}, {{0.004, 0.004}, 2, 0}, {{0.004, 0.02}, 1, 1},
                {{0.02, 0.004}, 1, 1},  {{0.004, 0.008}, 2, 0}, {{0.0055, 0.008}, 0, 2}};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        struct comparison *comparison = new_gated();

        for (size_t k = 0; k < BOTH; k++) {
            set_effect(&comparison->rows[k], limit, rows[i].p_above[k]);
            comparison->rows[k].finding.verdict = COMPARE_SLOWER;
        }
        apply(comparison, true, false);
        if (comparison->gate->n_failed != rows[i].n_failed || comparison->gate->n_open != rows[i].n_open)
            fail_msg("%g, %g: %zu failed, %zu open", rows[i].p_above[0], rows[i].p_above[1],
                     comparison->gate->n_failed, comparison->gate->n_open);
        compare_free(comparison);
    }
}

/* What 5% are: of a rate, of a cost, of a figure that has no ratio. */
static void gate__the_limit_in_each_scale(void **state) {
    static const struct {
        enum compare_scale scale;
        bool loss_of_cost;
        double estimate;
        enum compare_gate_state state;
    } rows[] = {
        {COMPARE_RATIO, false, 0.0512, COMPARE_GATE_PASSED},
        {COMPARE_RATIO, false, 0.0514, COMPARE_GATE_FAILED},
        {COMPARE_RATIO, true, 0.0487, COMPARE_GATE_PASSED},
        {COMPARE_RATIO, true, 0.0489, COMPARE_GATE_FAILED},
        {COMPARE_DIFFERENCE, true, 9.9, COMPARE_GATE_PASSED},
        {COMPARE_DIFFERENCE, true, 10.1, COMPARE_GATE_FAILED},
        {COMPARE_IDENTICAL, false, 0, COMPARE_GATE_PASSED},
    };

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        struct comparison *comparison = new_gated();
        struct compare_row *row = &comparison->rows[0];

        set_effect(row, limit, 0.5);
        row->finding.scale = rows[i].scale;
        row->finding.loss_of_cost = rows[i].loss_of_cost;
        row->finding.effect.estimate = rows[i].estimate;
        row->finding.effect.variance = 1e-12;
        row->finding.verdict = COMPARE_SLOWER;
        row->figures[0].value = -200;
        row->figures[1].value = -210;
        apply(comparison, false, false);
        if (row->gate != rows[i].state)
            fail_msg("row %zu: %d instead of %d", i, (int)row->gate, (int)rows[i].state);
        compare_free(comparison);
    }
}

/* Strict: what is open, undecided or not compared fails, and so does a gate that holds nothing to its
 * limit. */
static void gate__strict(void **state) {
    static const struct {
        enum compare_verdict verdict;
        double p_above;
        size_t n_refusals;
        enum gate_outcome outcome;
    } rows[] = {{COMPARE_SLOWER, 0.02, 0, GATE_FAILED},     {COMPARE_UNDECIDED, 0.9, 0, GATE_FAILED},
                {COMPARE_UNCONFIRMED, 0.9, 0, GATE_FAILED}, {COMPARE_EQUIVALENT, 0.9, 0, GATE_PASSED},
                {COMPARE_EQUIVALENT, 0.9, 1, GATE_FAILED},  {COMPARE_SLOWER, 0.9, 0, GATE_PASSED},
                {COMPARE_UNTESTED, 0.0001, 0, GATE_FAILED}};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        struct comparison *comparison = new_gated();

        set_effect(&comparison->rows[0], limit, rows[i].p_above);
        comparison->rows[0].finding.verdict = rows[i].verdict;
        for (size_t k = 0; k < rows[i].n_refusals; k++)
            assert_int_equal(compare_refuse(comparison, 1, strdup("a case"), strdup("a reason")), 0);
        apply(comparison, false, true);
        if (comparison->gate->outcome != rows[i].outcome)
            fail_msg("row %zu: %s", i, gate_outcome_name(comparison->gate->outcome));
        compare_free(comparison);
    }
}

/* The row that says nothing: no difference, and too much noise for equivalence. */
static void set_silent(struct compare_row *row) {
    set_effect(row, 0, 0.5);
    row->finding.effect.variance = 100;
    row->finding.p = 1;
}

static void set_two_sided(struct compare_row *row, double p, double sign) {
    set_effect(row, 0, p / 2);
    row->finding.effect.estimate *= sign;
    row->finding.p = p;
}

/* Two rows share the error of 0.05, and a guard takes a tenth of it: 0.0225 is left for the first claim. */
static void verdict__of_a_difference(void **state) {
    static const struct {
        double p, sign;
        enum compare_verdict verdict;
    } rows[] = {{0.04, 1, COMPARE_UNDECIDED},
                {0.0235, 1, COMPARE_UNDECIDED},
                {0.0224, 1, COMPARE_SLOWER},
                {0.0224, -1, COMPARE_FASTER},
                {0.0226, -1, COMPARE_UNDECIDED}};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        struct comparison *comparison = compare_for_gate();
        struct compare_finding *finding = &comparison->rows[0].finding;

        set_two_sided(&comparison->rows[0], rows[i].p, rows[i].sign);
        set_silent(&comparison->rows[1]);
        finding->cost_ci95[0] = 1.25;
        finding->cost_ci95[1] = 1.75;
        assert_int_equal(compare_judge(comparison), 0);
        if (finding->verdict != rows[i].verdict)
            fail_msg("p = %g: %s", rows[i].p, compare_verdict_name(finding->verdict));
        assert_true(fabs(finding->p_difference - fmin(1, rows[i].p / EFFECT_GUARD * BOTH)) < 1e-9);
        if (finding->verdict == COMPARE_SLOWER)
            assert_true(finding->sure == 1.25);
        if (finding->verdict == COMPARE_FASTER)
            assert_true(finding->sure == 1.75);
        assert_int_equal(comparison->rows[1].finding.verdict, COMPARE_UNDECIDED);
        compare_free(comparison);
    }
}

/* Within the margin of 3%, by the p-value of the nearer end; where both claims hold, what is equivalent
 * is. */
static void verdict__of_equivalence(void **state) {
    static const struct {
        double estimate, p; /* of "beyond the nearer end of the margin" */
        enum compare_verdict verdict;
    } rows[] = {{0, 0.0235, COMPARE_UNDECIDED},     {0, 0.0224, COMPARE_EQUIVALENT},
                {0.01, 0.0224, COMPARE_EQUIVALENT}, {-0.01, 0.0224, COMPARE_EQUIVALENT},
                {-0.01, 0.0226, COMPARE_UNDECIDED}, {0.02, 1e-12, COMPARE_EQUIVALENT}};
    const double margin = log1p(COMPARE_MARGIN);

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        struct comparison *comparison = compare_for_gate();
        struct compare_finding *finding = &comparison->rows[0].finding;
        double sd = (margin - fabs(rows[i].estimate)) / gsl_cdf_ugaussian_Qinv(rows[i].p);

        set_effect(&comparison->rows[0], 0, 0.5);
        finding->effect.estimate = rows[i].estimate;
        finding->effect.variance = sd * sd;
        finding->p = rows[i].p < 1e-6 ? 1e-6 : 0.9;
        set_silent(&comparison->rows[1]);
        assert_int_equal(compare_judge(comparison), 0);
        if (finding->verdict != rows[i].verdict)
            fail_msg("%g, p = %g: %s", rows[i].estimate, rows[i].p, compare_verdict_name(finding->verdict));
        compare_free(comparison);
    }
}

/* Without a margin nothing is claimed to be within it: a row that differs leaves its part of the error. */
static void verdict__without_a_margin(void **state) {
    struct comparison *comparison = compare_for_gate();

    (void)state;
    comparison->options.margin = 0;
    set_two_sided(&comparison->rows[0], 0.02, 1);
    set_two_sided(&comparison->rows[1], 0.04, 1);
    assert_int_equal(compare_judge(comparison), 0);
    assert_true(fabs(comparison->rows[0].finding.p_difference - 0.02 / EFFECT_GUARD * BOTH) < 1e-9);
    assert_true(fabs(comparison->rows[1].finding.p_difference - 0.04 / EFFECT_GUARD) < 1e-9);
    for (size_t i = 0; i < BOTH; i++) {
        assert_int_equal(comparison->rows[i].finding.verdict, COMPARE_SLOWER);
        assert_true(isnan(comparison->rows[i].finding.p_equivalence));
    }
    compare_free(comparison);
}

/* A row of which both claims are decided leaves its part of the error to the other; one of which only one is,
 * does not. */
static void verdict__of_the_second_row(void **state) {
    static const struct {
        bool first_is_through;
        enum compare_verdict verdict;
    } rows[] = {{true, COMPARE_SLOWER}, {false, COMPARE_UNDECIDED}};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        struct comparison *comparison = compare_for_gate();

        set_two_sided(&comparison->rows[0], 0.001, 1);
        if (rows[i].first_is_through) { /* small, and surely so */
            comparison->rows[0].finding.effect.estimate = 0.01;
            comparison->rows[0].finding.effect.variance = 1e-8;
        }
        set_two_sided(&comparison->rows[1], 0.04, 1);
        assert_int_equal(compare_judge(comparison), 0);
        assert_int_equal(comparison->rows[1].finding.verdict, rows[i].verdict);
        compare_free(comparison);
    }
}

static void verdict__of_one_run_and_of_none(void **state) {
    struct comparison *comparison = compare_for_gate();

    (void)state;
    set_silent(&comparison->rows[0]);
    comparison->rows[0].finding.runs[0] = 1;
    set_two_sided(&comparison->rows[1], 0.0001, 1);
    comparison->rows[1].finding.weight = 0; /* nobody asked */
    assert_int_equal(compare_judge(comparison), 0);
    assert_int_equal(comparison->rows[0].finding.verdict, COMPARE_UNCONFIRMED);
    assert_int_equal(comparison->rows[1].finding.verdict, COMPARE_UNTESTED);
    compare_free(comparison);
}

/* Resources share 35% of the error, cases the rest. A resource's only case has both parts: of two resources
 * and three cases 0.175 and 0.2167. */
static void verdict__shares_of_the_error(void **state) {
    const double p = 0.017, weight = 0.35 / 2 + 0.65 / 3;
    struct comparison *comparison = start(&defaults);

    (void)state;
    for (size_t side = 0; side < 2; side++)
        for (size_t run = 0; run < 3; run++) {
            double level = 100 + 4 * ((double)run - 1);

            add(comparison, side, "6.1",
                json_pack("[o, o, o]", new_case("net", 64, "rate", "higher", level, 0.001),
                          new_case("mem", 1, "rate", "higher", level, 0.001),
                          new_case("mem", 2, "rate", "higher", level, 0.001)));
        }
    finish(comparison);
    assert_int_equal(comparison->n_rows, 3);
    assert_int_equal(comparison->n_answers, 2);
    set_two_sided(&comparison->rows[0], p, 1);
    set_silent(&comparison->rows[1]);
    set_silent(&comparison->rows[2]);
    assert_int_equal(compare_judge(comparison), 0);
    assert_true(fabs(comparison->rows[0].finding.weight - weight) < 1e-12);
    assert_true(fabs(comparison->rows[0].finding.p_difference - p / EFFECT_GUARD / weight) < 1e-9);
    assert_int_equal(comparison->rows[0].finding.verdict, COMPARE_SLOWER);
    compare_free(comparison);
}

static void add_round(struct comparison *comparison, size_t side, int round, const char *set) {
    json_t *record =
        new_record("6.1", json_pack("[o]", new_case("net", 64, "rate", "higher",
                                                    100 + (side ? 1.3 : 1) * round * round, 0.001)));

    json_object_set_new(record, "run_set", json_pack("{s:s, s:i}", "id", set, "run", round));
    assert_int_equal(
        compare_add_record(comparison, side, side == 0 ? "native" : "guest", "x.json", record, NULL), 0);
    json_decref(record);
}

/* Runs are compared in pairs where each side has each round once, and nothing else, and there are four at
 * least. */
static void pairs__only_of_rounds_that_both_have(void **state) {
    static const struct {
        int n[2];
        const char *sets[2];
        bool is_paired;
    } rows[] = {{{4, 4}, {"a", "a"}, true},  {{4, 5}, {"a", "a"}, false}, {{5, 4}, {"a", "a"}, false},
                {{3, 3}, {"a", "a"}, false}, {{4, 4}, {"a", "b"}, false}, {{5, 5}, {"a", "a"}, true}};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        struct comparison *comparison = start(&defaults);

        for (size_t side = 0; side < 2; side++)
            for (int round = 1; round <= rows[i].n[side]; round++)
                add_round(comparison, side, round, rows[i].sets[side]);
        finish(comparison);
        if (comparison->sides[1].paired != rows[i].is_paired ||
            comparison->rows[0].finding.effect.paired != rows[i].is_paired)
            fail_msg("row %zu", i);
        compare_free(comparison);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gate__each_rule_decides),
        cmocka_unit_test(gate__runs_that_would_tell),
        cmocka_unit_test(gate__one_run_is_doubted),
        cmocka_unit_test(gate__rows_of_one_run_step_up),
        cmocka_unit_test(gate__rows_share_the_error),
        cmocka_unit_test(gate__the_limit_in_each_scale),
        cmocka_unit_test(gate__strict),
        cmocka_unit_test(verdict__of_a_difference),
        cmocka_unit_test(verdict__of_equivalence),
        cmocka_unit_test(verdict__shares_of_the_error),
        cmocka_unit_test(pairs__only_of_rounds_that_both_have),
        cmocka_unit_test(verdict__without_a_margin),
        cmocka_unit_test(verdict__of_the_second_row),
        cmocka_unit_test(verdict__of_one_run_and_of_none),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
