/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "study/baseline.h"

#include "base/cleanup.h"
#include "fakes/fixture.h"
#include "record/file/store.h"

#include "unit/descriptors.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static json_t *new_suite(const char *name) {
    return json_pack("{s:s, s:[{s:s, s:s}]}", "suite", name, "benchmarks", "group", "calls", "module", "cpu");
}

static json_t *new_case(const char *module, const char *resource, const char *path, const char *metric,
                        double median) {
    json_t *outcome = fixture_read("baseline_case.json");
    json_t *summary = json_array_get(json_object_get(outcome, "summary"), 0);
    int failed = json_object_set_new(outcome, "module", json_string(module));

    failed |= json_object_set_new(outcome, "resource", json_string(resource));
    failed |= path ? json_object_set_new(outcome, "path", json_string(path)) : 0;
    failed |= json_object_set_new(summary, "metric", json_string(metric));
    failed |= json_object_set_new(summary, "median", json_real(median));
    assert_int_equal(failed, 0);
    return outcome;
}

/* A record of a guest: a gated figure, one that is not, one without a rule, and two that wait for the
 * host. */
static json_t *new_record(double system_call, const char *command_line) {
    json_t *cases[] = {new_case("cpu", "cpu", NULL, "system_call", system_call),
                       new_case("cpu", "cpu", NULL, "fork_exec", 2 * system_call),
                       new_case("own", "cpu", NULL, "x", 1.0),
                       new_case("tcp", "network", "network", "transactions", system_call),
                       new_case("block", "disk", NULL, "write", system_call)};
    json_t *record = fixture_read("baseline_record.json");
    json_t *before = json_object_get(json_object_get(record, "environment"), "before");
    json_t *fact = json_array_get(json_object_get(before, "facts"), 0);
    int failed = json_object_set_new(fact, "value", json_string(command_line));

    for (size_t i = 0; i < VMS_LENGTH(cases); i++)
        failed |= json_array_append_new(json_object_get(record, "cases"), cases[i]);
    assert_int_equal(failed, 0);
    return record;
}

static void read_policy(struct compare_gate *ret_policy) {
    json_auto_t *json = fixture_read("baseline_policy.json");
    struct vms_error error = {""};
    double margin;

    *ret_policy = (struct compare_gate){.fail_above = NAN};
    assert_int_equal(gate_read(json, ret_policy, &margin, &error), 0);
}

/* A baseline of boots with these figures. */
static json_t *new_baseline(const double *figures, size_t n_figures, const char *command_line) {
    json_t *suite = new_suite("s"), *baseline = baseline_new(suite);
    json_t *configuration = baseline_add_configuration(baseline, "pv");
    struct compare_gate policy;

    read_policy(&policy);
    for (size_t i = 0; i < n_figures; i++) {
        json_t *record = new_record(figures[i], command_line);

        assert_int_equal(baseline_add_record(configuration, record, &policy), 0);
        json_decref(record);
    }
    gate_done(&policy);
    json_decref(suite);
    return baseline;
}

/* All that is written of a configuration and of a figure, for those who read the file. */
static void baseline__as_written(void **state) {
    json_auto_t *baseline = new_baseline((double[]){100, 102}, 2, "quiet");
    json_auto_t *configuration =
        json_deep_copy(json_array_get(json_object_get(baseline, "configurations"), 0));
    json_t *figures = json_object_get(configuration, "figures"), *figure;
    static const struct {
        const char *metric, *reason;
    } free_ones[] = {{"fork_exec", NULL}, {"x", "no rule gates it"}, {"transactions", NULL}, {"write", NULL}};

    (void)state;
    assert_int_equal(json_array_size(figures), 5);
    figure = json_array_get(figures, 0);
    assert_string_equal(json_string_value(json_object_get(figure, "metric")), "system_call");
    assert_string_equal(json_string_value(json_object_get(figure, "unit")), "s");
    assert_string_equal(json_string_value(json_object_get(figure, "module")), "cpu");
    assert_true(json_number_value(json_object_get(figure, "tolerance")) == 0.01);
    assert_int_equal(json_array_size(json_object_get(figure, "values")), 2);
    assert_true(json_number_value(json_array_get(json_object_get(figure, "values"), 1)) == 102);
    for (size_t i = 0; i < VMS_LENGTH(free_ones); i++) {
        figure = json_array_get(figures, i + 1);
        assert_string_equal(json_string_value(json_object_get(figure, "metric")), free_ones[i].metric);
        assert_true(json_is_null(json_object_get(figure, "tolerance")));
        if (free_ones[i].reason)
            assert_string_equal(json_string_value(json_object_get(figure, "reason")), free_ones[i].reason);
        else
            assert_true(strlen(json_string_value(json_object_get(figure, "reason"))) > 0);
    }
    json_object_del(configuration, "figures");
    json_auto_t *expected =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "configuration", "pv", "label", "pv (emulated hardware)",
                  "virtualization", "xen-pv", "kernel", "6.1", "appliance", "0f3a", "command_line", "quiet");
    if (!json_equal(configuration, expected))
        fail_msg("%s", json_dumps(configuration, 0));
}

