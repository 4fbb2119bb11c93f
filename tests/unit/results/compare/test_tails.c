/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The slow end of latencies, held against the exact quantiles of the samples. */
#include "compared.h"
#include "fakes/fixture.h"
#include "record/view/tails.h"
#include "stats/sort.h"
#include "stats/stats.h"

#include "unit/descriptors.h"

#define TRIALS 5
#define SAMPLES_MAX 12000

static double samples[SAMPLES_MAX];

/* A trial's latencies: 10 us, and from the quantile 0.98 on `slow` times that, rising; a little off by
 * trial. */
static void draw(size_t n, double slow, double off, struct stats_distribution *ret) {
    for (size_t i = 0; i < n; i++) {
        double q = ((double)i + 0.5) / (double)n;

        samples[i] = 1e-5 * off * (q < 0.98 ? 1 + q / 100 : slow * (1 + q));
    }
    stats_distribute(samples, n, ret);
}

/* That of the samples. */
static void set_histogram(json_t *histogram, size_t n, double error) {
    char counts[SKETCH_TEXT_SIZE];
    struct sketch sketch = {0};

    for (size_t i = 0; i < n; i++)
        assert_int_equal(sketch_add(&sketch, samples[i], 1), 0);
    sketch_format(&sketch, counts);
    assert_int_equal(json_object_set_new(histogram, "relative_error", json_real(error)), 0);
    assert_int_equal(json_object_set_new(histogram, "first", json_integer(sketch.first)), 0);
    assert_int_equal(json_object_set_new(histogram, "counts", json_string(counts)), 0);
}

static double histogram_error; /* 0: trials have none */

static void set_distribution(json_t *metric, const struct stats_distribution *distribution) {
    json_t *percentiles = json_object_get(metric, "percentiles");

    assert_int_equal(json_object_set_new(metric, "value", json_real(distribution->quantiles[1])), 0);
    assert_int_equal(json_object_set_new(metric, "mean", json_real(distribution->mean)), 0);
    assert_int_equal(json_object_set_new(metric, "sd", json_real(distribution->sd)), 0);
    for (size_t i = 0; i < STATS_QUANTILES; i++) {
        json_t *percentile = json_object();

        assert_int_equal(json_object_set_new(percentile, "q", json_real(stats_quantiles[i])), 0);
        assert_int_equal(json_object_set_new(percentile, "value", json_real(distribution->quantiles[i])), 0);
        assert_int_equal(json_array_append_new(percentiles, percentile), 0);
    }
}

static json_t *new_latency_trial(size_t index, size_t n, double slow, double off) {
    json_t *trial = fixture_read("latency_trial.json");
    json_t *metric = json_array_get(json_object_get(trial, "metrics"), 0);
    struct stats_distribution distribution;

    draw(n, slow, off, &distribution);
    assert_int_equal(json_object_set_new(trial, "trial", json_integer((json_int_t)index + 1)), 0);
    assert_int_equal(json_object_set_new(metric, "n", json_integer((json_int_t)n)), 0);
    set_distribution(metric, &distribution);
    if (histogram_error > 0)
        set_histogram(json_object_get(metric, "histogram"), n, histogram_error);
    else
        assert_int_equal(json_object_del(metric, "histogram"), 0);
    return trial;
}

/* A case with a latency of `n` samples a trial. */
static json_t *new_latency_case(size_t n, double slow, double off) {
    json_t *outcome = fixture_read("latency_case.json"), *trials = json_object_get(outcome, "trials");

    for (size_t i = 0; i < TRIALS; i++)
        json_array_append_new(trials, new_latency_trial(i, n, slow, off * (1 + 0.002 * scores[i])));
    return outcome;
}

static void add_case(struct comparison *comparison, size_t side, json_t *outcome) {
    json_t *cases = json_array();

    assert_int_equal(json_array_append_new(cases, outcome), 0);
    add(comparison, side, "6.1", cases);
}

/* Three runs a side; the tail of the other side is `slow` times as long. */
static struct comparison *compare_latencies(size_t n, size_t n_other, double slow,
                                            const struct compare_options *options) {
    struct comparison *comparison = start(options);

    for (size_t side = 0; side < 2; side++)
        for (size_t run = 0; run < 3; run++)
            add_case(comparison, side,
                     new_latency_case(side ? n_other : n, side ? 3 * slow : 3, 1 + 0.001 * (double)run));
    finish(comparison);
    return comparison;
}

static const struct compare_row *find_row(const struct comparison *comparison, const char *metric) {
    for (size_t i = 0; i < comparison->n_rows; i++)
        if (strcmp(comparison->rows[i].metric->name, metric) == 0)
            return &comparison->rows[i];
    return NULL;
}

