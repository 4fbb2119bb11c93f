/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sets of runs that were compared while they were made. */
#include "compared.h"

#include "unit/descriptors.h"

#define SET "11111111-2222-4333-8444-555555555555"
#define PLANNED 10

static json_t *new_round(int round, int looks, double level) {
    json_t *record = new_record("6.1", json_pack("[o]", new_case("net", 64, "rate", "higher", level, 0.001)));

    json_object_set_new(record, "run_set",
                        json_pack("{s:s, s:i, s:i}", "id", SET, "run", round, "runs", PLANNED));
    if (looks > 0)
        json_object_set_new(json_object_get(record, "run_set"), "looks",
                            json_pack("{s:i, s:f}", "first", looks, "error", 0.05));
    return record;
}

/* `n` rounds whose runs differ by `shift`, and sides by `loss`. */
static struct comparison *compare_set(int n, int looks, double shift, double loss,
                                      const struct compare_options *options) {
    struct comparison *comparison = start(options);
    struct vms_error error = {""};

    for (size_t side = 0; side < 2; side++)
        for (int round = 1; round <= n; round++) {
            /* In no step with each other, so that pairs tell as little as runs. */
            double off = shift * scores[(round + 4 * (int)side) % N];
            json_t *record = new_round(round, looks, (side ? 1 - loss : 1) * exp(off));

            assert_int_equal(
                compare_add_record(comparison, side, side ? "guest" : "native", "x.json", record, &error), 0);
            json_decref(record);
        }
    finish(comparison);
    return comparison;
}

static bool is_warned(const struct comparison *comparison) {
    for (size_t i = 0; i < comparison->n_warnings; i++)
        if (strstr(comparison->warnings[i], "the runs were compared while they were made"))
            return true;
    return false;
}

static double spent(double rounds) {
    return sequential_spent(COMPARE_ERROR, rounds / PLANNED);
}

static void assert_error(struct comparison *comparison, double error) {
    if (!(fabs(comparison->error - error) < 1e-12))
        fail_msg("at an error of %g, not %g", comparison->error, error);
    assert_true(is_warned(comparison) == (error < COMPARE_ERROR));
    compare_free(comparison);
}

/* What ended because its last look was sure has that look's error, and no more. */
static void looks__that_ended_a_set(void **state) {
    struct comparison *comparison = compare_set(5, 3, 0.001, 0.5, &defaults);

    (void)state;
    assert_int_equal(comparison->rows[0].finding.verdict, COMPARE_SLOWER);
    assert_error(comparison, spent(5) - spent(4));
    assert_error(compare_set(3, 3, 0.0001, 0.5, &defaults), spent(3)); /* its first look */
}

/* What ended otherwise has what the looks before left. */
static void looks__that_were_not_sure(void **state) {
    (void)state;
    assert_error(compare_set(5, 3, 0.1, 0.05, &defaults), COMPARE_ERROR - spent(4));
    assert_error(compare_set(PLANNED, 3, 0.1, 0.05, &defaults), COMPARE_ERROR - spent(PLANNED - 1));
    assert_error(compare_set(PLANNED, 3, 0.001, 0.5, &defaults), COMPARE_ERROR - spent(PLANNED - 1));
}

static void looks__that_were_not_taken(void **state) {
    (void)state;
    assert_error(compare_set(5, 0, 0.001, 0.5, &defaults), COMPARE_ERROR);
    assert_error(compare_set(2, 3, 0.001, 0.5, &defaults), COMPARE_ERROR); /* the first was to come */
}

/* A loss that 5% would decide is not decided where the set might have ended by it. */
static void looks__decide_less(void **state) {
    struct compare_options options = defaults;
    struct comparison *comparison;
    double p;

    (void)state;
    options.margin = 0.001;
    comparison = compare_set(PLANNED, 0, 0.01, 0.0125, &options);
    p = comparison->rows[0].finding.p_difference;
    assert_true(p <= COMPARE_ERROR && p > COMPARE_ERROR - spent(PLANNED - 1));
    assert_int_equal(comparison->rows[0].finding.verdict, COMPARE_SLOWER);
    compare_free(comparison);
    comparison = compare_set(PLANNED, 3, 0.01, 0.0125, &options);
    assert_int_equal(comparison->rows[0].finding.verdict, COMPARE_UNDECIDED);
    compare_free(comparison);
}

/* A look has its own error. */
static void looks__are_not_counted_twice(void **state) {
    struct compare_options options = defaults;
    struct comparison *comparison;

    (void)state;
    options.is_look = true;
    options.error = 0.001;
    comparison = compare_set(5, 3, 0.001, 0.5, &options);
    assert_true(comparison->error == 0.001 && !is_warned(comparison));
    compare_free(comparison);
}

static void assert_refused(json_t *record) {
    struct comparison *comparison = start(&defaults);
    struct vms_error error = {""};

    assert_int_equal(compare_add_record(comparison, 0, "native", "x.json", record, &error), -EINVAL);
    assert_non_null(strstr(error.text, "x.json: \"run_set\""));
    compare_free(comparison);
    json_decref(record);
}

static json_t *new_wrong(const char *key, json_t *value) {
    json_t *record = new_round(3, 3, 1), *set = json_object_get(record, "run_set");
    json_t *looks = json_object_get(set, "looks");

    json_object_set_new(json_object_get(looks, key) ? looks : set, key, value);
    return record;
}

static void looks__that_cannot_be(void **state) {
    (void)state;
    assert_refused(new_wrong("first", json_integer(0)));
    assert_refused(new_wrong("first", json_integer(-1)));
    assert_refused(new_wrong("first", json_string("3")));
    assert_refused(new_wrong("error", json_real(0)));
    assert_refused(new_wrong("error", json_real(1)));
    assert_refused(new_wrong("error", json_null()));
    assert_refused(new_wrong("looks", json_true()));
    assert_refused(new_wrong("run", json_integer(PLANNED + 1)));
    assert_refused(new_wrong("runs", json_integer(2)));
    assert_refused(new_wrong("runs", json_null()));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(looks__that_ended_a_set),      cmocka_unit_test(looks__that_were_not_sure),
        cmocka_unit_test(looks__that_were_not_taken),   cmocka_unit_test(looks__decide_less),
        cmocka_unit_test(looks__are_not_counted_twice), cmocka_unit_test(looks__that_cannot_be),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
