/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record/identity/label.h"

#include "base/cleanup.h"
#include "record/read/reader.h"
#include "record/view/view_read.h"

#include "unit/descriptors.h"
#include "unit/results/record/made_identities.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void check_label(const struct label_sweeps *sweeps, const char *text, const char *expected) {
    struct view_case outcome = {0};
    struct scan scan;
    char *label;

    scan_init(&scan, text, strlen(text), &outcome.arena);
    view_read_params(&scan, &outcome);
    label = label_new(sweeps, &outcome);
    assert_string_equal(label, expected);
    free(label);
    reader_case_done(&outcome);
}

static void label_new__is_what_the_suite_sweeps(void **state) {
    json_auto_t *suite =
        json_loads("{\"benchmarks\": [{\"group\": \"g\", \"params\": {\"a\": [1, 2], \"b\": \"x\"}},"
                   " {\"group\": \"g\", \"params\": {\"a\": [1, 2], \"b\": \"x\", \"c\": 0.5}},"
                   " {\"group\": \"h\", \"params\": {\"b\": [\"x\", \"y\"]}}]}",
                   0, NULL);
    struct label_sweeps sweeps;

    (void)state;
    assert_int_equal(label_sweeps_init(&sweeps, suite), 0);
    check_label(&sweeps, "{\"group\": \"g\", \"params\": {\"a\": 1, \"b\": \"x\", \"c\": 0.5}}",
                "g a=1 c=0.5");
    check_label(&sweeps, "{\"group\": \"h\", \"params\": {\"a\": 1, \"b\": \"x\"}}", "h b=x");
    label_sweeps_done(&sweeps);
    assert_int_equal(label_sweeps_init(&sweeps, NULL), 0);
    check_label(&sweeps, "{\"group\": \"g\", \"params\": {\"a\": 1, \"b\": true}}", "g a=1 b=true");
    label_sweeps_done(&sweeps);
}

/* Settings that are no parameters tell cases apart, too. */
static void label_new__has_the_settings_that_differ(void **state) {
    json_auto_t *suite =
        json_loads("{\"benchmarks\": [{\"group\": \"g\", \"module\": \"m\", \"params\": {}},"
                   " {\"group\": \"g\", \"module\": \"m\", \"cpus\": \"0\", \"params\": {}},"
                   " {\"group\": \"h\", \"module\": \"m\", \"cpus\": \"1\", \"params\": {}},"
                   " {\"group\": \"h\", \"module\": \"n\", \"cpus\": \"1\", \"params\": {}}]}",
                   0, NULL);
    struct label_sweeps sweeps;

    (void)state;
    assert_int_equal(label_sweeps_init(&sweeps, suite), 0);
    check_label(&sweeps, "{\"group\": \"g\", \"module\": \"m\", \"params\": {}}", "g");
    check_label(&sweeps, "{\"group\": \"g\", \"module\": \"m\", \"cpus\": \"0\", \"params\": {}}",
                "g cpus=0");
    check_label(&sweeps, "{\"group\": \"h\", \"module\": \"n\", \"cpus\": \"1\", \"params\": {}}",
                "h module=n");
    label_sweeps_done(&sweeps);
}

static void check_among(const char *const texts[], size_t n, size_t index, char between,
                        const char *expected) {
    const struct identity *cases[4];
    const struct view_head head = {0};
    struct arena arena = {0};
    struct label_cases among;
    cleanup_free char *label = NULL;

    for (size_t i = 0; i < n; i++) {
        json_auto_t *json = json_loads(texts[i], 0, NULL);
        struct view_case outcome = {0};

        assert_int_equal(view_read_json(json, &outcome, NULL), 0);
        cases[i] = identity_new(&arena, &head, &outcome);
        assert_non_null(cases[i]);
        reader_case_done(&outcome);
    }
    assert_int_equal(label_cases_init(&among, cases, n), 0);
    label = label_among(&among, index, between);
    assert_string_equal(label, expected);
    label_cases_done(&among);
    arena_done(&arena);
}

