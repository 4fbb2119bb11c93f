/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What places that work at the same time cost each other. */
#include "unit/results/compare/compared.h"

#include "compare/effects/neighbours.h"
#include "compare/formats/formats.h"
#include "compare/words/neighbours_words.h"

/* The case as it runs beside that many neighbours; 0: alone. */
static json_t *new_beside(const char *better, unsigned neighbours, double level, double cv) {
    json_t *json = new_case("net", 64, "rate", better, level, cv);

    if (neighbours > 0)
        json_object_set_new(json, "neighbours", json_integer(neighbours));
    return json;
}

static void add_place(struct comparison *comparison, size_t side, const char *better, double alone,
                      double beside, double cv) {
    add(comparison, side, "6.1",
        json_pack("[o, o]", new_beside(better, 0, alone, cv), new_beside(better, 1, beside, cv)));
}

/* Of one run: the ratios, their fairness, the noise of the trials as interval, and a resource beside its only
 * case. */
static void neighbours__of_one_run(void **state) {
    static const struct {
        const char *better;
        double alone, beside[2];
    } rows[] = {{"higher", 100, {50, 25}}, {"lower", 10, {20, 40}}};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct comparison *comparison = start(&defaults);
        const struct compare_beside *row;

        for (size_t side = 0; side < 2; side++)
            add_place(comparison, side, rows[i].better, rows[i].alone, rows[i].beside[side], 0.01);
        finish(comparison);
        assert_int_equal(comparison->n_besides, 2);
        for (size_t k = 0; k < 2; k++) {
            row = &comparison->besides[k];
            assert_int_equal(row->title != NULL, k == 0);
            assert_int_equal(row->neighbours, 1);
            assert_float_equal(row->finding.cost, 2, 1e-6);
            assert_float_equal(row->finding.loss, i == 0 ? 0.5 : 1, 1e-6); /* of the rate; of the time */
            assert_float_equal(row->kept[0], 0.5, 1e-6);
            assert_float_equal(row->kept[1], 0.25, 1e-6);
            assert_float_equal(row->fairness, 0.9, 1e-6);
            assert_true(row->finding.cost_ci95[0] > 1.9 && row->finding.cost_ci95[0] < 1.999);
            assert_true(row->finding.cost_ci95[1] < 2.1 && row->finding.cost_ci95[1] > 2.001);
        }
        compare_free(comparison);
    }
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Lets the trials of the case drift: the same figures, the smallest first. */
static json_t *drifting(json_t *json) {
    double values[N];
    json_t *trials = json_object_get(json, "trials");

#define METRIC(i) json_array_get(json_object_get(json_array_get(trials, i), "metrics"), 0)
    for (size_t i = 0; i < N; i++)
        values[i] = json_number_value(json_object_get(METRIC(i), "value"));
    qsort(values, N, sizeof(*values), by_value);
    for (size_t i = 0; i < N; i++)
        json_object_set_new(METRIC(i), "value", json_real(values[i]));
#undef METRIC
    return json;
}

/* Of one run whose trials depend on those before: they tell less than independent ones. */
static void neighbours__of_one_run_that_drifts(void **state) {
    double widths[2];

    (void)state;
    for (size_t drifts = 0; drifts < 2; drifts++) {
        struct comparison *comparison = start(&defaults);
        json_t *alone = new_beside("higher", 0, 100, 0.02), *beside = new_beside("higher", 1, 50, 0.02);
        const struct compare_finding *finding;

        add(comparison, 0, "6.1",
            json_pack("[o, o]", drifts ? drifting(alone) : alone, drifts ? drifting(beside) : beside));
        add_place(comparison, 1, "higher", 100, 50, 0.02);
        finish(comparison);
        finding = &comparison->besides[0].finding;
        assert_float_equal(finding->cost, 2, 1e-6);
        widths[drifts] = log(finding->cost_ci95[1] / finding->cost_ci95[0]);
        compare_free(comparison);
    }
    assert_true(widths[1] > 2 * widths[0]);
}

