/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A tool ends with the program: where it is asked to, the tool is not waited for. One that does nothing any
 * more is given up before its deadline, where that is wanted. */
#include "guest/tools/tool.h"

#include "base/cleanup.h"
#include "common/signals.h"
#include "files/tree.h"

#include "unit/descriptors.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#define PATIENCE_S 120

static int run(const char *script, bool outlives_signals, char **ret_text, struct vms_error *error) {
    const char *const argv[] = {"sh", "-c", script, NULL};

    return tool_run(
        &(struct tool){.argv = argv, .deadline_s = PATIENCE_S, .outlives_signals = outlives_signals},
        ret_text, error);
}

static void test_what_a_tool_says(void **state) {
    cleanup_free char *text = NULL;
    struct vms_error error = {""};

    (void)state;
    assert_int_equal(run("echo yes", false, &text, &error), 0);
    assert_string_equal(text, "yes\n");
    assert_int_equal(run("echo so >&2; exit 3", false, NULL, &error), -EIO);
    assert_string_equal(error.text, "sh failed: so");
}

/* A file that is no program, though it may be run. */
static void test_one_that_cannot_be_started(void **state) {
    char folder[] = "/tmp/vmsuite-tool-XXXXXX", path[64], said[128];
    const char *const argv[] = {path, NULL};
    struct vms_error error = {""};
    int fd;

    (void)state;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(path, sizeof(path), "%s/broken", folder);
    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0700);
    assert_int_equal(write(fd, "\177ELF", 4), 4);
    (void)close(fd);
    assert_int_equal(tool_run(&(struct tool){.argv = argv, .deadline_s = PATIENCE_S}, NULL, &error),
                     -ENOEXEC);
    (void)snprintf(said, sizeof(said), "%s cannot be started: Exec format error", path);
    assert_string_equal(error.text, said);
    assert_int_equal(tree_remove(folder), 0);
}

/* The caller may do without it: the status says so, and the sentence is for where it cannot. */
static void test_one_that_is_not_there(void **state) {
    const char *const argv[] = {"vmsuite-no-such-tool", NULL};
    struct vms_error error = {""};

    (void)state;
    assert_int_equal(tool_run(&(struct tool){.argv = argv, .deadline_s = PATIENCE_S}, NULL, &error), -ENOENT);
    assert_string_equal(error.text, "there is no program \"vmsuite-no-such-tool\" here: install it");
}

static void test_a_deadline(void **state) {
    const char *const argv[] = {"sleep", "1000", NULL};
    struct vms_error error = {""};

    (void)state;
    assert_int_equal(tool_run(&(struct tool){.argv = argv, .deadline_s = 1}, NULL, &error), -ETIMEDOUT);
    assert_string_equal(error.text, "sleep had not ended after 1 s and was killed");
}

static void test_one_that_is_idle(void **state) {
    const struct tool tool = {.argv = (const char *[]){"sleep", "100", NULL}, .deadline_s = 100, .idle_s = 1};
    struct vms_error error = {""};
    int exit_status = 7;

    (void)state;
    assert_int_equal(tool_wait(&tool, &exit_status, &error), -ETIMEDOUT);
    assert_int_equal(exit_status, 7);
    assert_non_null(strstr(error.text, "sleep had not ended after "));
    assert_null(strstr(error.text, "after 100 s"));
}

static void test_an_exit_status(void **state) {
    const struct tool tool = {
        .argv = (const char *[]){"sh", "-c", "exit 85", NULL}, .deadline_s = 100, .idle_s = 100};
    struct vms_error error = {""};
    int exit_status = 0;

    (void)state;
    assert_int_equal(tool_wait(&tool, &exit_status, &error), 0);
    assert_int_equal(exit_status, 85);
}

/* Whether all that have a FIFO open for writing are gone. */
static bool writers_are_gone(int fifo) {
    struct pollfd waiting = {.fd = fifo, .events = POLLIN};

    return poll(&waiting, 1, PATIENCE_S * 1000) == 1 && (waiting.revents & POLLHUP);
}

/* The last: from then on the program is one that was asked to end. */
static void test_an_interrupt(void **state) {
    cleanup_free char *text = NULL;
    struct vms_error error = {""};
    char folder[] = "/var/tmp/vmsuite-tool-XXXXXX", fifo[64], script[256];
    int fd;

    (void)state;
    assert_non_null(mkdtemp(folder));
    (void)snprintf(fifo, sizeof(fifo), "%s/fifo", folder);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    fd = open(fifo, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(signals_catch(), 0);
    /* A child of the tool's own that ignores SIGTERM goes with it. */
    (void)snprintf(script, sizeof(script),
                   "exec 3>%s; trap '' TERM; sleep 1000 & trap - TERM; kill -INT $PPID; wait", fifo);
    assert_int_equal(run(script, false, NULL, &error), -EINTR);
    assert_true(writers_are_gone(fd));
    (void)close(fd);
    assert_int_equal(tree_remove(folder), 0);
    assert_string_equal(error.text, "interrupted before sh had finished");
    assert_int_equal(signals_count(), 1);
    /* No further one is begun, but for what puts things in order. */
    assert_int_equal(run("kill -INT $PPID", false, NULL, &error), -EINTR);
    assert_int_equal(signals_count(), 1);
    assert_int_equal(run("sleep 0.05; echo done", true, &text, &error), 0);
    assert_string_equal(text, "done\n");
}

/* Who has caught signals once keeps the pipe for the next time. */
static int set_up(void **state) {
    if (signals_catch() < 0)
        return -1;
    signals_release();
    return descriptors_note(state);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_a_tool_says),      cmocka_unit_test(test_one_that_cannot_be_started),
        cmocka_unit_test(test_one_that_is_not_there), cmocka_unit_test(test_a_deadline),
        cmocka_unit_test(test_one_that_is_idle),      cmocka_unit_test(test_an_exit_status),
        cmocka_unit_test(test_an_interrupt),
    };

    return cmocka_run_group_tests(tests, set_up, descriptors_check);
}
