/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "run/notice/closing.h"

#include "base/cleanup.h"
#include "noise/noise.h"
#include "run/notice/run_warnings.h"

#include "unit/descriptors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TEXT(literal) ((char *)(literal)) /* owned in a real run, never changed here */
#define TRIALS 5

struct fixture {
    struct outcome_run run;
    struct outcome_case cases[2];
    struct outcome_trial trials[2][TRIALS];
    struct closing_kinds kinds;
};

/* Two cases of five trials each, none of which was disturbed. */
static int set_up(void **state) {
    struct fixture *fixture = calloc(1, sizeof(*fixture));

    if (!fixture)
        return -1;
    for (unsigned i = 0; i < 2; i++) {
        for (unsigned k = 0; k < TRIALS; k++)
            fixture->trials[i][k] = (struct outcome_trial){.trial = k + 1, .has_noise = true};
        fixture->cases[i] = (struct outcome_case){
            .id = i + 1, .group = TEXT(i ? "tcp" : "stream"), .trials = fixture->trials[i], .n_done = TRIALS};
    }
    fixture->run.cases = fixture->cases;
    fixture->run.n_cases = 2;
    *state = fixture;
    return 0;
}

static int tear_down(void **state) {
    struct fixture *fixture = *state;

    for (size_t i = 0; i < fixture->run.n_warnings; i++)
        free(fixture->run.warnings[i]);
    free(fixture->run.warnings);
    free(fixture);
    return 0;
}

static char *print(const struct fixture *fixture, bool details) {
    char *text = NULL;
    size_t size;
    FILE *file = open_memstream(&text, &size);

    closing_warnings(file, &fixture->run, &fixture->kinds, details);
    assert_int_equal(fclose(file), 0);
    return text;
}

/* The warnings that a run with these trials has, a mismatch first and two others last. */
static void warn(struct fixture *fixture) {
    struct outcome_run *run = &fixture->run;

    assert_int_equal(outcome_run_warn(run, "this machine is not what the configuration expects"), 0);
    fixture->kinds.noise = run->n_warnings;
    assert_int_equal(run_warnings_noise(run), 0);
    fixture->kinds.stability = run->n_warnings;
    assert_int_equal(outcome_run_warn(run, "stream: its figure drifts"), 0);
    fixture->kinds.rest = run->n_warnings;
    assert_int_equal(outcome_run_warn(run, "the machine changed"), 0);
}

static void warnings__count_what_disturbed(void **state) {
    struct fixture *fixture = *state;
    cleanup_free char *text = NULL;

    for (unsigned k = 0; k < TRIALS; k++) {
        fixture->trials[0][k].flags = NOISE_OTHER_LOAD;
        fixture->trials[0][k].noise.other_load = 0.3 + 0.1 * k;
    }
    fixture->trials[1][2].flags = NOISE_FAULTS;
    fixture->trials[1][2].noise.major_faults = 3;
    warn(fixture);
    text = print(fixture, false);
    assert_string_equal(
        text, "warning: 6 of 10 trials disturbed: up to 70% of the processors' time used by others, up "
              "to 3 major page faults\n"
              "warning: 1 figure drifts over the run or falls into two groups\n"
              "warning: this machine is not what the configuration expects\n"
              "warning: the machine changed\n"
              "the record has them all, and run --details prints each\n");
}

static void warnings__each_with_details(void **state) {
    struct fixture *fixture = *state;
    cleanup_free char *text = NULL;

    fixture->trials[0][1].flags = fixture->trials[0][3].flags = NOISE_STEAL;
    fixture->trials[0][3].noise.steal = 0.08;
    warn(fixture);
    text = print(fixture, true);
    assert_string_equal(text, "warning: this machine is not what the configuration expects\n"
                              "warning: stream: trials 2, 4: up to 8% steal\n"
                              "warning: stream: its figure drifts\n"
                              "warning: the machine changed\n");
}

static void warnings__none_is_nothing(void **state) {
    cleanup_free char *text = print(*state, false);

    assert_string_equal(text, "");
}

static void warnings__of_many_others_the_first(void **state) {
    struct fixture *fixture = *state;
    cleanup_free char *text = NULL;

    for (unsigned i = 0; i < 8; i++)
        assert_int_equal(outcome_run_warn(&fixture->run, "changed %u", i), 0);
    text = print(fixture, false);
    assert_non_null(strstr(text, "warning: changed 4\nand 3 more warnings\n"));
    assert_null(strstr(text, "changed 5"));
}

static void warnings__of_one_other_too_many(void **state) {
    struct fixture *fixture = *state;
    cleanup_free char *text = NULL;

    for (unsigned i = 0; i < 6; i++)
        assert_int_equal(outcome_run_warn(&fixture->run, "changed %u", i), 0);
    text = print(fixture, false);
    assert_non_null(strstr(text, "warning: changed 4\nand 1 more warning\n"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(warnings__count_what_disturbed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(warnings__each_with_details, set_up, tear_down),
        cmocka_unit_test_setup_teardown(warnings__none_is_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(warnings__of_many_others_the_first, set_up, tear_down),
        cmocka_unit_test_setup_teardown(warnings__of_one_other_too_many, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
