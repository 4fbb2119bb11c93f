/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "compare/compare.h"
#include "compare/gate.h"
#include "compare/layout.h"

#include "base/cleanup.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define N 10

/* Normal scores: steady noise without luck. The order alternates, so that nothing drifts. */
static const double scores[N] = {-1.5466, 1.5466, 0.6554,  -0.6554, -0.1226,
                                 0.1226,  1.0005, -1.0005, -0.3755, 0.3755};

static const struct compare_options defaults = {.margin = COMPARE_MARGIN, .run_shift = NAN, .seed = 1};

static json_t *new_trials(const char *metric, double level, double cv) {
    json_t *trials = json_array();

    for (size_t i = 0; i < N; i++)
        json_array_append_new(trials, json_pack("{s:i, s:s, s:[], s:[{s:s, s:f}]}", "trial", (int)i + 1,
                                                "status", "ok", "flags", "metrics", "metric", metric, "value",
                                                level * (1 + cv * scores[i])));
    return trials;
}

/* A case with one metric; `better` is "higher" or "lower". */
static json_t *new_case(const char *group, int size, const char *metric, const char *better, double level,
                        double cv) {
    return json_pack(
        "{s:s, s:s, s:s, s:i, s:s, s:{s:i}, s:s, s:n, s:[{s:s, s:s}], s:o, s:[{s:s, s:s, s:s, s:s}]}",
        "group", group, "module", "fake", "resource", strcmp(group, "net") == 0 ? "network" : "memory",
        "workload_version", 1, "path", "network", "params", "size", size, "status", "ok", "reason", "facts",
        "key", "working_set_bytes", "value", "4096", "trials", new_trials(metric, level, cv), "summary",
        "metric", metric, "unit", "1/s", "better", better, "side", "local");
}

static json_t *new_record(const char *kernel, json_t *cases) {
    return json_pack("{s:s, s:{s:{s:s, s:s, s:[{s:s, s:s, s:s}, {s:s, s:s, s:f}]}}, s:o}", "status", "ok",
                     "environment", "before", "virtualization", "kvm", "container", "none", "facts", "fact",
                     "kernel.release", "status", "ok", "value", kernel, "fact", "load.average_1min", "status",
                     "ok", "value", (double)strlen(kernel), "cases", cases);
}

static void add(struct comparison *comparison, size_t side, const char *kernel, json_t *cases) {
    json_t *record = new_record(kernel, cases);
    struct vms_error error = {""};

    assert_non_null(record);
    assert_int_equal(
        compare_add_record(comparison, side, side == 0 ? "native" : "guest", "x.json", record, &error), 0);
    json_decref(record);
}

static struct comparison *start(const struct compare_options *options) {
    struct comparison *comparison = compare_new(options);

    assert_non_null(comparison);
    return comparison;
}

static void finish(struct comparison *comparison) {
    struct vms_error error = {""};

    if (compare_finish(comparison, &error) < 0)
        fail_msg("%s", error.text);
}

/* One case a side. */
static struct comparison *compare_two(json_t *baseline, json_t *other,
                                      const struct compare_options *options) {
    struct comparison *comparison = start(options);

    add(comparison, 0, "6.1", json_pack("[o]", baseline));
    add(comparison, 1, "6.1", json_pack("[o]", other));
    finish(comparison);
    return comparison;
}

/* Three runs a side of one case, whose levels differ from run to run by `shift`. */
static struct comparison *compare_runs(const char *metric, const char *better, const double levels[2],
                                       double shift, double cv, size_t n_runs) {
    struct comparison *comparison = start(&defaults);

    for (size_t side = 0; side < 2; side++)
        for (size_t run = 0; run < n_runs; run++) {
            double off = n_runs > 1 ? 2 * (double)run / (double)(n_runs - 1) - 1 : 0;

            add(comparison, side, "6.1",
                json_pack("[o]", new_case("net", 64, metric, better, levels[side] * (1 + shift * off), cv)));
        }
    finish(comparison);
    return comparison;
}

