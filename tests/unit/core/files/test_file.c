/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "files/file.h"
#include "unit/descriptors.h"

#include "base/cleanup.h"
#include "base/name.h"
#include "fakes/child.h"
#include "fakes/folder.h"
#include "files/private.h"

#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

#define NEIGHBOUR 65534

static void write_file(const char *path, const char *text, mode_t mode) {
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    assert_int_equal(fchmod(fd, mode), 0);
    (void)close(fd);
}

static void file_read__whole(void **state) {
    char path[PATH_MAX];
    cleanup_free char *text = NULL, *again = NULL;
    struct vms_error error = {""};
    size_t length;

    write_file(folder_join(path, *state, "a"), "0123456789", 0600);
    assert_int_equal(file_read(path, 10, &text, &length, &error), 0);
    assert_int_equal(length, 10);
    assert_string_equal(text, "0123456789");
    assert_int_equal(file_read(path, 9, &again, &length, &error), -EFBIG);
    assert_non_null(strstr(error.text, path));
    assert_int_equal(file_read(folder_join(path, *state, "none"), 9, &again, &length, &error), -ENOENT);
    assert_ptr_equal(strstr(error.text, path), error.text);
}

struct sum {
    size_t n, pieces;
    uint64_t hash;
};

static void add_piece(void *user, const unsigned char *bytes, size_t n) {
    struct sum *sum = user;

    sum->pieces++;
    sum->n += n;
    for (size_t i = 0; i < n; i++)
        sum->hash = 31 * sum->hash + bytes[i];
}

static void file_pieces__gives_each_byte_once(void **state) {
    char path[PATH_MAX], text[200001];
    struct vms_error error = {""};
    struct sum sum = {0}, expected = {0};

    for (size_t i = 0; i < sizeof(text) - 1; i++)
        text[i] = (char)('a' + i % 26);
    text[sizeof(text) - 1] = '\0';
    write_file(folder_join(path, *state, "long"), text, 0600);
    assert_int_equal(file_pieces(path, add_piece, &sum, &error), 0);
    add_piece(&expected, (const unsigned char *)text, sizeof(text) - 1);
    assert_int_equal(sum.n, expected.n);
    assert_true(sum.hash == expected.hash);
    assert_true(sum.pieces > 1);
    assert_int_equal(file_pieces(folder_join(path, *state, "none"), add_piece, &sum, &error), -ENOENT);
    assert_ptr_equal(strstr(error.text, path), error.text);
}

/* A pipe without a writer must not be waited for; files of other kinds are refused by their kind. */
static void file_open__other_kinds(void **state) {
    char path[PATH_MAX];
    struct vms_error error = {""};

    assert_int_equal(mkfifo(folder_join(path, *state, "fifo"), 0600), 0);
    (void)alarm(10);
    assert_int_equal(file_open(path, &error), -EINVAL);
    assert_non_null(strstr(error.text, "is a pipe"));
    assert_int_equal(file_open("/dev/zero", &error), -EINVAL);
    assert_non_null(strstr(error.text, "is a device"));
    assert_int_equal(file_open(((struct folder *)*state)->path, &error), -EINVAL);
    assert_int_equal(private_file_open(path, &error), -EINVAL);
    (void)alarm(0);
}

static void file_read__pipe_of_ours(void **state) {
    cleanup_free char *text = NULL;
    char path[32];
    size_t length;
    int fds[2];

    (void)state;
    assert_int_equal(pipe(fds), 0);
    assert_int_equal(write(fds[1], "through", 7), 7);
    (void)close(fds[1]);
    (void)snprintf(path, sizeof(path), "/dev/fd/%d", fds[0]);
    assert_int_equal(file_read(path, 100, &text, &length, NULL), 0);
    assert_string_equal(text, "through");
    (void)close(fds[0]);
}