/* Of several runs: what a run is off by is in both of its figures, and cancels. */
static void neighbours__of_runs_are_paired(void **state) {
    struct comparison *comparison = start(&defaults);
    const double levels[] = {80, 100, 140};

    (void)state;
    for (size_t side = 0; side < 2; side++)
        for (size_t run = 0; run < 3; run++)
            add_place(comparison, side, "higher", levels[run], levels[run] / (side == 0 ? 3.0 : 1.5), 0.001);
    finish(comparison);
    assert_float_equal(comparison->besides[0].finding.cost, 3, 1e-6);
    assert_float_equal(comparison->besides[0].finding.cost_ci95[0], 3, 1e-3);
    assert_float_equal(comparison->besides[0].kept[1], 1 / 1.5, 1e-6);
    compare_free(comparison);
}

/* Cases with and without neighbours are never the same work; and fairness is that of all places or none. */
static void neighbours__are_part_of_the_work(void **state) {
    struct comparison *comparison =
        compare_two(new_beside("higher", 2, 100, 0.01), new_beside("higher", 0, 100, 0.01), &defaults);

    (void)state;
    assert_int_equal(comparison->n_rows, 0);
    assert_non_null(strstr(comparison->refusals[0].reason, "neighbours 2 against 0"));
    assert_true(isnan(comparison->besides[0].fairness));
    compare_free(comparison);
    comparison =
        compare_two(new_beside("higher", 0, 100, 0.01), new_beside("higher", 0, 100, 0.01), &defaults);
    assert_int_equal(comparison->n_besides, 0);
    compare_free(comparison);
}

/* What else tells cases apart stays in their titles. */
static void neighbours__cases_keep_their_titles(void **state) {
    static const char *const titles[] = {"net warmup=0", "net warmup=3"};
    struct comparison *comparison = start(&defaults);

    (void)state;
    for (size_t side = 0; side < 2; side++) {
        json_t *cases = json_array();

        for (int i = 0; i < 4; i++) {
            json_t *json = new_beside("higher", i % 2, 100, 0.01);

            json_object_set_new(json, "warmup", json_integer(i < 2 ? 0 : 3));
            json_array_append_new(cases, json);
        }
        add(comparison, side, "6.1", cases);
    }
    finish(comparison);
    assert_int_equal(comparison->n_besides, 3);
    for (size_t i = 0; i < VMS_LENGTH(titles); i++)
        assert_string_equal(comparison->besides[i].title, titles[i]);
    compare_free(comparison);
}

/* Who keeps as much as the others is as fair as can be, and that is said as well. */
static void neighbours__that_are_fair_are_said_to_be(void **state) {
    struct comparison *comparison = start(&defaults);
    cleanup_free char *sentence = NULL;

    (void)state;
    for (size_t side = 0; side < 2; side++)
        add_place(comparison, side, "higher", 100, 50, 0.001);
    finish(comparison);
    sentence = neighbours_sentence(comparison, &comparison->besides[0]);
    assert_non_null(strstr(sentence, "kept of what each does alone: native 50%, guest 50%; fairness 1.000"));
    compare_free(comparison);
}

/* Whose rate falls to 0 beside others keeps nothing; that is no missing figure. */
static void neighbours__that_starve_the_victim(void **state) {
    struct comparison *comparison = start(&defaults);
    cleanup_free char *sentence = NULL, *whole = NULL;
    json_auto_t *json = NULL;

    (void)state;
    add_place(comparison, 0, "higher", 100, 0, 0.001);
    add_place(comparison, 1, "higher", 100, 100, 0.001);
    finish(comparison);
    sentence = neighbours_sentence(comparison, &comparison->besides[0]);
    whole = neighbours_sentence(comparison, &comparison->besides[1]);
    assert_non_null(strstr(sentence, "net rate: 100% slower"));
    assert_non_null(strstr(sentence, "kept of what each does alone: native 0%, guest 100%; fairness 0.500"));
    assert_non_null(strstr(whole, "100% slower"));
    json = neighbours_json(comparison);
    assert_int_equal(json_array_size(json), 2);
    assert_true(json_number_value(json_object_get(json_array_get(json, 0), "loss")) == 1);
    compare_free(comparison);
}