/* The figures are those of the samples themselves, and the median knows nothing of the tail. */
static void tails__are_those_of_the_samples(void **state) {
    struct comparison *comparison = compare_latencies(SAMPLES_MAX, SAMPLES_MAX, 1.3, &defaults);
    const struct compare_row *row = find_row(comparison, "latency p99");
    struct stats_distribution exact;

    (void)state;
    assert_non_null(row);
    assert_int_equal(row->finding.verdict, COMPARE_UNTESTED); /* shown, not claimed */
    assert_true(fabs(row->finding.cost / 1.3 - 1) < 1e-6);
    draw(SAMPLES_MAX, 3, 1, &exact);
    assert_true(exact.quantiles[3] > 4e-5);
    assert_true(fabs(row->figures[0].value / exact.quantiles[3] - 1) < 0.002);
    assert_non_null(find_row(comparison, "latency p99.9"));
    assert_int_equal(find_row(comparison, "latency")->finding.verdict, COMPARE_EQUIVALENT);
    compare_free(comparison);
}

/* Asked for, a tail has a verdict, and is part of the family. */
static void tails__are_tested_when_asked(void **state) {
    char name[] = "latency p99", *asked[] = {name};
    struct compare_options options = defaults;
    struct comparison *comparison;

    (void)state;
    options.metrics = asked;
    options.n_metrics = 1;
    comparison = compare_latencies(2000, 2000, 1.3, &options);
    assert_int_equal(find_row(comparison, "latency p99")->finding.verdict, COMPARE_SLOWER);
    assert_int_equal(find_row(comparison, "latency")->finding.verdict, COMPARE_EQUIVALENT);
    assert_true(find_row(comparison, "latency")->finding.weight < 1);
    compare_free(comparison);
}

static void assert_tail(size_t n, const char *metric, bool is_there) {
    struct comparison *comparison = compare_latencies(n, n, 1.3, &defaults);

    if ((find_row(comparison, metric) != NULL) != is_there)
        fail_msg("%zu samples: %s", n, metric);
    assert_int_equal(comparison->n_refusals, 0);
    compare_free(comparison);
}

/* A quantile with fewer than ten samples beyond it is chance. */
static void tails__want_samples(void **state) {
    (void)state;
    assert_tail(999, "latency p99", false);
    assert_tail(1000, "latency p99", true);
    assert_tail(9999, "latency p99.9", false);
    assert_tail(10000, "latency p99.9", true);
}

/* A tail of one side alone is said to be one where it was asked for. */
static void tails__on_one_side(void **state) {
    char name[] = "latency p99", *asked[] = {name};
    struct compare_options options = defaults;
    struct comparison *comparison = compare_latencies(2000, 500, 1, &options);

    (void)state;
    assert_int_equal(comparison->n_refusals, 0);
    compare_free(comparison);
    options.metrics = asked;
    options.n_metrics = 1;
    comparison = compare_latencies(2000, 500, 1, &options);
    assert_int_equal(comparison->n_refusals, 1);
    assert_non_null(strstr(comparison->refusals[0].label, "latency p99"));
    assert_non_null(strstr(comparison->refusals[0].reason, "enough samples"));
    compare_free(comparison);
    comparison = compare_latencies(500, 2000, 1, &options);
    assert_int_equal(comparison->n_refusals, 1);
    compare_free(comparison);
}

/* What no trial has samples enough for, all trials of a run may have together. */
static void tails__of_all_trials_of_a_run(void **state) {
    struct comparison *comparison;
    const struct compare_row *row;

    (void)state;
    histogram_error = SKETCH_ERROR;
    comparison = compare_latencies(500, 500, 1.3, &defaults); /* five trials */
    row = find_row(comparison, "latency p99");
    assert_non_null(row);
    assert_null(find_row(comparison, "latency p99.9"));
    assert_int_equal(row->finding.runs[0], 3);
    assert_true(fabs(row->finding.cost / 1.3 - 1) <
                0.025); /* two figures within 1%, and the trials' own spread */
    assert_true(fabs(row->figures[0].value / (1e-5 * 3 * 1.99) - 1) < 0.02);
    compare_free(comparison);
    assert_tail(190, "latency p99", false);
    histogram_error = 0.02; /* other buckets than ours: nothing that could be added up */
    assert_tail(500, "latency p99", false);
    histogram_error = 0;
    assert_tail(500, "latency p99", false);
}

#define POOLED (3 * TRIALS * 2000) /* samples of a side */
static double pooled[2 * POOLED];

