/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a guest can and cannot say on the console of the machine that it is a guest of. */
#include "guest/appliance/init/init.h"

#include "guest/boot/console.h"
#include "guest/exchange/host_counts.h"
#include "guest/exchange/host_moments.h"
#include "run/notice/progress_lines.h"

#include "unit/descriptors.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NUMBERS "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16"
#define COUNTED HOST_COUNTS_LINE NUMBERS

/* What comes out for what a guest said. The caller frees. */
static char *relayed(const char *said, size_t size) {
    FILE *from = fmemopen((void *)said, size, "r"), *to;
    char *text = NULL;
    size_t length = 0;

    assert_non_null(from);
    to = open_memstream(&text, &length);
    assert_non_null(to);
    relay(from, to);
    (void)fclose(from);
    (void)fclose(to);
    return text;
}

static void count_spoken(void *context, const char *line) {
    struct host_counts counts;

    if (host_counts_parse(line, &counts))
        ++*(unsigned *)context;
}

/* How many counts the host takes from what a guest said. */
static unsigned taken(const char *said, size_t size) {
    unsigned n = 0;
    struct console console = {.on_line = count_spoken, .context = &n};
    char *text = relayed(said, size);

    console_feed(&console, text, strlen(text));
    free(text);
    return n;
}

static void relay__copies_lines(void **state) {
    char *text = relayed("one\r\n\ntwo", 9);

    (void)state;
    assert_string_equal(text, "one\n\ntwo\n");
    free(text);
}

static void relay__counts_behind_trials(void **state) {
    static const char said[] = PROGRESS_TRIAL_BEGINS "1 2\n" PROGRESS_TRIAL_ENDS "1 2\nelse\n";

    (void)state;
    assert_int_equal(taken(said, strlen(said)), 2);
}

static ssize_t note_write(void *cookie, const char *bytes, size_t size) {
    (void)bytes;
    ++*(unsigned *)cookie;
    return (ssize_t)size;
}

/* In how many pieces what a guest said goes out. */
static unsigned written(const char *said) {
    unsigned n = 0;
    FILE *from = fmemopen((void *)said, strlen(said), "r"),
         *to = fopencookie(&n, "w", (cookie_io_functions_t){.write = note_write});

    assert_true(from && to);
    relay(from, to);
    (void)fclose(from);
    (void)fclose(to);
    return n;
}

/* Nothing goes out while a trial runs, and nothing is kept from one that does not end. */
static void relay__is_silent_in_trials(void **state) {
    (void)state;
    assert_int_equal(written("1 case\nelse\n"), 2);
    assert_int_equal(written(PROGRESS_TRIAL_BEGINS "1 2\n" PROGRESS_TRIAL_ENDS "1 2\n"), 1);
    assert_int_equal(written("1 case\n" PROGRESS_TRIAL_BEGINS "1 2\n"), 2);
    assert_int_equal(taken(PROGRESS_TRIAL_BEGINS "1 2\n", strlen(PROGRESS_TRIAL_BEGINS "1 2\n")), 1);
}

static void relay__a_guest_cannot_count(void **state) {
    static const char plain[] = COUNTED "\n", hidden[] = "vmsuite-host:\1 counted " NUMBERS "\n",
                      parted[] = "vmsuite-host: cou\0\nnted " NUMBERS "\n",
                      in_front[] = "\0" COUNTED "\n" COUNTED "\n";
    static char longer[5000];

    (void)state;
    assert_int_equal(taken(plain, strlen(plain)), 0);
    assert_int_equal(taken(hidden, strlen(hidden)), 0);
    assert_int_equal(taken(parted, sizeof(parted) - 1), 0);
    assert_int_equal(taken(in_front, sizeof(in_front) - 1), 0);
    /* Wherever a long line is parted: the host drops what is in front, since it drops control characters. */
    for (size_t before = 4040; before < 4110; before++) {
        memset(longer, 1, sizeof(longer));
        (void)snprintf(longer + before, sizeof(longer) - before, "%s", COUNTED "\n");
        assert_int_equal(taken(longer, before + strlen(COUNTED "\n")), 0);
        memset(longer, '-', before);
        assert_int_equal(taken(longer, before + strlen(COUNTED "\n")), 0);
    }
}

/* The moments that the relay says of what a guest said. */
static struct host_moments moments_of(const char *said) {
    struct host_moments moments;
    char *text = relayed(said, strlen(said)), *rest = NULL;

    host_moments_init(&moments);
    for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
        (void)host_moments_parse(line, &moments);
    free(text);
    return moments;
}

/* What the program says first is its answer, whatever it is; what it says then is not. */
static void relay__says_when(void **state) {
    struct host_moments moments =
        moments_of("vmsuite-init: ready\nvmsuite-init: measuring\n7 cases\nmore\nvmsuite-init: power off\n");

    (void)state;
    assert_true(isnan(moments.at_s[HOST_MOMENT_STARTED]) && isnan(moments.at_s[HOST_MOMENT_ENDED]));
    assert_true(moments.at_s[HOST_MOMENT_READY] > 0);
    for (unsigned i = HOST_MOMENT_READY; i < HOST_MOMENT_OFF; i++)
        assert_true(moments.at_s[i + 1] >= moments.at_s[i]);
}

static void relay__a_guest_cannot_say_when(void **state) {
    struct host_moments moments = moments_of("vmsuite-host: at 1 started\nx vmsuite-host: at 2 ready\n"
                                             "vmsuite-host: at\1 3 off\n");

    (void)state;
    for (unsigned i = 0; i < HOST_MOMENTS; i++)
        assert_true(isnan(moments.at_s[i]));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(relay__copies_lines),        cmocka_unit_test(relay__counts_behind_trials),
        cmocka_unit_test(relay__is_silent_in_trials), cmocka_unit_test(relay__a_guest_cannot_count),
        cmocka_unit_test(relay__says_when),           cmocka_unit_test(relay__a_guest_cannot_say_when),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