/* Holds figures of boots against one of 100, and gives what is told. */
static bool hold(const double *figures, size_t n_figures, const char *command_line,
                 struct baseline_verdict *ret_verdict, char **ret_text) {
    json_t *baseline = new_baseline((double[]){100}, 1, "quiet");
    json_t *now = new_baseline(figures, n_figures, command_line);
    size_t size;
    FILE *file = open_memstream(ret_text, &size);
    bool passed = baseline_hold(file, baseline, now, ret_verdict);

    fclose(file);
    json_decref(baseline);
    json_decref(now);
    return passed;
}

static void hold__within_tolerance(void **state) {
    struct baseline_verdict verdict;
    cleanup_free char *text = NULL;

    (void)state;
    assert_true(hold((double[]){100.9}, 1, "quiet", &verdict, &text));
    assert_int_equal(verdict.n_held, 1);
    assert_int_equal(verdict.n_free, 4);
    assert_string_equal(text,
                        "deterministic gate passed: 1 figure held, 0 changed, 0 missing, 4 not gated\n");
}

/* Better is a change, too: the baseline no longer tells what there is. */
static void hold__names_what_changed(void **state) {
    struct baseline_verdict verdict;
    cleanup_free char *slower = NULL, *faster = NULL;

    (void)state;
    assert_false(hold((double[]){101.1}, 1, "quiet mitigations=off", &verdict, &slower));
    assert_int_equal(verdict.n_changed, 1);
    assert_non_null(
        strstr(slower, "CHANGED  pv: calls system_call: 101.1 s, was 100.0 s: +1.10%, tolerated 1%\n"));
    assert_non_null(
        strstr(slower, "also different in pv: command_line \"quiet mitigations=off\", was \"quiet\"\n"));
    assert_false(hold((double[]){98.9}, 1, "quiet", &verdict, &faster));
    assert_non_null(strstr(faster, "-1.10%"));
}

/* From 0 there is no per cent. */
static void hold__names_what_rose_from_0(void **state) {
    json_t *baseline = new_baseline((double[]){0}, 1, "quiet"),
           *now = new_baseline((double[]){3}, 1, "quiet");
    struct baseline_verdict verdict;
    cleanup_free char *text = NULL;
    size_t size;
    FILE *file = open_memstream(&text, &size);

    (void)state;
    assert_false(baseline_hold(file, baseline, now, &verdict));
    fclose(file);
    assert_non_null(strstr(text, "CHANGED  pv: calls system_call: 3.000 s, was 0 s: tolerated 1%\n"));
    json_decref(baseline);
    json_decref(now);
}

static void hold__the_median_of_boots(void **state) {
    struct baseline_verdict verdict;
    cleanup_free char *text = NULL;

    (void)state;
    assert_true(hold((double[]){150, 100.1, 99.9}, 3, "quiet", &verdict, &text));
}

static void hold__what_is_missing_fails(void **state) {
    struct baseline_verdict verdict;
    cleanup_free char *text = NULL;

    (void)state;
    assert_false(hold(NULL, 0, "quiet", &verdict, &text));
    assert_int_equal(verdict.n_missing, 1);
    assert_non_null(strstr(text, "MISSING  pv: calls system_call: not measured"));
}

static void figures__that_wait_for_the_host_are_never_gated(void **state) {
    json_t *baseline = new_baseline((double[]){100}, 1, "quiet"), *figure;
    const json_t *figures =
        json_object_get(json_array_get(json_object_get(baseline, "configurations"), 0), "figures");
    static const char *const reasons[] = {"a loop", "moves", "no rule gates it",
                                          "it waits for the real host: its peer runs there",
                                          "it waits for the real host: its disk is a file there"};
    size_t index;

    (void)state;
    assert_int_equal(json_array_size(figures), VMS_LENGTH(reasons));
    json_array_foreach (figures, index, figure) {
        assert_string_equal(json_string_value(json_object_get(figure, "reason")), reasons[index]);
        assert_int_equal(json_is_null(json_object_get(figure, "tolerance")), index > 0);
    }
    json_decref(baseline);
}

static void read__refuses_another_suite(void **state) {
    json_t *suite = new_suite("s"), *other = new_suite("t"), *baseline = baseline_new(suite), *read = NULL;
    char path[] = "/tmp/vmsuite-baseline-XXXXXX";
    struct vms_error error = {""};
    int fd = mkstemp(path);

    (void)state;
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(store_write(path, baseline, &error), 0);
    assert_int_equal(baseline_read(path, suite, &read, &error), 0);
    json_decref(read);
    assert_int_equal(baseline_read(path, other, &read, &error), -EINVAL);
    assert_non_null(strstr(error.text, "is of suite \"s\", not of this study's suite \"t\""));
    assert_int_equal(store_write(path, suite, &error), 0);
    assert_int_equal(baseline_read(path, suite, &read, &error), -EINVAL);
    assert_non_null(strstr(error.text, "is not a baseline"));
    unlink(path);
    assert_int_equal(baseline_read(path, suite, &read, &error), -EINVAL);
    assert_non_null(strstr(error.text, "without --baseline one is written"));
    json_decref(suite);
    json_decref(other);
    json_decref(baseline);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(baseline__as_written),
        cmocka_unit_test(hold__within_tolerance),
        cmocka_unit_test(hold__names_what_changed),
        cmocka_unit_test(hold__names_what_rose_from_0),
        cmocka_unit_test(hold__the_median_of_boots),
        cmocka_unit_test(hold__what_is_missing_fails),
        cmocka_unit_test(figures__that_wait_for_the_host_are_never_gated),
        cmocka_unit_test(read__refuses_another_suite),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
