/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which data count: records in which one rule alone decides what becomes of a trial, a case or a metric.
 * Three runs a side, of which the other one's are slower by 20%. */
#include "compared.h"

#include "unit/descriptors.h"

#define RUNS 3
#define SLOWER 80
#define SAME 100

/* Changes a case of a run before it is added. */
typedef void (*change)(json_t *outcome, size_t side, size_t run);

static json_t *trial_of(json_t *outcome, size_t i) {
    return json_array_get(json_object_get(outcome, "trials"), i);
}

static struct comparison *compare_changed(change change_it, double level,
                                          const struct compare_options *options) {
    struct comparison *comparison = start(options);

    for (size_t side = 0; side < 2; side++)
        for (size_t run = 0; run < RUNS; run++) {
            double off = 1 + 0.001 * ((double)run - 1);
            json_t *outcome = new_case("net", 64, "rate", "higher", (side ? level : SAME) * off, 0.001);

            if (change_it)
                change_it(outcome, side, run);
            add(comparison, side, "6.1", json_pack("[o]", outcome));
        }
    finish(comparison);
    return comparison;
}

static enum gate_outcome gate_of(struct comparison *comparison, bool strict) {
    const struct compare_gate gate = {.fail_above = 0.1, .strict = strict};

    assert_int_equal(gate_apply(comparison, &gate, NULL), 0);
    return comparison->gate->outcome;
}

/* The same figures, as exactly as they are computed. */
static void expect_same(const struct comparison *a, const struct comparison *b) {
    assert_int_equal(a->n_rows, 1);
    assert_int_equal(b->n_rows, 1);
    for (size_t side = 0; side < 2; side++) {
        assert_int_equal(a->rows[0].figures[side].n_trials, b->rows[0].figures[side].n_trials);
        assert_true(a->rows[0].figures[side].value == b->rows[0].figures[side].value);
        assert_true(a->rows[0].figures[side].mean == b->rows[0].figures[side].mean);
    }
    assert_true(a->rows[0].finding.effect.estimate == b->rows[0].finding.effect.estimate);
    assert_true(a->rows[0].finding.p == b->rows[0].finding.p);
    assert_int_equal(a->rows[0].finding.verdict, b->rows[0].finding.verdict);
}

/* Trial 1 of the other side's first run by two things, trial 2 of its last by one. */
static void disturb(json_t *outcome, size_t side, size_t run) {
    if (side == 1 && run == 0)
        json_object_set_new(trial_of(outcome, 0), "flags", json_pack("[s, s]", "steal", "frequency"));
    if (side == 1 && run == 2)
        json_object_set_new(trial_of(outcome, 1), "flags", json_pack("[s]", "steal"));
}

/* They are counted and warned of, and count as others do: who drops what was slow has no noise. */
static void disturbed__trials_count_and_are_said(void **state) {
    struct comparison *calm = compare_changed(NULL, SLOWER, &defaults),
                      *disturbed = compare_changed(disturb, SLOWER, &defaults);

    (void)state;
    expect_same(disturbed, calm);
    assert_int_equal(calm->sides[1].n_flagged, 0);
    assert_int_equal(disturbed->sides[0].n_flagged, 0);
    assert_int_equal(disturbed->sides[1].n_flagged, 2);
    assert_int_equal(disturbed->n_warnings, calm->n_warnings + 1);
    assert_non_null(strstr(disturbed->warnings[disturbed->n_warnings - 1],
                           "guest: 2 of 30 trials were disturbed; runs then differ"));
    assert_int_equal(gate_of(disturbed, false), GATE_FAILED);
    compare_free(calm);
    compare_free(disturbed);
}

static const char *status; /* of the other side's third trials */

static void fail_trial(json_t *outcome, size_t side, size_t run) {
    (void)run;
    if (side == 0)
        return;
    json_object_set_new(trial_of(outcome, 2), "status", json_string(status));
    json_object_set_new(json_array_get(json_object_get(trial_of(outcome, 2), "metrics"), 0), "value",
                        json_real(1e6));
}

static void leave_out_trial(json_t *outcome, size_t side, size_t run) {
    (void)run;
    if (side == 1)
        json_array_remove(json_object_get(outcome, "trials"), 2);
}

/* Whatever a trial says that is not ok: it is as if it had not been. */
static void failed__trials_do_not_count(void **state) {
    static const char *const statuses[] = {"failed", "timeout", "crashed", "interrupted", "unsupported"};
    struct comparison *without = compare_changed(leave_out_trial, SLOWER, &defaults);

    (void)state;
    assert_int_equal(without->rows[0].figures[1].n_trials, RUNS * (N - 1));
    for (size_t i = 0; i < VMS_LENGTH(statuses); i++) {
        struct comparison *with;

        status = statuses[i];
        with = compare_changed(fail_trial, SLOWER, &defaults);
        expect_same(with, without);
        compare_free(with);
    }
    compare_free(without);
}

static size_t last_failed; /* runs from this one on have the case failed at the other side */

