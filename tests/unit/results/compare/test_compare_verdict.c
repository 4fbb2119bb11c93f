/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which verdict a row gets. */
#include "compared.h"

#include "unit/descriptors.h"

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

static void set_values(json_t *outcome, const double *values) {
    json_t *trial;
    size_t index;

    json_array_foreach (json_object_get(outcome, "trials"), index, trial)
        json_object_set_new(json_array_get(json_object_get(trial, "metrics"), 0), "value",
                            json_real(values[index]));
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
/* A rate that is mostly 0 and then always says little: one run of it nothing, several runs not much. */
static void verdict__rare_events(void **state) {
    static const double rare[N] = {0, 0, 1}, never[N] = {0};

    (void)state;
    for (size_t n_runs = 1; n_runs <= 3; n_runs++) {
        struct comparison *comparison = start(&defaults);

        for (size_t side = 0; side < 2; side++)
            for (size_t run = 0; run < n_runs; run++) {
                json_t *outcome = new_case("net", 64, "rate", "higher", 1, 0);

                set_values(outcome, run == 0 && side == 0 ? rare : never);
                add(comparison, side, "6.1", json_pack("[o]", outcome));
            }
        finish(comparison);
        assert_verdict(comparison, n_runs == 1 ? COMPARE_UNCONFIRMED : COMPARE_UNDECIDED);
    }
}

/* A resource of several cases, none of which has a ratio: nothing is known of it, and nothing is claimed. */
static void verdict__resource_of_zeros(void **state) {
    struct comparison *comparison = start(&defaults);

    (void)state;
    for (size_t side = 0; side < 2; side++)
        for (int run = 0; run < 3; run++)
            add(comparison, side, "6.1",
                json_pack("[o, o]", new_case("net", 64, "delay", "lower", -1 - 0.01 * run, 0.5),
                          new_case("net", 128, "delay", "lower", -1 - 0.02 * run, 0.5)));
    finish(comparison);
    assert_int_equal(comparison->n_answers, 1);
    assert_int_equal(comparison->answers[0].n_left_out, 2);
    assert_int_equal(comparison->answers[0].finding.verdict, COMPARE_UNDECIDED);
    assert_true(isnan(comparison->answers[0].finding.loss) && isnan(comparison->answers[0].finding.p));
    assert_non_null(strstr(comparison->answers[0].sentence, "no case has a figure in every run"));
    compare_free(comparison);
}

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

/* A metric without a direction is a fact; one that is no headline is shown, and tested where it is asked
 * for. */
#define SET "11111111-2222-4333-8444-555555555555"

/* Adds a run of round `round` of the set; 0: of none. */
static void add_round(struct comparison *comparison, size_t side, size_t round, double level) {
    json_t *record = new_record("6.1", json_pack("[o]", new_case("net", 64, "rate", "higher", level, 0.001)));
    struct vms_error error = {""};

    if (round > 0)
        json_object_set_new(record, "run_set",
                            json_pack("{s:s, s:i, s:i}", "id", SET, "run", (int)round, "runs", 9));
    assert_int_equal(
        compare_add_record(comparison, side, side == 0 ? "native" : "guest", "x.json", record, &error), 0);
    json_decref(record);
}

/* Rounds that differ by 20%, sides by 5%; the other side's records come in another order. */
static struct comparison *compare_rounds(const size_t *rounds, const size_t *others, size_t n) {
    static const double levels[] = {0, 100, 120, 80, 95, 110},
                        off[] = {0, 0.95, 0.951, 0.949, 0.9505, 0.9495};
    struct comparison *comparison = start(&defaults);

    for (size_t i = 0; i < n; i++)
        add_round(comparison, 0, rounds[i], levels[rounds[i]]);
    for (size_t i = 0; i < n; i++)
        add_round(comparison, 1, others[i], levels[others[i]] * off[others[i]]);
    finish(comparison);
    return comparison;
}

static bool is_warned(const struct comparison *comparison, const char *words) {
    for (size_t i = 0; i < comparison->n_warnings; i++)
        if (strstr(comparison->warnings[i], words))
            return true;
    return false;
}

static void verdict__rounds_are_pairs(void **state) {
    static const size_t rounds[] = {1, 2, 3, 4}, turned[] = {3, 1, 4, 2}, later[] = {2, 3, 4, 5},
                        twice[] = {1, 2, 2, 3};
    struct comparison *comparison = compare_rounds(rounds, turned, 4);

    (void)state;
    assert_true(comparison->rows[0].finding.effect.paired && comparison->sides[1].paired);
    assert_int_equal(comparison->n_warnings, 0);
    assert_true(fabs(comparison->rows[0].finding.loss -
                     (1 - comparison->rows[0].figures[1].value / comparison->rows[0].figures[0].value)) <
                1e-12);
    assert_verdict(comparison, COMPARE_SLOWER);

    /* What is not the same rounds on both sides is no pair, and it is said. */
    comparison = compare_rounds(rounds, later, 4);
    assert_false(comparison->rows[0].finding.effect.paired);
    assert_true(is_warned(comparison, "have only 3 rounds in common"));
    assert_verdict(comparison, COMPARE_UNDECIDED);
    comparison = compare_rounds(twice, twice, 4);
    assert_true(is_warned(comparison, "have only 2 rounds in common"));
    assert_verdict(comparison, COMPARE_UNDECIDED);
    /* Three rounds say too little of how far differences vary: those are runs as any others. */
    comparison = compare_rounds(rounds, rounds, 3);
    assert_false(comparison->rows[0].finding.effect.paired);
    assert_int_equal(comparison->n_warnings, 0);
    assert_verdict(comparison, COMPARE_UNDECIDED);
}

/* Figures without a ratio are paired, too. */
static void verdict__rounds_of_differences(void **state) {
    static const double levels[] = {-100, -300, -200, -500};
    struct comparison *comparison = start(&defaults);

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        add_round(comparison, 0, i + 1, levels[i]);
        add_round(comparison, 1, i + 1, levels[i] - 20 - (double)i);
    }
    finish(comparison);
    assert_int_equal(comparison->rows[0].finding.scale, COMPARE_DIFFERENCE);
    assert_true(comparison->rows[0].finding.effect.paired);
    assert_verdict(comparison, COMPARE_SLOWER);
}

static void verdict__untested(void **state) {
    struct compare_options options = defaults;
    struct comparison *comparison;
    char name[] = "time", *asked[] = {name};
    json_t *cases[2];

    (void)state;
    comparison = compare_two(new_case("mem", 1, "residual", "neither", 1, 0.1),
                             new_case("mem", 1, "residual", "neither", 2, 0.1), &defaults);
    assert_int_equal(comparison->n_answers, 0);
    assert_int_equal(comparison->n_rows, 0);
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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verdict__slower_and_faster),
        cmocka_unit_test(verdict__equivalent_and_undecided),
        cmocka_unit_test(verdict__runs_are_believed),
        cmocka_unit_test(verdict__one_run),
        cmocka_unit_test(verdict__zeros),
        cmocka_unit_test(verdict__rare_events),
        cmocka_unit_test(verdict__resource_of_zeros),
        cmocka_unit_test(verdict__one_zero_trial),
        cmocka_unit_test(verdict__intervals_end_at_nothing),
        cmocka_unit_test(verdict__constants),
        cmocka_unit_test(verdict__many_rows),
        cmocka_unit_test(verdict__rounds_are_pairs),
        cmocka_unit_test(verdict__rounds_of_differences),
        cmocka_unit_test(verdict__untested),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