static void neighbours__are_said(void **state) {
    struct comparison *comparison = start(&defaults);
    cleanup_free char *title = NULL, *sentence = NULL;
    json_auto_t *json = NULL;

    (void)state;
    add_place(comparison, 0, "higher", 100, 25, 0.001);
    add_place(comparison, 1, "higher", 100, 75, 0.001);
    finish(comparison);
    title = neighbours_title(comparison);
    sentence = neighbours_sentence(comparison, &comparison->besides[0]);
    assert_string_equal(title, "Beside 1 neighbour, against alone: what it costs the victim, native");
    assert_non_null(strstr(sentence,
                           "net rate: 4.0x slower [4.0x, 4.0x]; kept of what each does alone: native 25%, "
                           "guest 75%; fairness 0.800"));
    json = compare_json(comparison);
    assert_int_equal(json_array_size(json_object_get(json, "neighbours")), 2);
    compare_free(comparison);
}

/* Of three sides each keeps its own share, in the resource as well: the geometric mean of its cases; and the
 * fairness is that of all three. The document has all of it under its names. */
static void neighbours__of_three_sides(void **state) {
    static const double beside[3][2] = {{50, 80}, {25, 20}, {10, 90}};
    static const char *const labels[] = {"native", "guest", "third"};
    struct comparison *comparison = start(&defaults);
    struct vms_error error = {""};
    json_auto_t *json = NULL;
    const json_t *whole;

    (void)state;
    for (size_t side = 0; side < 3; side++) {
        json_t *cases = json_array();

        for (int i = 0; i < 4; i++) {
            json_t *each = new_beside("higher", i % 2 ? 2 : 0, i % 2 ? beside[side][i / 2] : 100, 0.001);

            json_object_set_new(each, "warmup", json_integer(i / 2));
            json_array_append_new(cases, each);
        }
        json_auto_t *record = new_record("6.1", cases);
        assert_int_equal(compare_add_record(comparison, side, labels[side], "x.json", record, &error), 0);
    }
    finish(comparison);
    assert_int_equal(comparison->n_besides, 3);
    json = neighbours_json(comparison);
    whole = json_array_get(json, 2);
    assert_true(json_is_null(json_object_get(whole, "label")) &&
                json_is_null(json_object_get(whole, "metric")));
    for (size_t i = 0; i < 3; i++) {
        const struct compare_beside *row = &comparison->besides[i];
        const json_t *written = json_array_get(json, i);
        double sum = 0, squares = 0;

        for (size_t side = 0; side < 3; side++) {
            double kept = i < 2 ? beside[side][i] / 100 : sqrt(beside[side][0] * beside[side][1]) / 100;

            assert_float_equal(row->kept[side], kept, 1e-6);
            assert_float_equal(
                json_number_value(json_object_get(json_object_get(written, "kept"), labels[side])), kept,
                1e-6);
            sum += kept;
            squares += kept * kept;
        }
        assert_float_equal(row->fairness, sum * sum / 3 / squares, 1e-6);
        assert_float_equal(json_number_value(json_object_get(written, "fairness")), row->fairness, 1e-9);
        assert_int_equal(json_integer_value(json_object_get(written, "neighbours")), 2);
        assert_string_equal(json_string_value(json_object_get(written, "victim")), "native");
        assert_string_equal(json_string_value(json_object_get(written, "resource")), "network");
        assert_float_equal(json_number_value(json_object_get(written, "cost")), 1 / row->kept[0], 1e-6);
        assert_float_equal(json_number_value(json_object_get(written, "loss")), 1 - row->kept[0], 1e-6);
    }
    compare_free(comparison);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(neighbours__of_one_run),
        cmocka_unit_test(neighbours__of_one_run_that_drifts),
        cmocka_unit_test(neighbours__of_runs_are_paired),
        cmocka_unit_test(neighbours__are_part_of_the_work),
        cmocka_unit_test(neighbours__cases_keep_their_titles),
        cmocka_unit_test(neighbours__that_are_fair_are_said_to_be),
        cmocka_unit_test(neighbours__that_starve_the_victim),
        cmocka_unit_test(neighbours__are_said),
        cmocka_unit_test(neighbours__of_three_sides),
    };

    return cmocka_run_group_tests_name("neighbours", tests, NULL, NULL);
}