static void assert_verdict(struct comparison *comparison, enum compare_verdict verdict) {
    if (comparison->rows[0].finding.verdict != verdict)
        fail_msg("%s, not %s: %s", compare_verdict_name(comparison->rows[0].finding.verdict),
                 compare_verdict_name(verdict), comparison->answers[0].sentence);
    compare_free(comparison);
}

static void verdict__slower_and_faster(void **state) {
    struct comparison *comparison = compare_runs("rate", "higher", (double[]){100, 70}, 0.01, 0.01, 3);
    const struct compare_row *row = &comparison->rows[0];

    (void)state;
    assert_int_equal(comparison->n_rows, 1);
    assert_int_equal(row->finding.verdict, COMPARE_SLOWER);
    assert_true(fabs(row->finding.loss - 0.3) < 1e-3);
    assert_true(row->finding.loss_ci95[0] > 0.25 && row->finding.loss_ci95[0] < 0.3);
    assert_true(row->finding.loss_ci95[1] > 0.3 && row->finding.loss_ci95[1] < 0.35);
    assert_true(row->cliff_delta == -1);
    /* A reader with a calculator gets the loss from the two columns. */
    assert_true(fabs(row->finding.loss - (1 - row->figures[1].value / row->figures[0].value)) < 1e-12);
    assert_non_null(strstr(comparison->answers[0].sentence, "network: 30% slower ["));
    compare_free(comparison);

    /* Of a time less is better: 30% less is faster. */
    comparison = compare_runs("time", "lower", (double[]){100, 70}, 0.01, 0.01, 3);
    assert_true(fabs(comparison->rows[0].finding.loss + 0.3) < 1e-3);
    assert_verdict(comparison, COMPARE_FASTER);
}

static void verdict__equivalent_and_undecided(void **state) {
    struct comparison *comparison = compare_runs("rate", "higher", (double[]){100, 100.2}, 0.002, 0.002, 3);

    (void)state;
    assert_non_null(strstr(comparison->answers[0].sentence, "network: equal within 3%"));
    assert_verdict(comparison, COMPARE_EQUIVALENT);

    comparison = compare_runs("rate", "higher", (double[]){100, 97}, 0.05, 0.01, 3);
    assert_true(comparison->rows[0].finding.more_runs > 3);
    assert_verdict(comparison, COMPARE_UNDECIDED);
}

/* Runs that differ outvote whatever their trials say, and whatever was thought before. */
static void verdict__runs_are_believed(void **state) {
    (void)state;
    assert_verdict(compare_runs("rate", "higher", (double[]){100, 80}, 0.2, 0.0001, 3), COMPARE_UNDECIDED);
    assert_verdict(compare_runs("rate", "higher", (double[]){100, 95}, 0.002, 0.0001, 5), COMPARE_SLOWER);
}

/* One run a side: within what a whole run may be off nothing is confirmed, far beyond it is. */
static void verdict__one_run(void **state) {
    struct comparison *comparison = compare_runs("rate", "higher", (double[]){100, 90}, 0, 0.01, 1);

    (void)state;
    assert_true(comparison->rows[0].finding.more_runs >= 1);
    assert_verdict(comparison, COMPARE_UNCONFIRMED);
    assert_verdict(compare_runs("rate", "higher", (double[]){100, 50}, 0, 0.05, 1), COMPARE_SLOWER);
    assert_verdict(compare_runs("rate", "higher", (double[]){50, 100}, 0, 0.05, 1), COMPARE_FASTER);
}

static void verdict__zeros(void **state) {
    struct comparison *comparison;

    (void)state;
    assert_verdict(compare_runs("loss", "lower", (double[]){0, 0}, 0, 0, 3),
                   COMPARE_EQUIVALENT); /* none at all */
    comparison = compare_runs("loss", "lower", (double[]){0, 0.1}, 0.05, 0.1, 3);
    assert_true(isnan(comparison->rows[0].finding.loss)); /* of 0 there is no share */
    assert_non_null(strstr(comparison->answers[0].sentence, "rose from 0"));
    assert_verdict(comparison, COMPARE_SLOWER);
    comparison = compare_runs("rate", "higher", (double[]){100, 0}, 0.01, 0.01, 2);
    assert_true(comparison->rows[0].finding.loss == 1);
    assert_verdict(comparison, COMPARE_SLOWER);
    assert_verdict(compare_runs("rate", "higher", (double[]){100, 0}, 0, 0.01, 1), COMPARE_SLOWER);
    assert_verdict(compare_runs("loss", "lower", (double[]){0, 0.1}, 0, 0.1, 1), COMPARE_UNCONFIRMED);
    assert_verdict(compare_runs("delay", "lower", (double[]){0.001, -0.001}, 0.02, 0.01, 3), COMPARE_FASTER);
    assert_verdict(compare_runs("delay", "lower", (double[]){0.001, -0.001}, 0, 0.01, 1),
                   COMPARE_UNCONFIRMED);
}

