/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "compare/compare.h"
#include "compare/gate.h"

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

static const struct compare_options defaults = {
    .margin = COMPARE_MARGIN, .run_shift = COMPARE_RUN_SHIFT, .seed = 1};

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

static void verdict__slower_and_faster(void **state) {
    struct comparison *comparison = compare_two(new_case("net", 64, "rate", "higher", 100, 0.01),
                                                new_case("net", 64, "rate", "higher", 70, 0.01), &defaults);
    const struct compare_row *row = &comparison->rows[0];

    (void)state;
    assert_int_equal(comparison->n_rows, 1);
    assert_int_equal(row->verdict, COMPARE_SLOWER);
    assert_true(fabs(row->loss - 0.3) < 1e-9);
    assert_true(row->loss_ci95[0] > 0.25 && row->loss_ci95[0] < 0.3 && row->loss_ci95[1] > 0.3);
    assert_true(row->cliff_delta == -1);
    assert_string_equal(comparison->answers[0], "network: 30.0% slower, decided");
    compare_free(comparison);

    /* Of a time less is better: 30% less is faster. */
    comparison = compare_two(new_case("net", 64, "time", "lower", 100, 0.01),
                             new_case("net", 64, "time", "lower", 70, 0.01), &defaults);
    assert_int_equal(comparison->rows[0].verdict, COMPARE_FASTER);
    assert_true(fabs(comparison->rows[0].loss + 0.3) < 1e-9);
    compare_free(comparison);
}

static void verdict__equivalent_and_undecided(void **state) {
    struct compare_options firm = defaults;
    struct comparison *comparison;

    (void)state;
    firm.run_shift = 0.002;
    comparison = compare_two(new_case("mem", 1, "rate", "higher", 100, 0.005),
                             new_case("mem", 1, "rate", "higher", 100.5, 0.005), &firm);
    assert_int_equal(comparison->rows[0].verdict, COMPARE_EQUIVALENT);
    assert_string_equal(comparison->answers[0], "memory: equivalent within 3%");
    compare_free(comparison);

    comparison = compare_two(new_case("mem", 1, "rate", "higher", 100, 0.1),
                             new_case("mem", 1, "rate", "higher", 97, 0.1), &defaults);
    assert_int_equal(comparison->rows[0].verdict, COMPARE_UNDECIDED);
    assert_true(comparison->rows[0].has_effort);
    assert_true(comparison->rows[0].effort.trials > N || comparison->rows[0].effort.runs > 1);
    compare_free(comparison);
}

static void verdict__zeros(void **state) {
    struct comparison *comparison = compare_two(new_case("net", 1, "loss", "lower", 0, 0),
                                                new_case("net", 1, "loss", "lower", 0, 0), &defaults);

    (void)state;
    assert_int_equal(comparison->rows[0].verdict, COMPARE_EQUIVALENT); /* none on either side */
    assert_true(isnan(comparison->rows[0].loss));
    compare_free(comparison);
    comparison = compare_two(new_case("net", 1, "loss", "lower", 0, 0),
                             new_case("net", 1, "loss", "lower", 0.1, 0.1), &defaults);
    assert_int_equal(comparison->rows[0].verdict, COMPARE_UNDECIDED);
    assert_non_null(comparison->rows[0].reason);
    compare_free(comparison);
}

