/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record/identity/table.h"

#include "base/cleanup.h"
#include "fakes/fixed_run.h"

#include "unit/descriptors.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* The fixed run's table. */
static char *print_rows(bool all_metrics) {
    struct outcome_run run;
    char *text = NULL;
    size_t size;
    FILE *file = open_memstream(&text, &size);

    fixed_run_init(&run);
    table_print(file, &run, all_metrics);
    (void)fclose(file);
    outcome_run_done(&run);
    return text;
}

static char *print_table(void) {
    return print_rows(false);
}

static void table_print__fits_the_line(void **state) {
    cleanup_free char *text = print_table();

    (void)state;
    for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
        assert_true(strcspn(line, "\n") <= 100);
}

static void table_print__says_what_varies_in_a_group_only(void **state) {
    cleanup_free char *text = print_table();

    (void)state;
    assert_non_null(strstr(text, "  tcp-small message_size 64KiB  "));
    assert_null(strstr(text, "no_delay"));
    assert_null(strstr(text, "request-response"));
}

static void table_print__tells_cases_apart_by_their_warm_ups(void **state) {
    struct outcome_run run;
    cleanup_free char *text = NULL;
    size_t size;
    FILE *file = open_memstream(&text, &size);

    (void)state;
    fixed_run_init(&run);
    run.cases[0].warmup = 7;
    table_print(file, &run, false);
    (void)fclose(file);
    assert_string_equal(run.cases[0].group, run.cases[1].group);
    assert_non_null(strstr(text, " warmup 7"));
    outcome_run_done(&run);
}

static void table_print__has_a_heading_for_each_resource(void **state) {
    static const char *const titles[] = {"Network", "Memory", "Disk", "CPU"};
    cleanup_free char *text = print_table();
    const char *at = text;

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(titles); i++) {
        at = strstr(at, titles[i]);
        assert_non_null(at);
    }
}

/* Where a row's numbers of trials have two digits, those of the others end below them, and the heading. */
static void table_print__lines_columns_up(void **state) {
    cleanup_free char *text = NULL;
    struct outcome_run run;
    size_t size, ends[2] = {0}, n = 0;
    FILE *file = open_memstream(&text, &size);

    (void)state;
    fixed_run_init(&run);
    for (unsigned i = 0; i < 9; i++) {
        struct outcome_trial more = {.trial = 4 + i};

        for (size_t j = 0; j < run.cases[0].trials[0].n_metrics; j++) {
            struct outcome_metric *metric = outcome_trial_add_metric(&more);

            *metric = run.cases[0].trials[0].metrics[j];
            metric->sketch = NULL;
        }
        run.cases[0].n_trials = 4 + i;
        assert_int_equal(outcome_case_add(&run.cases[0], &more), 0);
    }
    table_print(file, &run, false);
    (void)fclose(file);
    outcome_run_done(&run);
    for (const char *line = text; *line; line += strcspn(line, "\n") + 1) {
        const char *end = line + strcspn(line, "*\n");

        if (n < 2 && strncmp(line, "  tcp-small", 11) == 0)
            ends[n++] = (size_t)(end - line) - (*end == '*');
    }
    assert_non_null(strstr(text, "%  12 *\n"));
    assert_int_equal(n, 2);
    assert_int_equal(ends[0], ends[1]);
    assert_non_null(strstr(text, "CV   n\n"));
}

static void table_print__explains_loopback(void **state) {
    cleanup_free char *text = print_table();

    (void)state;
    assert_non_null(strstr(text, "loopback"));
    assert_non_null(strstr(text, "network card"));
}

static void table_print__gives_reasons_in_place_of_figures(void **state) {
    cleanup_free char *text = print_table();

    (void)state;
    assert_non_null(strstr(text, "2 of 3 trials are ok; failed: element 17"));
    assert_non_null(strstr(text, "unsupported: the file system does not know O_DIRECT"));
    assert_non_null(strstr(text, "crashed: signal 11"));
    assert_non_null(strstr(text, "interrupted: stopped by the user"));
}

static void table_print__lets_no_escape_through(void **state) {
    cleanup_free char *text = print_table();

    (void)state;
    for (const char *c = text; *c; c++)
        assert_true(*c == '\n' || !iscntrl((unsigned char)*c));
}

static int occurrences(const char *text, const char *words) {
    int n = 0;

    for (const char *at = text; *at; at++)
        n += strncmp(at, words, strlen(words)) == 0;
    return n;
}

static void table_print__has_all_metrics_where_they_are_wanted(void **state) {
    cleanup_free char *headlines = print_table(), *all = print_rows(true);

    (void)state;
    assert_int_equal(occurrences(headlines, "  latency "), 0);
    assert_int_equal(occurrences(all, "  latency "), 2);
    for (const char *line = all; *line; line += strcspn(line, "\n") + 1)
        assert_true(strcspn(line, "\n") <= 100);
    /* A failed case gives its reason once. */
    assert_int_equal(occurrences(all, "crashed: signal 11"), 1);
}

/* The whole of it, as tests/golden has it. */
static void table_print__is_the_golden_one(void **state) {
    cleanup_free char *text = print_table(), *path = NULL;
    char golden[8192];
    FILE *file;

    (void)state;
    assert_true(asprintf(&path, "%s/tests/golden/run_table.txt", getenv("VMSUITE_SOURCE")) > 0);
    file = fopen(path, "r");
    assert_non_null(file);
    golden[fread(golden, 1, sizeof(golden) - 1, file)] = '\0';
    (void)fclose(file);
    assert_string_equal(text, golden);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table_print__fits_the_line),
        cmocka_unit_test(table_print__has_all_metrics_where_they_are_wanted),
        cmocka_unit_test(table_print__says_what_varies_in_a_group_only),
        cmocka_unit_test(table_print__tells_cases_apart_by_their_warm_ups),
        cmocka_unit_test(table_print__has_a_heading_for_each_resource),
        cmocka_unit_test(table_print__lines_columns_up),
        cmocka_unit_test(table_print__explains_loopback),
        cmocka_unit_test(table_print__gives_reasons_in_place_of_figures),
        cmocka_unit_test(table_print__lets_no_escape_through),
        cmocka_unit_test(table_print__is_the_golden_one),
    };
    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