/* Half speed with one zero among ten trials is half speed. */
static void verdict__one_zero_trial(void **state) {
    json_t *other = new_case("net", 64, "rate", "higher", 50, 0.01);
    struct comparison *comparison;

    (void)state;
    json_object_set_new(
        json_array_get(json_object_get(json_array_get(json_object_get(other, "trials"), 3), "metrics"), 0),
        "value", json_real(0));
    comparison = compare_two(new_case("net", 64, "rate", "higher", 100, 0.01), other, &defaults);
    assert_int_equal(comparison->rows[0].finding.scale, COMPARE_RATIO);
    assert_true(fabs(comparison->rows[0].finding.loss - 0.5) < 0.01);
    assert_verdict(comparison, COMPARE_SLOWER);
}

/* Figures that are positive do not lose more than all, whatever the interval. */
static void verdict__intervals_end_at_nothing(void **state) {
    struct comparison *comparison = start(&defaults);

    (void)state;
    for (size_t side = 0; side < 2; side++)
        for (size_t run = 0; run < 3; run++)
            add(comparison, side, "6.1",
                json_pack("[o]",
                          new_case("net", 64, "rate", "higher", side && run ? 0 : 1 + (double)run, 0.01)));
    finish(comparison);
    assert_int_equal(comparison->rows[0].finding.scale, COMPARE_DIFFERENCE);
    assert_true(comparison->rows[0].finding.loss_ci95[1] <= 1);
    assert_verdict(comparison, COMPARE_UNDECIDED);
}

/* Constants that differ: two runs that agree are no measure of the noise, three are. */
static void verdict__constants(void **state) {
    (void)state;
    assert_verdict(compare_runs("count", "lower", (double[]){100, 101}, 0, 0, 2), COMPARE_UNDECIDED);
    assert_verdict(compare_runs("count", "lower", (double[]){100, 101}, 0, 0, 1), COMPARE_UNCONFIRMED);
    assert_verdict(compare_runs("count", "lower", (double[]){100, 150}, 0, 0, 3), COMPARE_SLOWER);
}

/* Case by case with 20 rows: only one has a loss, and its p-value alone would not do. */
static struct comparison *compare_many(double loss, size_t n_rows) {
    struct comparison *comparison = start(&defaults);

    for (size_t side = 0; side < 2; side++)
        for (size_t run = 0; run < 3; run++) {
            json_t *cases = json_array();

            for (size_t i = 0; i < n_rows; i++) {
                /* Runs are off in another order in each row, so that rows do not shift in step. */
                double off = 0.01 * scores[(3 * i + 5 * side + run * (1 + i % 3)) % N];

                json_array_append_new(
                    cases, new_case("mem", (int)i, "rate", "higher",
                                    (100 + off * 100) * (side == 1 && i == 0 ? 1 - loss : 1), 0.001));
            }
            add(comparison, side, "6.1", cases);
        }
    finish(comparison);
    return comparison;
}

static void verdict__many_rows(void **state) {
    struct comparison *comparison = compare_many(0.1, 20);
    const struct compare_finding *worst = &comparison->rows[0].finding;

    (void)state;
    assert_int_equal(comparison->n_answers, 1);
    assert_int_equal(comparison->answers[0].n_cases, 20);
    assert_int_equal(worst->verdict, COMPARE_SLOWER);
    assert_true(fabs(worst->loss - 0.1) < 0.03);
    assert_true(worst->p_difference > 20 * worst->p); /* the other rows are claims, too */
    for (size_t i = 1; i < comparison->n_rows; i++)
        assert_true(comparison->rows[i].finding.verdict != COMPARE_SLOWER &&
                    comparison->rows[i].finding.verdict != COMPARE_FASTER);
    compare_free(comparison);
}