/* A figure that does not move within a run (a residual that depends on the seed) is one observation. */
static void verdict__one_figure_a_run(void **state) {
    struct comparison *comparison = compare_two(new_case("mem", 1, "residual", "lower", 0.01, 0),
                                                new_case("mem", 1, "residual", "lower", 0.02, 0), &defaults);

    (void)state;
    assert_int_equal(comparison->rows[0].verdict, COMPARE_UNDECIDED);
    assert_string_equal(comparison->rows[0].reason, "one figure a run: make more runs");
    assert_int_equal(comparison->rows[0].figures[0].n_trials, N);
    compare_free(comparison);
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

/* A slower network row (30%), an undecided memory row. */
static struct comparison *compare_for_gate(void) {
    struct comparison *comparison = start(&defaults);

    add(comparison, 0, "6.1",
        json_pack("[o, o]", new_case("net", 64, "rate", "higher", 100, 0.01),
                  new_case("mem", 1, "rate", "higher", 100, 0.1)));
    add(comparison, 1, "6.1",
        json_pack("[o, o]", new_case("net", 64, "rate", "higher", 70, 0.01),
                  new_case("mem", 1, "rate", "higher", 97, 0.1)));
    finish(comparison);
    return comparison;
}

static void assert_gate(const char *policy, bool passes, size_t n_failed, size_t n_undecided) {
    struct comparison *comparison = compare_for_gate();
    struct compare_gate gate = {.fail_above = NAN};
    struct vms_error error = {""};
    double margin = 0.03;
    json_t *json = json_loads(policy, 0, NULL);

    if (gate_read(json, &gate, &margin, &error) < 0)
        fail_msg("%s", error.text);
    assert_int_equal(gate_apply(comparison, &gate, &error), 0);
    assert_int_equal(comparison->gate->passed, passes);
    assert_int_equal(comparison->gate->n_failed, n_failed);
    assert_int_equal(comparison->gate->n_undecided, n_undecided);
    json_decref(json);
    compare_free(comparison);
}

#define POLICY "\"schema\": \"vmsuite.policy/1\""

static void gate__policies(void **state) {
    (void)state;
    assert_gate("{" POLICY ", \"fail_above\": \"5%\"}", false, 1, 1);
    assert_gate("{" POLICY ", \"fail_above\": 0.4}", true, 0, 1);
    assert_gate("{" POLICY ", \"fail_above\": 0.4, \"strict\": true}", false, 0, 1);
    assert_gate("{" POLICY "}", true, 0, 0);
    assert_gate("{" POLICY
                ", \"fail_above\": 0.05, \"rules\": [{\"resource\": \"net*\", \"fail_above\": \"40%\"}]}",
                true, 0, 1);
    assert_gate("{" POLICY ", \"rules\": [{\"metric\": \"rate\", \"group\": \"net\", \"fail_above\": 0.1}]}",
                false, 1, 0);
    assert_gate("{" POLICY
                ", \"fail_above\": 0.05, \"rules\": [{\"module\": \"fake\", \"fail_above\": null}]}",
                true, 0, 0);
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
    assert_int_equal(compare_write(file, comparison, format, colour, &error), 0);
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
    assert_int_equal(compare_write(stdout, comparison, "pdf", false, NULL), -ENOENT);
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
    assert_non_null(strstr(plain, "network: 30.0% slower, decided"));
    assert_non_null(strstr(plain, "Gate FAILED: 1 row above the limit, 1 undecided"));
    assert_non_null(strstr(plain, "allowance of 1%"));
    assert_non_null(strstr(coloured, "\033[1;31mslower, FAILED\033[0m"));
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
        cmocka_unit_test(verdict__zeros),
        cmocka_unit_test(verdict__one_figure_a_run),
        cmocka_unit_test(refusal__not_the_same_work),
        cmocka_unit_test(refusal__only_on_one_side),
        cmocka_unit_test(refusal__goes_on_with_the_rest),
        cmocka_unit_test(different__compared_when_asked),
        cmocka_unit_test(environment__differences),
        cmocka_unit_test(sweep__labels_and_pairs),
        cmocka_unit_test(finish__wants_two_sides),
        cmocka_unit_test(gate__policies),
        cmocka_unit_test(gate__bad_policies),
        cmocka_unit_test(gate__shares),
        cmocka_unit_test(formats__hold_the_rows),
        cmocka_unit_test(formats__table),
        cmocka_unit_test(formats__json_and_junit),
        cmocka_unit_test(formats__escape),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
