/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is compared, refused and written. */
#include "compared.h"

#include "base/error.h"
#include "base/utf8.h"
#include "compare/comparison/notes.h"
#include "compare/formats/formats.h"
#include "compare/words/matrix.h"

#include "unit/descriptors.h"

/* Why a comparison could not be made: what it writes on the side is said to be the temporary file. */
static void fail__names_what_is_full(void **state) {
    struct vms_error error = {""};

    (void)state;
    assert_int_equal(compare_fail(&error, -ENOSPC, "guest"), -ENOSPC);
    assert_string_equal(error.text,
                        "guest: the temporary file (in $TMPDIR, else /var/tmp): No space left on device");
    assert_int_equal(compare_fail(&error, -ENOMEM, "guest"), -ENOMEM);
    assert_string_equal(error.text, "guest: " ERROR_MEMORY);
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

/* A record with one case whose trials say of themselves by which engine they ran, and what that fact is
 * for. */
static void add_with_engine(struct comparison *comparison, size_t side, const char *engine,
                            const char *role) {
    json_t *outcome = new_case("net", 64, "rate", "higher", 100, 0.01), *record, *trial;
    struct vms_error error = {""};
    size_t index;

    json_array_foreach (json_object_get(outcome, "trials"), index, trial)
        json_object_set_new(trial, "facts", json_pack("[{s:s, s:s}]", "key", "engine_used", "value", engine));
    record = new_record("6.1", json_pack("[o]", outcome));
    json_object_set_new(record, "modules",
                        json_pack("[{s:s, s:{s:s}}]", "module", "fake", "facts", "engine_used", role));
    assert_int_equal(
        compare_add_record(comparison, side, side ? "guest" : "native", "x.json", record, &error), 0);
    json_decref(record);
}

/* What was really used is part of the work where the module says so, and only there. */
static void refusal__not_done_in_the_same_way(void **state) {
    static const struct {
        const char *engine, *role;
        size_t n_refusals;
    } rows[] = {{"sync: io_uring was refused", "work", 1}, {"io_uring", "work", 0}, {"sync", "plain", 0}};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        struct comparison *comparison = start(&defaults);

        add_with_engine(comparison, 0, "io_uring", rows[i].role);
        add_with_engine(comparison, 1, rows[i].engine, rows[i].role);
        finish(comparison);
        assert_int_equal(comparison->n_refusals, rows[i].n_refusals);
        if (rows[i].n_refusals > 0)
            assert_non_null(strstr(comparison->refusals[0].reason,
                                   "engine_used \"io_uring\" against \"sync: io_uring was refused\""));
        compare_free(comparison);
    }
}

static void refusal__only_on_one_side(void **state) {
    struct comparison *comparison = compare_two(new_case("net", 64, "rate", "higher", 100, 0.01),
                                                new_case("mem", 64, "rate", "higher", 100, 0.01), &defaults);
    cleanup_free char *title = matrix_title(comparison);

    (void)state;
    assert_int_equal(comparison->n_rows, 0);
    assert_int_equal(comparison->n_refusals, 2);
    assert_string_equal(comparison->refusals[0].reason, "only in native");
    assert_string_equal(comparison->refusals[1].reason, "only in guest");
    assert_string_equal(title, "What guest costs against native: 1 run of each"); /* no trial is compared */
    compare_free(comparison);
}

/* A case of 10 trials, and one of which all but the first `n` are cut off. */
static void title__how_many_trials(void **state) {
    static const struct {
        size_t n;
        const char *title;
    } rows[] = {{10, "What guest costs against native: 1 run of each, 10 trials a run"},
                {4, "What guest costs against native: 1 run of each, 4 to 10 trials a run"}};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        struct comparison *comparison = start(&defaults);
        cleanup_free char *title = NULL;

        for (size_t side = 0; side < 2; side++) {
            json_t *cut = new_case("mem", 1, "rate", "higher", 100, 0.01),
                   *trials = json_object_get(cut, "trials");

            while (json_array_size(trials) > rows[i].n)
                json_array_remove(trials, json_array_size(trials) - 1);
            add(comparison, side, "6.1",
                json_pack("[o, o]", new_case("net", 64, "rate", "higher", 100, 0.01), cut));
        }
        finish(comparison);
        title = matrix_title(comparison);
        assert_string_equal(title, rows[i].title);
        compare_free(comparison);
    }
}

/* A case is held against the one that differs from it in the least: another path counts as much as other
 * warm-ups. */
