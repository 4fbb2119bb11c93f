/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "children/spawn.h"

#include "output/stream.h"

#include "fakes/child.h"
#include "unit/descriptors.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static pid_t start(struct spawn spawn, const char *words) {
    char *const argv[] = {(char[]){"sh"}, (char[]){"-c"}, (char *)words, NULL};
    pid_t pid;

    spawn.path = "/bin/sh";
    spawn.argv = argv;
    spawn.errors = STDERR_FILENO;
    assert_int_equal(spawn_program(&spawn, &pid), 0);
    return pid;
}

/* What a shell that has been given these words prints. */
static const char *say(struct spawn spawn, const char *words) {
    static char text[4096];
    ssize_t length;
    int status;
    pid_t pid;

    spawn.output = memfd_create("said", MFD_CLOEXEC);
    pid = start(spawn, words);
    assert_int_equal(getpgid(pid), pid);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    length = pread(spawn.output, text, sizeof(text) - 1, 0);
    assert_true(length >= 0);
    text[length] = '\0';
    (void)close(spawn.output);
    return text;
}

/* A tool's own pipes end it as they do under a shell. */
static void spawn_program__what_is_ignored_here_is_not_there(void **state) {
    static const struct {
        const char *words;
        int number;
    } ends[] = {{"kill -PIPE $$; exit 0", SIGPIPE}, {"kill -XFSZ $$; exit 0", SIGXFSZ}};

    (void)state;
    stream_begin();
    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
        int status;
        pid_t child = start((struct spawn){.output = STDOUT_FILENO}, ends[i].words);

        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == ends[i].number);
    }
}

/* Neither what we opened to be closed nor what others left open to us. */
static void spawn_program__inherits_one_descriptor_at_most(void **state) {
    int open_to_all = dup(STDERR_FILENO), kept = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 200);
    char look[128], expected[32];

    (void)state;
    assert_true(open_to_all > STDERR_FILENO && kept >= 200);
    (void)snprintf(look, sizeof(look),
                   "for fd in %d %d; do test -e /proc/$$/fd/$fd && echo has $fd; done; true", open_to_all,
                   kept);
    assert_string_equal(say((struct spawn){0}, look), "");
    (void)snprintf(expected, sizeof(expected), "has %d\n", kept);
    assert_string_equal(say((struct spawn){.kept = &kept, .n_kept = 1}, look), expected);
    (void)close(open_to_all);
    (void)close(kept);
}

static void spawn_program__bounds(void **state) {
    const char *look = "grep NoNewPrivs: /proc/$$/status; ulimit -c";

    (void)state;
    assert_string_equal(say((struct spawn){0}, look), "NoNewPrivs:\t1\n0\n");
    assert_string_equal(say((struct spawn){.gains_privileges = true}, look),
                        geteuid() == 0 ? "NoNewPrivs:\t1\n0\n" : "NoNewPrivs:\t0\n0\n");
}

static void spawn_program__folder_and_input(void **state) {
    int input = memfd_create("input", MFD_CLOEXEC);

    (void)state;
    assert_int_equal(pwrite(input, "words\n", 6, 0), 6);
    assert_string_equal(say((struct spawn){.folder = "/usr", .input = input}, "pwd; cat"), "/usr\nwords\n");
    assert_string_equal(say((struct spawn){.folder = "/"}, "pwd; cat"), "/\n");
    (void)close(input);
}

/* It ends with the process that started it. */
static void spawn_program__dies_with_its_parent(void **state) {
    int ends[2];
    char byte;
    pid_t parent;

    (void)state;
    assert_int_equal(pipe(ends), 0);
    parent = child_fork();
    if (parent == 0) {
        (void)close(ends[0]);
        (void)start((struct spawn){.output = ends[1]}, "exec sleep 1000");
        _exit(0);
    }
    (void)close(ends[1]);
    assert_int_equal(waitpid(parent, NULL, 0), parent);
    assert_int_equal(read(ends[0], &byte, 1), 0); /* nobody holds it any more */
    (void)close(ends[0]);
}

static void spawn_program__what_cannot_be_executed(void **state) {
    char *const argv[] = {(char[]){"x"}, NULL};
    struct spawn spawn = {
        .path = "/nowhere/x", .argv = argv, .output = STDOUT_FILENO, .errors = STDERR_FILENO};
    pid_t pid = -7;

    (void)state;
    assert_int_equal(spawn_program(&spawn, &pid), -ENOENT);
    spawn.path = "/etc/passwd";
    assert_int_equal(spawn_program(&spawn, &pid), -EACCES);
    spawn.path = "/bin/true";
    spawn.folder = "/nowhere";
    assert_int_equal(spawn_program(&spawn, &pid), -ENOENT);
    assert_int_equal(pid, -7);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no process is left to be waited for */
    assert_int_equal(errno, ECHILD);
}

static void spawn_program__nothing_in_the_environment_has_a_tool_do_something_else(void **state) {
    static const char *const hostile[] = {
        "LC_ALL",      "LC_MESSAGES",     "LANG",       "LANGUAGE",      "BASH_ENV",
        "ENV",         "TAR_OPTIONS",     "MAKEFLAGS",  "XZ_OPT",        "PERL5OPT",
        "PYTHONPATH",  "DPKG_ROOT",       "KBUILD_CXX", "MKE2FS_CONFIG", "SQUEUE_PARTITION",
        "SBATCH_WAIT", "SBATCH_ARRAY_INX"};
    const char *said;

    (void)state;
    for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++)
        assert_int_equal(setenv(hostile[i], "/vmsuite-hostile", 1), 0);
    assert_int_equal(setenv("TAR_OPTIONS_OF_OURS", "kept", 1), 0);
    assert_int_equal(setenv("SBATCH_PARTITION", "kept", 1), 0);
    said = say((struct spawn){.input = 0}, "env");
    assert_null(strstr(said, "/vmsuite-hostile"));
    assert_non_null(strstr(said, "LC_ALL=C\n"));
    assert_non_null(strstr(said, "TAR_OPTIONS_OF_OURS=kept\n"));
    assert_non_null(strstr(said, "SBATCH_PARTITION=kept\n"));
    assert_non_null(strstr(said, "PATH="));
    for (size_t i = 0; i < sizeof(hostile) / sizeof(hostile[0]); i++)
        assert_int_equal(unsetenv(hostile[i]), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spawn_program__what_is_ignored_here_is_not_there),
        cmocka_unit_test(spawn_program__inherits_one_descriptor_at_most),
        cmocka_unit_test(spawn_program__bounds),
        cmocka_unit_test(spawn_program__folder_and_input),
        cmocka_unit_test(spawn_program__dies_with_its_parent),
        cmocka_unit_test(spawn_program__what_cannot_be_executed),
        cmocka_unit_test(spawn_program__nothing_in_the_environment_has_a_tool_do_something_else),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