static void fail_case(json_t *outcome, size_t side, size_t run) {
    if (side == 0 || run < last_failed)
        return;
    json_object_set_new(outcome, "trials", json_array());
    json_object_set_new(outcome, "status", json_string("crashed"));
    json_object_set_new(outcome, "reason", json_string("signal 11"));
}

/* What is left of it is compared; what is not there at all is refused with its reason, which only a strict
 * gate minds beside a row that passed. */
static void failed__cases(void **state) {
    struct comparison *comparison;

    (void)state;
    last_failed = 2;
    comparison = compare_changed(fail_case, SLOWER, &defaults);
    assert_int_equal(comparison->n_rows, 1);
    assert_int_equal(comparison->n_refusals, 0);
    assert_int_equal(comparison->rows[0].finding.runs[0], 3);
    assert_int_equal(comparison->rows[0].finding.runs[1], 2);
    compare_free(comparison);
    last_failed = 0;
    for (int strict = 0; strict < 2; strict++) {
        comparison = start(&defaults);
        for (size_t side = 0; side < 2; side++)
            for (size_t run = 0; run < RUNS; run++) {
                json_t *outcome = new_case("net", 64, "rate", "higher", SAME, 0.001);

                fail_case(outcome, side, run);
                add(comparison, side, "6.1",
                    json_pack("[o, o]", outcome, new_case("mem", 1, "rate", "higher", SAME, 0.001)));
            }
        finish(comparison);
        assert_int_equal(comparison->n_rows, 1);
        assert_string_equal(comparison->rows[0].identity->group, "mem");
        assert_int_equal(comparison->n_refusals, 1);
        assert_non_null(strstr(comparison->refusals[0].reason, "no figures in guest: crashed: signal 11"));
        assert_int_equal(gate_of(comparison, strict), strict ? GATE_FAILED : GATE_PASSED);
        compare_free(comparison);
    }
}

static double levels[2]; /* of the other side: its headline, and the metric behind it */

/* A second metric, which is the headline's in all but its name and its level. */
static void add_metric(json_t *outcome, size_t side, size_t run) {
    (void)run;
    json_array_append_new(json_object_get(outcome, "summary"),
                          json_pack("{s:s, s:s, s:s, s:s}", "metric", "lag", "unit", "1/s", "better",
                                    "higher", "side", "local"));
    for (size_t i = 0; i < N; i++) {
        json_t *metrics = json_object_get(trial_of(outcome, i), "metrics"),
               *first = json_array_get(metrics, 0);
        double value = json_real_value(json_object_get(first, "value"));

        json_array_append_new(metrics, json_pack("{s:s, s:f}", "metric", "lag", "value",
                                                 side ? value * levels[1] / levels[0] : value));
    }
}

static const struct compare_row *row_of(const struct comparison *comparison, const char *metric) {
    for (size_t i = 0; i < comparison->n_rows; i++)
        if (strcmp(comparison->rows[i].metric->name, metric) == 0)
            return &comparison->rows[i];
    fail_msg("no row of %s", metric);
    return NULL;
}

/* The case's first metric is judged and gated; another one is shown, unless it is asked for. */
static void headline__alone_is_judged(void **state) {
    static char lag[] = "lag", *asked[] = {lag};
    static const struct {
        double headline, other;
        size_t n_asked;
        enum compare_verdict verdicts[2];
        enum gate_outcome outcome;
    } rows[] = {{SAME, SLOWER, 0, {COMPARE_EQUIVALENT, COMPARE_UNTESTED}, GATE_PASSED},
                {SAME, SLOWER, 1, {COMPARE_EQUIVALENT, COMPARE_SLOWER}, GATE_FAILED},
                {SLOWER, SAME, 0, {COMPARE_SLOWER, COMPARE_UNTESTED}, GATE_FAILED},
                {SLOWER, SAME, 1, {COMPARE_SLOWER, COMPARE_EQUIVALENT}, GATE_FAILED}};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        struct compare_options options = defaults;
        struct comparison *comparison;

        options.metrics = asked;
        options.n_metrics = rows[i].n_asked;
        levels[0] = rows[i].headline;
        levels[1] = rows[i].other;
        comparison = compare_changed(add_metric, levels[0], &options);
        assert_int_equal(comparison->n_rows, 2);
        assert_int_equal(row_of(comparison, "rate")->finding.verdict, rows[i].verdicts[0]);
        assert_int_equal(row_of(comparison, "lag")->finding.verdict, rows[i].verdicts[1]);
        assert_true(row_of(comparison, "rate")->headline && !row_of(comparison, "lag")->headline);
        /* What the resource costs is its headlines' alone. */
        assert_int_equal(comparison->n_answers, 1);
        assert_int_equal(comparison->answers[0].n_cases, 1);
        assert_int_equal(comparison->answers[0].finding.verdict, rows[i].verdicts[0]);
        assert_int_equal(gate_of(comparison, false), rows[i].outcome);
        assert_int_equal(row_of(comparison, "lag")->gate == COMPARE_NOT_GATED, rows[i].n_asked == 0);
        compare_free(comparison);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(disturbed__trials_count_and_are_said),
        cmocka_unit_test(failed__trials_do_not_count),
        cmocka_unit_test(failed__cases),
        cmocka_unit_test(headline__alone_is_judged),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