/* Runs and trials that are off by up to some per cent, one trial by a third; every sample is kept. */
static json_t *new_uneven_case(size_t side, size_t run, size_t *n_pooled) {
    json_t *outcome = new_latency_case(2000, 3, 1), *trial;
    size_t i;

    json_array_foreach (json_object_get(outcome, "trials"), i, trial) {
        double off = (1 + 0.02 * (double)run) * (1 + 0.01 * (double)i) * (run == 1 && i == 2 ? 1.1 : 1);
        json_t *drawn = new_latency_trial(i, 2000, side ? 6 : 3, off);

        memcpy(pooled + *n_pooled, samples, 2000 * sizeof(*samples));
        *n_pooled += 2000;
        assert_int_equal(json_object_update(trial, drawn), 0);
        json_decref(drawn);
    }
    return outcome;
}

/* Of all samples of all trials and runs: within 1% of their exact quantiles. Of the runs: intervals, and
 * verdicts where they are asked for. */
static void tails__merge_over_trials_and_runs(void **state) {
    static const struct {
        const char *metric;
        double q;
        enum compare_verdict verdict;
    } rows[] = {{"latency p50", 0.5, COMPARE_UNDECIDED},
                {"latency p99", 0.99, COMPARE_SLOWER},
                {"latency p99.9", 0.999, COMPARE_SLOWER}};
    char names[][16] = {"latency p50", "latency p99", "latency p99.9"},
         *asked[] = {names[0], names[1], names[2]};
    struct compare_options options = defaults;
    struct comparison *comparison;
    size_t n_pooled[2];

    (void)state;
    options.metrics = asked;
    options.n_metrics = 3;
    histogram_error = SKETCH_ERROR;
    comparison = start(&options);
    for (size_t side = 0; side < 2; side++) {
        n_pooled[side] = side * POOLED;
        for (size_t run = 0; run < 3; run++)
            add_case(comparison, side, new_uneven_case(side, run, &n_pooled[side]));
    }
    histogram_error = 0;
    finish(comparison);
    for (size_t side = 0; side < 2; side++)
        sort_numbers(pooled + side * POOLED, POOLED);
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        const struct compare_row *row = find_row(comparison, rows[i].metric);

        assert_non_null(row);
        for (size_t side = 0; side < 2; side++) {
            double exact = pooled[side * POOLED + (size_t)(rows[i].q * (double)(POOLED - 1))];

            if (!(fabs(row->figures[side].pooled / exact - 1) <= SKETCH_ERROR))
                fail_msg("%s: %g, exactly %g", rows[i].metric, row->figures[side].pooled, exact);
        }
        assert_true(row->finding.loss_ci95[0] < row->finding.loss &&
                    row->finding.loss < row->finding.loss_ci95[1]);
        assert_int_equal(row->finding.verdict, rows[i].verdict);
    }
    assert_true(isnan(find_row(comparison, "latency")->figures[0].pooled));
    compare_free(comparison);
}

/* What one trial of five does is in the tail of its run, and in no median. */
static void tails__hold_what_one_trial_does(void **state) {
    struct comparison *comparison = start(&defaults);

    (void)state;
    histogram_error = SKETCH_ERROR;
    for (size_t side = 0; side < 2; side++)
        for (size_t run = 0; run < 3; run++) {
            json_t *outcome = new_latency_case(2000, 3, 1 + 0.001 * (double)run);
            json_t *bad = new_latency_trial(0, 2000, side ? 30 : 3, 1);

            assert_int_equal(json_object_update(json_array_get(json_object_get(outcome, "trials"), 0), bad),
                             0);
            json_decref(bad);
            add_case(comparison, side, outcome);
        }
    histogram_error = 0;
    finish(comparison);
    assert_true(find_row(comparison, "latency p99.9")->finding.cost > 9);
    assert_int_equal(find_row(comparison, "latency")->finding.verdict, COMPARE_EQUIVALENT);
    compare_free(comparison);
}

static void tails__names(void **state) {
    (void)state;
    assert_true(tails_is_name("round_trip_time p99") && tails_is_name("latency p99.9"));
    assert_false(tails_is_name("p99"));
    assert_false(tails_is_name("latency p95"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tails__are_those_of_the_samples),
        cmocka_unit_test(tails__are_tested_when_asked),
        cmocka_unit_test(tails__want_samples),
        cmocka_unit_test(tails__on_one_side),
        cmocka_unit_test(tails__of_all_trials_of_a_run),
        cmocka_unit_test(tails__merge_over_trials_and_runs),
        cmocka_unit_test(tails__hold_what_one_trial_does),
        cmocka_unit_test(tails__names),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