static void private_file__of_another_user(void **state) {
    char path[PATH_MAX];
    struct vms_error error = {""};
    pid_t child;
    int status;

    if (geteuid() != 0)
        skip(); /* there must be another user */
    assert_int_equal(chmod(((struct folder *)*state)->path, 0755), 0);
    write_file(folder_join(path, *state, "token"), "secret", 0600);
    assert_int_equal(chown(path, NEIGHBOUR, NEIGHBOUR), 0);
    assert_int_equal(private_file_open(path, &error), -EPERM);
    assert_non_null(strstr(error.text, "another user"));
    child = child_fork();
    if (child == 0)
        _exit(setuid(NEIGHBOUR) < 0 || private_file_open(path, &error) < 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

/* As systemd leaves a credential: root's, readable by root's group. */
static void private_file__credential(void **state) {
    char path[PATH_MAX];
    int fd;

    if (geteuid() != 0)
        skip();
    write_file(folder_join(path, *state, "token"), "secret", 0440);
    fd = private_file_open(path, NULL);
    assert_true(fd >= 0);
    (void)close(fd);
    assert_int_equal(chmod(path, 0444), 0);
    assert_int_equal(private_file_open(path, NULL), -EPERM);
}

static void name__safe(void **state) {
    static const char *const good[] = {"xen-pv", "a", "A.b_c+1", "0"};
    static const char *const bad[] = {"",    ".",   "..",   "../x",     "a/b", "/a",   ".hidden", "-rf",
                                      "a b", "a\n", "a\\b", "\xc3\xbc", "a*",  "$(x)", "a:b"};
    char longest[NAME_LENGTH_MAX + 2];

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        assert_true(name_is_safe(good[i]));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_false(name_is_safe(bad[i]));
    memset(longest, 'a', sizeof(longest));
    longest[NAME_LENGTH_MAX + 1] = '\0';
    assert_false(name_is_safe(longest));
    assert_true(name_is_safe(longest + 1));
    assert_true(name_is_uuid("0d6a6b2e-6c1d-4d43-9d0b-3f1c8a5f0b7e"));
    assert_false(name_is_uuid("0d6a6b2e-6c1d-4d43-9d0b-3f1c8a5f0b7"));
    assert_false(name_is_uuid("../../../c1d-4d43-9d0b-3f1c8a5f0b7e"));
    assert_false(name_is_uuid("0d6a6b2e-6c1d-4d43-9d0b-3f1c8a5f0b7E"));
}

/* What a pipe gives in pieces is read to its end, or beyond the most that is taken. */
static void file_read__pipe_in_pieces(void **state) {
    static const char bytes[] = "0123456789";

    (void)state;
    for (size_t over = 0; over < 2; over++) {
        struct vms_error error = {""};
        cleanup_free char *text = NULL;
        size_t length = 0;
        char path[32];
        int fds[2], status;

        assert_int_equal(pipe2(fds, O_DIRECT), 0); /* each write is read by itself */
        assert_int_equal(write(fds[1], bytes, 6), 6);
        assert_int_equal(write(fds[1], bytes + 6, 4), 4);
        if (over)
            assert_int_equal(write(fds[1], "x", 1), 1);
        (void)close(fds[1]);
        (void)snprintf(path, sizeof(path), "/dev/fd/%d", fds[0]);
        status = file_read(path, 10, &text, &length, &error);
        (void)close(fds[0]);
        assert_int_equal(status, over ? -EFBIG : 0);
        if (!over) {
            assert_int_equal(length, 10);
            assert_string_equal(text, bytes);
        }
    }
}

/* Exchanges two names until it is killed. */
static pid_t start_exchanging(const char *a, const char *b) {
    pid_t child = child_fork();

    while (child == 0)
        if (renameat2(AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE) < 0)
            _exit(1);
    return child;
}

/* A pipe stands for a device that does something when it is opened. */
static void file_open__opens_nothing_that_it_has_not_looked_at(void **state) {
    char path[PATH_MAX], pipe[PATH_MAX], event[4096];
    int watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC), opened = 0;
    pid_t child;

    write_file(folder_join(path, *state, "file"), "text", 0600);
    assert_int_equal(mkfifo(folder_join(pipe, *state, "pipe"), 0600), 0);
    assert_true(inotify_add_watch(watch, pipe, IN_OPEN) >= 0);
    child = start_exchanging(path, pipe);
    for (int i = 0; i < 20000; i++) {
        int fd = file_open(path, NULL);

        opened += fd >= 0;
        if (fd >= 0)
            (void)close(fd);
    }
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_in_range(opened, 1, 19999);
    assert_int_equal(read(watch, event, sizeof(event)), -1); /* the pipe was never opened */
    (void)close(watch);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(file_read__whole, folder_set_up, folder_tear_down),
        cmocka_unit_test_setup_teardown(file_pieces__gives_each_byte_once, folder_set_up, folder_tear_down),
        cmocka_unit_test_setup_teardown(file_open__other_kinds, folder_set_up, folder_tear_down),
        cmocka_unit_test_setup_teardown(file_open__opens_nothing_that_it_has_not_looked_at, folder_set_up,
                                        folder_tear_down),
        cmocka_unit_test(file_read__pipe_of_ours),
        cmocka_unit_test(file_read__pipe_in_pieces),
        cmocka_unit_test_setup_teardown(private_file__of_another_user, folder_set_up, folder_tear_down),
        cmocka_unit_test_setup_teardown(private_file__credential, folder_set_up, folder_tear_down),
        cmocka_unit_test(name__safe),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
