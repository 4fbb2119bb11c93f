/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "children/keeper.h"

#include "base/clock.h"

#include "fakes/child.h"
#include "unit/descriptors.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static uint64_t soon(void) {
    return clock_now_ns() + 20 * NS_PER_S;
}

static void leave_with(void *context) {
    _exit(*(int *)context);
}

static void die_of(void *context) {
    (void)raise(*(int *)context);
}

static void linger(void *context) {
    (void)context;
    for (;;)
        (void)pause();
}

/* Leaves a process in a session of its own, tells its number, and ends. */
static void leave_a_daemon(void *context) {
    pid_t child = child_fork();

    if (child == 0) {
        (void)setsid();
        linger(NULL);
    }
    (void)!write(*(int *)context, &child, sizeof(child));
    _exit(0);
}

static void assert_ends(void (*work)(void *), int number, const char *words) {
    char described[KEEPER_WORDS_SIZE];
    struct keeper keeper;
    struct keeper_end end = {0};

    assert_int_equal(keeper_start(work, &number, &keeper, NULL), 0);
    assert_true(keeper_wait(&keeper, soon(), &end));
    assert_true(keeper_wait(&keeper, 0, &end)); /* and may be asked again */
    assert_true(end.known);
    assert_int_equal(end.number, number);
    keeper_describe(&end, described);
    assert_string_equal(described, words);
    keeper_done(&keeper);
    assert_int_equal(keeper.pid, 0);
    keeper_done(&keeper);
    assert_true(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD);
}

static void keeper__ends(void **state) {
    (void)state;
    assert_ends(leave_with, 0, "ended by itself with status 0");
    assert_ends(leave_with, 7, "ended by itself with status 7");
    assert_ends(die_of, SIGKILL, "was killed by signal 9 (Killed)");
    assert_ends(die_of, SIGABRT, "was killed by signal 6 (Aborted)");
}

static void keeper__asks_and_kills(void **state) {
    struct keeper_end end = {0};
    struct keeper keeper;

    (void)state;
    assert_int_equal(keeper_start(linger, NULL, &keeper, NULL), 0);
    assert_false(keeper_wait(&keeper, 0, &end));
    keeper_ask(&keeper);
    assert_true(keeper_wait(&keeper, soon(), &end));
    assert_true(end.killed && end.number == SIGTERM);
    keeper_done(&keeper);
    assert_int_equal(keeper_start(linger, NULL, &keeper, NULL), 0);
    assert_int_equal(kill(keeper.kept, SIGSTOP), 0); /* a stopped one is killed as well */
    keeper_done(&keeper);
    assert_true(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD);
}

static void keeper__takes_what_is_left(void **state) {
    struct keeper_end end = {0};
    struct keeper keeper;
    pid_t left = 0;
    int pipes[2];

    (void)state;
    assert_int_equal(pipe(pipes), 0);
    assert_int_equal(keeper_start(leave_a_daemon, &pipes[1], &keeper, NULL), 0);
    assert_true(keeper_wait(&keeper, soon(), &end));
    assert_int_equal(read(pipes[0], &left, sizeof(left)), sizeof(left));
    keeper_done(&keeper);
    assert_true(kill(left, 0) < 0 && errno == ESRCH);
    (void)close(pipes[0]);
    (void)close(pipes[1]);
}

/* Ends, and leaves one behind that tidies up. */
static void leave_a_broom(void *context) {
    const struct timespec pause = {.tv_nsec = 50000000};

    if (child_fork() == 0) {
        (void)nanosleep(&pause, NULL);
        (void)!write(*(int *)context, "x", 1);
        _exit(0);
    }
    _exit(0);
}

/* What a tool leaves behind has a moment to end by itself. */
static void keeper__lets_tools_tidy_up(void **state) {
    struct keeper_end end = {0};
    struct keeper keeper;
    char tidied = 0;
    int pipes[2];

    (void)state;
    assert_int_equal(pipe(pipes), 0);
    assert_int_equal(keeper_start_tool(leave_a_broom, NULL, &pipes[1], &keeper, NULL), 0);
    assert_true(keeper_wait(&keeper, soon(), &end));
    keeper_done(&keeper);
    (void)close(pipes[1]);
    assert_int_equal(read(pipes[0], &tidied, 1), 1);
    (void)close(pipes[0]);
}

/* What is known of a process whose keeper is killed; it does not outlive it. */
static void keeper__is_killed(void **state) {
    char described[KEEPER_WORDS_SIZE];
    struct keeper_end end = {.known = true};
    struct keeper keeper;
    pid_t kept;

    (void)state;
    assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), 0);
    assert_int_equal(keeper_start(linger, NULL, &keeper, NULL), 0);
    assert_int_equal(kill(keeper.pid, SIGKILL), 0);
    assert_true(keeper_wait(&keeper, soon(), &end));
    assert_false(end.known);
    keeper_describe(&end, described);
    assert_non_null(strstr(described, "watched"));
    kept = keeper.kept;
    keeper_done(&keeper);
    assert_int_equal(waitpid(kept, NULL, 0), kept); /* it came to us */
}

static void keeper__is_refused(void **state) {
    struct vms_error error = {""};
    struct keeper keeper = {0};
    struct rlimit limit, none;

    (void)state;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    none = limit;
    none.rlim_cur = 3;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    assert_int_equal(keeper_start(linger, NULL, &keeper, &error), -EMFILE);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    assert_non_null(strstr(error.text, "Too many open files"));
    assert_int_equal(keeper.pid, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeper__ends),
        cmocka_unit_test(keeper__asks_and_kills),
        cmocka_unit_test(keeper__takes_what_is_left),
        cmocka_unit_test(keeper__lets_tools_tidy_up),
        cmocka_unit_test(keeper__is_killed),
        cmocka_unit_test(keeper__is_refused),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
