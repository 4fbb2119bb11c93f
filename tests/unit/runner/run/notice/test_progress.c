/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a guest tells its host of its trials. */
#include "run/notice/progress.h"

#include "unit/descriptors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define TEXT(literal) ((char *)(literal)) /* owned in a real run, never changed here */
#define TRIALS 2

/* All that was said until now, after each rest. */
static FILE *said;
static unsigned n_rests;
static char at_rest[200];
static long rest_ns;

static void read_said(char *ret_text, size_t size) {
    size_t length;

    (void)fflush(said);
    rewind(said);
    length = fread(ret_text, 1, size - 1, said);
    ret_text[length] = '\0';
    (void)fseek(said, 0, SEEK_END);
}

/* In place of libc's. */
int nanosleep(const struct timespec *wanted, struct timespec *left) {
    (void)left;
    n_rests++;
    rest_ns = wanted->tv_nsec;
    read_said(at_rest, sizeof(at_rest));
    return 0;
}

/* One case of two trials, told of in this mode. */
static void tell(enum progress_mode mode, char *ret_text, size_t size) {
    struct vms_module module = {.name = "stream"};
    struct outcome_trial trials[TRIALS] = {{.trial = 1}, {.trial = 2}};
    struct outcome_case outcome = {
        .id = 7, .group = TEXT("memory"), .module = &module, .n_trials = TRIALS, .trials = trials};
    struct outcome_run run = {.cases = &outcome, .n_cases = 1};
    struct plan_step steps[TRIALS] = {{0, 1}, {0, 2}};
    struct vms_estimate estimate = {.seconds = 1};
    struct plan plan = {.steps = steps, .n_steps = TRIALS, .estimates = &estimate};
    struct progress progress;

    said = tmpfile();
    assert_non_null(said);
    n_rests = 0;
    progress_begin(&progress, PROGRESS_NONE, &run, &plan);
    progress.mode = mode;
    progress.file = said;
    for (unsigned i = 0; i < TRIALS; i++) {
        progress_begin_step(&progress, &outcome);
        progress_stage(&progress, PROGRESS_PREPARING, 0);
        progress_stage(&progress, PROGRESS_WARM_UP, 1);
        progress_stage(&progress, PROGRESS_TRIAL, i + 1);
        outcome.n_done = i + 1;
        progress_step(&progress, &outcome, &trials[i]);
    }
    read_said(ret_text, size);
    (void)fclose(said);
}

#define MARKS                                                                                                \
    PROGRESS_TRIAL_BEGINS "7 1\n" PROGRESS_TRIAL_ENDS "7 1\n" PROGRESS_TRIAL_BEGINS                          \
                          "7 2\n" PROGRESS_TRIAL_ENDS "7 2\n"

/* Those who read the console may share the guest's processors: they have read when a trial begins. */
static void progress__rests_between_a_mark_and_its_trial(void **state) {
    char text[400];

    (void)state;
    tell(PROGRESS_MARKS, text, sizeof(text));
    assert_string_equal(text, MARKS);
    assert_int_equal(n_rests, TRIALS);
    assert_in_range(rest_ns, 1000000, 100000000);
    *strrchr(text, '@') = '\0'; /* the last mark is an end, and nothing rests behind it */
    assert_string_equal(at_rest, text);
}

static void progress__marks_beside_plain_lines(void **state) {
    char text[400];

    (void)state;
    tell(PROGRESS_TRIALS, text, sizeof(text));
    assert_memory_equal(text, MARKS, strlen(MARKS));
    assert_ptr_equal(strstr(text, "case 7 of 1, memory (stream)"), text + strlen(MARKS));
    assert_int_equal(n_rests, TRIALS);
}

static void progress__no_marks_for_people(void **state) {
    static const enum progress_mode modes[] = {PROGRESS_AUTO, PROGRESS_PLAIN, PROGRESS_NONE};
    char text[400];

    (void)state;
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        tell(modes[i], text, sizeof(text));
        assert_null(strchr(text, '@'));
        assert_int_equal(n_rests, 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(progress__rests_between_a_mark_and_its_trial),
        cmocka_unit_test(progress__marks_beside_plain_lines),
        cmocka_unit_test(progress__no_marks_for_people),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