static void refusal__of_the_nearest(void **state) {
    json_t *far = new_case("net", 64, "rate", "higher", 100, 0.01),
           *near = new_case("net", 64, "rate", "higher", 9, 0.01);
    struct comparison *comparison = start(&defaults);

    (void)state;
    json_object_set_new(far, "path", json_string("loopback"));
    json_object_set_new(far, "warmup", json_integer(3));
    json_object_set_new(near, "warmup", json_integer(2));
    add(comparison, 0, "6.1", json_pack("[o]", new_case("net", 64, "rate", "higher", 100, 0.01)));
    add(comparison, 1, "6.1", json_pack("[o, o]", far, near));
    finish(comparison);
    assert_int_equal(comparison->n_refusals, 2);
    assert_string_equal(comparison->refusals[0].reason, "not the same work: warm-ups 0 against 2");
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
        if (utf8_columns(line) > LAYOUT_COLUMNS)
            fail_msg("%zu columns: %s", utf8_columns(line), line);
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

/* Each option under its name. */
static void formats__json_says_what_was_asked(void **state) {
    const struct compare_options options = {
        .margin = 0.07, .run_shift = 0.011, .seed = 5, .error = 0.013, .allow_different = true};
    struct comparison *comparison = compare_two(new_case("net", 64, "rate", "higher", 100, 0.01),
                                                new_case("net", 64, "rate", "higher", 80, 0.01), &options);
    json_auto_t *json = compare_json(comparison);

    (void)state;
    assert_string_equal(json_string_value(json_object_get(json, "schema")), COMPARISON_SCHEMA);
    assert_true(json_real_value(json_object_get(json, "equivalent_within")) == 0.07);
    assert_true(json_real_value(json_object_get(json, "run_shift")) == 0.011);
    assert_int_equal(json_integer_value(json_object_get(json, "seed")), 5);
    assert_true(json_real_value(json_object_get(json, "error")) == 0.013);
    assert_true(json_is_true(json_object_get(json, "allow_different")));
    compare_free(comparison);
}

/* The title of two sides has an answer for each resource; of three the worst one. */
static void headline__has_the_answers(void **state) {
    struct comparison *comparison = start(&defaults);
    cleanup_free char *two = NULL, *three = NULL;

    (void)state;
    for (size_t side = 0; side < 2; side++)
        for (size_t run = 0; run < 3; run++) {
            double off = 1 + 0.001 * ((double)run - 1);

            add(comparison, side, "6.1",
                json_pack("[o, o]", new_case("net", 64, "rate", "higher", (side ? 50 : 100) * off, 0.001),
                          new_case("mem", 1, "rate", "higher", 100 * off, 0.001)));
        }
    finish(comparison);
    two = matrix_headline(comparison);
    assert_string_equal(two, "guest against native: network 2.0x slower ±0.3%, memory equal within 3%");
    compare_free(comparison);
    comparison = start(&defaults);
    for (size_t side = 0; side < 3; side++)
        for (size_t run = 0; run < 3; run++) {
            double level = (double[]){100, 50, 25}[side] * (1 + 0.001 * ((double)run - 1));
            json_auto_t *record =
                new_record("6.1", json_pack("[o]", new_case("net", 64, "rate", "higher", level, 0.001)));

            assert_int_equal(compare_add_record(comparison, side, (const char *[]){"a", "b", "c"}[side],
                                                "x.json", record, NULL),
                             0);
        }
    finish(comparison);
    three = matrix_headline(comparison);
    assert_string_equal(three, "Against a, c costs most: network 4.0x slower ±0.3%");
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

/* A case with a second metric, which loses `share` of its level, beside a rate that loses 30%. */
static json_t *with_aside(size_t side, double share) {
    json_t *outcome = new_case("net", 64, "rate", "higher", side ? 70 : 100, 0.01), *trial;
    size_t i;

    json_array_foreach (json_object_get(outcome, "trials"), i, trial)
        json_array_append_new(json_object_get(trial, "metrics"),
                              json_pack("{s:s, s:f}", "metric", "aside", "value",
                                        100 * (side ? 1 - share : 1) * (1 + 0.01 * scores[i])));
    json_array_append_new(json_object_get(outcome, "summary"),
                          json_pack("{s:s, s:s, s:s, s:s}", "metric", "aside", "unit", "1/s", "better",
                                    "higher", "side", "local"));
    return outcome;
}

/* An answer is about the headline's row, however much the metric that was asked for lost. */
static void compare__an_answer_is_of_the_headline(void **state) {
    static const double shares[] = {0.9, 0.01, -0.9};
    char *names[] = {(char *)"aside"};
    struct compare_options asked = defaults;

    (void)state;
    asked.metrics = names;
    asked.n_metrics = 1;
    for (size_t i = 0; i < VMS_LENGTH(shares); i++) {
        struct comparison *comparison =
            compare_two(with_aside(0, shares[i]), with_aside(1, shares[i]), &asked);

        assert_int_equal(comparison->n_rows, 2);
        assert_int_equal(comparison->n_answers, 1);
        assert_non_null(comparison->answers[0].row);
        assert_string_equal(comparison->answers[0].row->metric->name, "rate");
        assert_non_null(strstr(comparison->answers[0].sentence, "30% slower"));
        compare_free(comparison);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fail__names_what_is_full),
        cmocka_unit_test(refusal__not_the_same_work),
        cmocka_unit_test(refusal__not_done_in_the_same_way),
        cmocka_unit_test(refusal__only_on_one_side),
        cmocka_unit_test(title__how_many_trials),
        cmocka_unit_test(refusal__of_the_nearest),
        cmocka_unit_test(refusal__goes_on_with_the_rest),
        cmocka_unit_test(different__compared_when_asked),
        cmocka_unit_test(environment__differences),
        cmocka_unit_test(sweep__labels_and_pairs),
        cmocka_unit_test(finish__wants_two_sides),
        cmocka_unit_test(formats__hold_the_rows),
        cmocka_unit_test(formats__table),
        cmocka_unit_test(formats__json_and_junit),
        cmocka_unit_test(formats__json_says_what_was_asked),
        cmocka_unit_test(headline__has_the_answers),
        cmocka_unit_test(formats__escape),
        cmocka_unit_test(compare__an_answer_is_of_the_headline),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