/* A metric without a direction is a fact; one that is no headline is shown, and tested where it is asked for. */
static void verdict__untested(void **state) {
    struct compare_options options = defaults;
    struct comparison *comparison;
    char name[] = "time", *asked[] = {name};
    json_t *cases[2];

    (void)state;
    comparison = compare_two(new_case("mem", 1, "residual", "neither", 1, 0.1),
                             new_case("mem", 1, "residual", "neither", 2, 0.1), &defaults);
    assert_int_equal(comparison->n_answers, 0);
    assert_int_equal(comparison->rows[0].finding.verdict, COMPARE_UNTESTED);
    compare_free(comparison);
    for (size_t wanted = 0; wanted < 2; wanted++) {
        for (size_t side = 0; side < 2; side++) {
            json_t *second = new_case("mem", 1, "time", "lower", side ? 4 : 1, 0.01), *value;
            size_t index;

            cases[side] = new_case("mem", 1, "rate", "higher", side ? 25 : 100, 0.01);
            json_array_extend(json_object_get(cases[side], "summary"), json_object_get(second, "summary"));
            json_array_foreach (json_object_get(second, "trials"), index, value)
                json_array_extend(
                    json_object_get(json_array_get(json_object_get(cases[side], "trials"), index), "metrics"),
                    json_object_get(value, "metrics"));
            json_decref(second);
        }
        options.metrics = asked;
        options.n_metrics = wanted;
        comparison = compare_two(cases[0], cases[1], &options);
        assert_int_equal(comparison->n_rows, 2);
        assert_int_equal(comparison->rows[0].finding.verdict, COMPARE_SLOWER);
        assert_int_equal(comparison->rows[1].finding.verdict, wanted ? COMPARE_SLOWER : COMPARE_UNTESTED);
        assert_true(fabs(comparison->rows[1].finding.loss - 3) < 0.1);
        compare_free(comparison);
    }
}

static void refuse(json_t *other, const char *words) {
    struct comparison *comparison =
        compare_two(new_case("net", 64, "rate", "higher", 100, 0.01), other, &defaults);

    assert_int_equal(comparison->n_rows, 0);
    assert_int_equal(comparison->n_refusals, 1);
    if (!strstr(comparison->refusals[0].reason, words))
        fail_msg("'%s' does not say '%s'", comparison->refusals[0].reason, words);
    compare_free(comparison);
}

static void refusal__not_the_same_work(void **state) {
    json_t *other = new_case("net", 128, "rate", "higher", 100, 0.01);

    (void)state;
    refuse(other, "size 64 against 128");
    other = new_case("net", 64, "rate", "higher", 100, 0.01);
    json_object_set_new(other, "workload_version", json_integer(2));
    refuse(other, "workload version 1 against 2");
    other = new_case("net", 64, "rate", "higher", 100, 0.01);
    json_object_set_new(other, "path", json_string("loopback"));
    refuse(other, "path \"network\" against \"loopback\"");
    other = new_case("net", 64, "rate", "higher", 100, 0.01);
    json_object_set_new(json_array_get(json_object_get(other, "facts"), 0), "value", json_string("8192"));
    refuse(other, "working_set_bytes \"4096\" against \"8192\"");
    refuse(new_case("net", 64, "rate", "lower", 100, 0.01), "direction");
    other = new_case("net", 64, "rate", "higher", 100, 0.01);
    json_object_set_new(other, "trials", json_array());
    json_object_set_new(other, "status", json_string("crashed"));
    json_object_set_new(other, "reason", json_string("signal 11"));
    refuse(other, "no figures in guest: crashed: signal 11");
}