#define CASE(group, module, rest)                                                                            \
    "{\"group\": \"" group "\", \"module\": \"" module                                                       \
    "\", \"resource\": \"cpu\", \"workload_version\": 1, " rest                                              \
    ", \"status\": \"ok\", \"facts\": [], \"trials\": [], \"summary\": []}"

/* Without a suite, what differs among the cases of a group: parameters, in any order, modules and
 * processors. */
static void label_among__is_what_differs_in_the_group(void **state) {
    static const char *const cases[] = {
        CASE("g", "m", "\"params\": {\"a\": 1, \"b\": \"x\"}"),
        CASE("g", "m", "\"params\": {\"b\": \"x\", \"a\": 2}, \"cpus\": \"0-1\""),
        CASE("h", "m", "\"params\": {\"a\": 3, \"b\": \"\"}"), CASE("h", "n", "\"params\": {\"a\": 4}")};

    (void)state;
    check_among(cases, 4, 0, '=', "g a=1");
    check_among(cases, 4, 1, '=', "g a=2 cpus=0-1");
    check_among(cases, 4, 1, ' ', "g a 2 cpus 0-1");
    check_among(cases, 4, 2, '=', "h module=m");
    check_among(cases, 1, 0, '=', "g");
}

static bool is_other(const struct identity *mine, const struct identity *other, const char *name) {
    const struct view_value *own = identity_find_param(mine, name), *its = identity_find_param(other, name);

    return !own || !its || !view_is_same_value(own, its);
}

/* The label by a look at all pairs. */
static void spell(const struct made_case *cases, size_t n, size_t index, char *ret, size_t size) {
    const struct identity *mine = &cases[index].identity;
    bool module = false, cpus = false, warmup = false, params[MADE_PARAMS] = {false};
    size_t used;

    for (size_t i = 0; i < n; i++) {
        const struct identity *other = &cases[i].identity;

        if (strcmp(other->group, mine->group) != 0)
            continue;
        module |= strcmp(other->module, mine->module) != 0;
        cpus |= strcmp(other->cpus, mine->cpus) != 0;
        warmup |= other->warmup != mine->warmup;
        for (size_t k = 0; k < mine->n_params && strcmp(other->module, mine->module) == 0; k++)
            params[k] |= is_other(mine, other, mine->params[k].name);
    }
    used = (size_t)snprintf(ret, size, "%s%s%s", mine->group, module ? " module=" : "",
                            module ? mine->module : "");
    for (size_t k = 0; k < mine->n_params; k++)
        if (params[k])
            used += (size_t)snprintf(ret + used, size - used, " %s=%s", mine->params[k].name,
                                     mine->params[k].value.text);
    if (cpus && *mine->cpus)
        used += (size_t)snprintf(ret + used, size - used, " cpus=%s", mine->cpus);
    if (mine->neighbours > 0)
        used += (size_t)snprintf(ret + used, size - used, " neighbours=%u", mine->neighbours);
    if (warmup)
        (void)snprintf(ret + used, size - used, " warmup=%u", mine->warmup);
}

/* Whatever differs: few cases, so that in some of the rounds all have the same, and in some one has less. */
static void label_among__is_as_by_all_pairs(void **state) {
    struct made_case made[6];
    const struct identity *cases[6];

    (void)state;
    for (unsigned round = 0; round < 2000; round++) {
        size_t n = 1 + round % 6;
        struct label_cases among;

        for (size_t i = 0; i < n; i++) {
            made_fill(&made[i], 1 + round % 5);
            cases[i] = &made[i].identity;
        }
        assert_int_equal(label_cases_init(&among, cases, n), 0);
        for (size_t i = 0; i < n; i++) {
            cleanup_free char *label = label_among(&among, i, '=');
            char expected[200];

            spell(made, n, i, expected, sizeof(expected));
            assert_string_equal(label, expected);
        }
        label_cases_done(&among);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(label_among__is_what_differs_in_the_group),
        cmocka_unit_test(label_among__is_as_by_all_pairs),
        cmocka_unit_test(label_new__is_what_the_suite_sweeps),
        cmocka_unit_test(label_new__has_the_settings_that_differ),
    };
    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