static void refusal__only_on_one_side(void **state) {
    struct comparison *comparison = compare_two(new_case("net", 64, "rate", "higher", 100, 0.01),
                                                new_case("mem", 64, "rate", "higher", 100, 0.01), &defaults);

    (void)state;
    assert_int_equal(comparison->n_rows, 0);
    assert_int_equal(comparison->n_refusals, 2);
    assert_string_equal(comparison->refusals[0].reason, "only in native");
    assert_string_equal(comparison->refusals[1].reason, "only in guest");
    compare_free(comparison);
}

static void refusal__goes_on_with_the_rest(void **state) {
    struct comparison *comparison = start(&defaults);

    (void)state;
    add(comparison, 0, "6.1",
        json_pack("[o, o]", new_case("net", 64, "rate", "higher", 100, 0.01),
                  new_case("mem", 1, "rate", "higher", 9, 0.01)));
    add(comparison, 1, "6.1",
        json_pack("[o, o]", new_case("mem", 1, "rate", "higher", 9, 0.01),
                  new_case("net", 65, "rate", "higher", 100, 0.01)));
    finish(comparison);
    assert_int_equal(comparison->n_rows, 1);
    assert_string_equal(comparison->rows[0].label, "mem");
    assert_int_equal(comparison->n_refusals, 1);
    compare_free(comparison);
}

static void different__compared_when_asked(void **state) {
    struct compare_options options = defaults;
    struct comparison *comparison;

    (void)state;
    options.allow_different = true;
    comparison = compare_two(new_case("net", 64, "rate", "higher", 100, 0.01),
                             new_case("net", 128, "rate", "higher", 50, 0.01), &options);
    assert_int_equal(comparison->n_rows, 1);
    assert_string_equal(comparison->rows[0].different, "size 64 against 128");
    assert_int_equal(comparison->n_refusals, 0);
    compare_free(comparison);
}

static void environment__differences(void **state) {
    struct comparison *comparison = start(&defaults);

    (void)state;
    add(comparison, 0, "6.1", json_pack("[o]", new_case("mem", 1, "rate", "higher", 9, 0.01)));
    add(comparison, 0, "6.1.2", json_pack("[o]", new_case("mem", 1, "rate", "higher", 9, 0.01)));
    add(comparison, 1, "5.10", json_pack("[o]", new_case("mem", 1, "rate", "higher", 9, 0.01)));
    finish(comparison);
    assert_int_equal(comparison->n_differences, 2); /* the load is not told */
    assert_string_equal(comparison->differences[0].what, "kernel.release");
    assert_int_equal(comparison->differences[0].sides[1], 0); /* among the baseline's runs */
    assert_string_equal(comparison->differences[1].values[1], "5.10");
    assert_int_equal(comparison->rows[0].figures[0].n_runs, 2);
    assert_int_equal(comparison->rows[0].figures[0].n_trials, 2 * N);
    compare_free(comparison);
}

static void sweep__labels_and_pairs(void **state) {
    struct comparison *comparison = start(&defaults);

    (void)state;
    for (size_t side = 0; side < 2; side++)
        add(comparison, side, "6.1",
            json_pack("[o, o]", new_case("net", 64, "rate", "higher", 100, 0.01),
                      new_case("net", 128, "rate", "higher", side == 0 ? 200 : 100, 0.01)));
    finish(comparison);
    assert_int_equal(comparison->n_rows, 2);
    assert_string_equal(comparison->rows[0].label, "net size=128"); /* what matters is on top */
    assert_string_equal(comparison->rows[1].label, "net size=64");
    compare_free(comparison);
}

static void finish__wants_two_sides(void **state) {
    struct comparison *comparison = start(&defaults);
    struct vms_error error = {""};

    (void)state;
    add(comparison, 0, "6.1", json_array());
    assert_int_equal(compare_finish(comparison, &error), -EINVAL);
    compare_free(comparison);
    compare_free(NULL);
}

/* A network row that lost 30%, a memory row whose runs differ by too much to tell. */
static struct comparison *compare_for_gate(void) {
    struct comparison *comparison = start(&defaults);

    for (size_t side = 0; side < 2; side++)
        for (size_t run = 0; run < 3; run++) {
            double off = (double)run - 1;

            add(comparison, side, "6.1",
                json_pack("[o, o]", new_case("net", 64, "rate", "higher", side ? 70 + off : 100 + off, 0.01),
                          new_case("mem", 1, "rate", "higher", (side ? 92 : 100) + 4 * off, 0.001)));
        }
    finish(comparison);
    return comparison;
}

static void assert_gate(const char *policy, enum gate_outcome outcome, size_t n_failed, size_t n_open) {
    struct comparison *comparison = compare_for_gate();
    struct compare_gate gate = {.fail_above = NAN};
    struct vms_error error = {""};
    double margin = 0.03;
    json_t *json = json_loads(policy, 0, NULL);

    if (gate_read(json, &gate, &margin, &error) < 0)
        fail_msg("%s", error.text);
    assert_int_equal(gate_apply(comparison, &gate, &error), 0);
    if (comparison->gate->outcome != outcome || comparison->gate->n_failed != n_failed ||
        comparison->gate->n_open != n_open)
        fail_msg("%s: %s, %zu failed, %zu open", policy, gate_outcome_name(comparison->gate->outcome),
                 comparison->gate->n_failed, comparison->gate->n_open);
    json_decref(json);
    compare_free(comparison);
}

#define POLICY "\"schema\": \"vmsuite.policy/1\""

static void gate__policies(void **state) {
    (void)state;
    assert_gate("{" POLICY ", \"fail_above\": \"5%\"}", GATE_FAILED, 1, 1);
    assert_gate("{" POLICY ", \"fail_above\": 0.4}", GATE_PASSED, 0, 0);
    assert_gate("{" POLICY ", \"fail_above\": 0.4, \"strict\": true}", GATE_FAILED, 0, 0);
    assert_gate("{" POLICY "}", GATE_PASSED, 0, 0);
    assert_gate("{" POLICY
                ", \"fail_above\": 0.05, \"rules\": [{\"resource\": \"net*\", \"fail_above\": \"40%\"}]}",
                GATE_INCONCLUSIVE, 0, 1);
    assert_gate("{" POLICY ", \"rules\": [{\"metric\": \"rate\", \"group\": \"net\", \"fail_above\": 0.1}]}",
                GATE_FAILED, 1, 0);
    assert_gate("{" POLICY
                ", \"fail_above\": 0.05, \"rules\": [{\"module\": \"fake\", \"fail_above\": null}]}",
                GATE_PASSED, 0, 0);
}

static enum gate_outcome outcome_of(struct comparison *comparison, double limit) {
    struct compare_gate gate = {.fail_above = limit};
    enum gate_outcome outcome;

    assert_int_equal(gate_apply(comparison, &gate, NULL), 0);
    outcome = comparison->gate->outcome;
    compare_free(comparison);
    return outcome;
}

/* The row is slower beyond doubt, and its loss is above the limit; whether the truth is, nobody knows. */
static void gate__the_limit_counts_and_not_the_loss(void **state) {
    struct comparison *comparison = compare_runs("rate", "higher", (double[]){100, 93}, 0.01, 0.001, 5);

    (void)state;
    assert_int_equal(comparison->rows[0].finding.verdict, COMPARE_SLOWER);
    assert_true(comparison->rows[0].finding.loss > 0.065);
    assert_int_equal(outcome_of(comparison, 0.065), GATE_INCONCLUSIVE);
    assert_int_equal(outcome_of(compare_runs("rate", "higher", (double[]){100, 93}, 0.01, 0.001, 5), 0.02),
                     GATE_FAILED);
    assert_int_equal(outcome_of(compare_runs("rate", "higher", (double[]){100, 93}, 0.01, 0.001, 5), 0.1),
                     GATE_PASSED);
}

static void gate__one_run(void **state) {
    (void)state;
    assert_int_equal(outcome_of(compare_runs("rate", "higher", (double[]){100, 88}, 0, 0.01, 1), 0.05),
                     GATE_INCONCLUSIVE);
    assert_int_equal(outcome_of(compare_runs("rate", "higher", (double[]){100, 40}, 0, 0.01, 1), 0.05),
                     GATE_FAILED);
    assert_int_equal(outcome_of(compare_runs("rate", "higher", (double[]){100, 99}, 0, 0.01, 1), 0.05),
                     GATE_PASSED);
}

static void gate__zeros(void **state) {
    (void)state;
    assert_int_equal(outcome_of(compare_runs("loss", "lower", (double[]){0, 0.1}, 0.05, 0.1, 3), 0.05),
                     GATE_FAILED);
    assert_int_equal(outcome_of(compare_runs("rate", "higher", (double[]){100, 0}, 0.01, 0.01, 3), 0.05),
                     GATE_FAILED);
    assert_int_equal(outcome_of(compare_runs("rate", "higher", (double[]){100, 0}, 0, 0.01, 1), 0.05),
                     GATE_FAILED);
    assert_int_equal(outcome_of(compare_runs("rate", "higher", (double[]){0, 100}, 0.01, 0.01, 3), 0.05),
                     GATE_PASSED);
    assert_int_equal(outcome_of(compare_runs("loss", "lower", (double[]){0, 0}, 0, 0, 3), 0), GATE_PASSED);
}

static void gate__bad_policies(void **state) {
    static const char *const policies[][2] = {
        {"{}", "not a policy"},
        {"{" POLICY ", \"fail_abov\": 1}", "did you mean \"fail_above\""},
        {"{" POLICY ", \"fail_above\": \"5 percent\"}", "5 percent"},
        {"{" POLICY ", \"fail_above\": true}", "fail_above"},
        {"{" POLICY ", \"fail_above\": 5}", "between 0 and 1"},
        {"{" POLICY ", \"equivalent_within\": 0}", "more than 0"},
        {"{" POLICY ", \"strict\": 1}", "true or false"},
        {"{" POLICY ", \"rules\": {}}", "array"},
        {"{" POLICY ", \"rules\": [{}]}", "missing"},
        {"{" POLICY ", \"rules\": [{\"group\": 1, \"fail_above\": 1}]}", "text"},
        {"{" POLICY ", \"rules\": [3]}", "object"},
    };

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(policies); i++) {
        json_t *json = json_loads(policies[i][0], 0, NULL);
        struct compare_gate gate = {.fail_above = NAN};
        struct vms_error error = {""};
        double margin = 7;

        assert_int_equal(gate_read(json, &gate, &margin, &error), -EINVAL);
        if (!strstr(error.text, policies[i][1]))
            fail_msg("'%s' does not say '%s'", error.text, policies[i][1]);
        assert_true(margin == 7);
        gate_done(&gate);
        json_decref(json);
    }
}

static void gate__shares(void **state) {
    static const char *const bad[] = {"",    "%",   "-5%", " 5%", "5%%", "101%",
                                      "1.1", "nan", "inf", "0x1", "5%x", "1e-2"};
    double share = 7;

    (void)state;
    assert_int_equal(gate_parse_share("5%", &share, NULL), 0);
    assert_true(share == 0.05);
    assert_int_equal(gate_parse_share("0.05", &share, NULL), 0);
    assert_true(share == 0.05);
    for (size_t i = 0; i < VMS_LENGTH(bad); i++)
        assert_int_equal(gate_parse_share(bad[i], &share, NULL), -EINVAL);
    assert_true(share == 0.05);
}

static char *write_as(const struct comparison *comparison, const char *format, bool colour) {
    struct vms_error error = {""};
    char *text = NULL;
    size_t size;
    FILE *file = open_memstream(&text, &size);

    assert_non_null(file);
    assert_int_equal(
        compare_write(file, comparison, format, &(struct compare_view){.colour = colour}, &error), 0);
    (void)fclose(file);
    return text;
}

static void formats__hold_the_rows(void **state) {
    struct comparison *comparison = compare_for_gate();
    struct compare_gate gate = {.fail_above = 0.05};

    (void)state;
    assert_int_equal(gate_apply(comparison, &gate, NULL), 0);
    for (size_t i = 0; compare_format_name(i); i++) {
        cleanup_free char *text = write_as(comparison, compare_format_name(i), false);

        assert_non_null(strstr(text, "slower"));
        assert_non_null(strstr(text, "undecided"));
        assert_null(strchr(text, '\033'));
    }
    assert_int_equal(compare_write(stdout, comparison, "pdf", &(struct compare_view){0}, NULL), -ENOENT);
    compare_free(comparison);
}

static void formats__table(void **state) {
    struct comparison *comparison = compare_for_gate();
    struct compare_gate gate = {.fail_above = 0.05};
    cleanup_free char *plain = NULL, *coloured = NULL;

    (void)state;
    assert_int_equal(gate_apply(comparison, &gate, NULL), 0);
    plain = write_as(comparison, "table", false);
    coloured = write_as(comparison, "table", true);
    assert_non_null(strstr(plain, "30% slower ±"));
    assert_non_null(strstr(plain, "Gate failed: 1 above the limit, 1 perhaps above it"));
    assert_non_null(strstr(plain, "1 of 2 answers is sure"));
    assert_non_null(strstr(coloured, "\033[1;31m30% slower"));
    for (char *line = strtok(plain, "\n"); line; line = strtok(NULL, "\n"))
        if (layout_width(line) > LAYOUT_COLUMNS)
            fail_msg("%zu columns: %s", layout_width(line), line);
    compare_free(comparison);
}

static void formats__json_and_junit(void **state) {
    struct comparison *comparison = compare_for_gate();
    cleanup_free char *junit = NULL;
    json_t *json;

    (void)state;
    json = compare_json(comparison);
    assert_non_null(json);
    assert_int_equal(json_array_size(json_object_get(json, "rows")), 2);
    assert_true(json_is_null(json_object_get(json, "gate")));
    json_decref(json);
    junit = write_as(comparison, "junit", false);
    assert_non_null(strstr(junit, "tests=\"2\" failures=\"0\" errors=\"0\" skipped=\"1\""));
    compare_free(comparison);
}

/* What stands in a record must not become markup. */
static void formats__escape(void **state) {
    json_t *hostile = new_case("mem|<b>&\"x", 1, "rate", "higher", 9, 0.01);
    struct comparison *comparison = compare_two(json_deep_copy(hostile), hostile, &defaults);
    cleanup_free char *markdown = NULL, *junit = NULL, *csv = NULL;

    (void)state;
    markdown = write_as(comparison, "markdown", false);
    junit = write_as(comparison, "junit", false);
    csv = write_as(comparison, "csv", false);
    assert_non_null(strstr(markdown, "mem\\|&lt;b\\>&amp;"));
    assert_non_null(strstr(junit, "mem|&lt;b&gt;&amp;&quot;x"));
    assert_non_null(strstr(csv, "\"mem|<b>&\"\"x\""));
    compare_free(comparison);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verdict__slower_and_faster),
        cmocka_unit_test(verdict__equivalent_and_undecided),
        cmocka_unit_test(verdict__runs_are_believed),
        cmocka_unit_test(verdict__one_run),
        cmocka_unit_test(verdict__zeros),
        cmocka_unit_test(verdict__one_zero_trial),
        cmocka_unit_test(verdict__intervals_end_at_nothing),
        cmocka_unit_test(verdict__constants),
        cmocka_unit_test(verdict__many_rows),
        cmocka_unit_test(verdict__untested),
        cmocka_unit_test(refusal__not_the_same_work),
        cmocka_unit_test(refusal__only_on_one_side),
        cmocka_unit_test(refusal__goes_on_with_the_rest),
        cmocka_unit_test(different__compared_when_asked),
        cmocka_unit_test(environment__differences),
        cmocka_unit_test(sweep__labels_and_pairs),
        cmocka_unit_test(finish__wants_two_sides),
        cmocka_unit_test(gate__policies),
        cmocka_unit_test(gate__the_limit_counts_and_not_the_loss),
        cmocka_unit_test(gate__one_run),
        cmocka_unit_test(gate__zeros),
        cmocka_unit_test(gate__bad_policies),
        cmocka_unit_test(gate__shares),
        cmocka_unit_test(formats__hold_the_rows),
        cmocka_unit_test(formats__table),
        cmocka_unit_test(formats__json_and_junit),
        cmocka_unit_test(formats__escape),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
