/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/file.h"

#include "base/cleanup.h"
#include "base/name.h"
#include "base/private.h"
#include "base/tree.h"

#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

#define NEIGHBOUR 65534

struct folder {
    char path[64];
};

static const char *join(char ret_path[static PATH_MAX], const struct folder *folder, const char *name) {
    (void)snprintf(ret_path, PATH_MAX, "%s/%s", folder->path, name);
    return ret_path;
}

static int set_up(void **state) {
    struct folder *folder = calloc(1, sizeof(*folder));

    strcpy(folder->path, "/tmp/vmsuite-file-XXXXXX");
    *state = folder;
    return mkdtemp(folder->path) ? 0 : -1;
}

static int tear_down(void **state) {
    struct folder *folder = *state;
    int status = tree_remove(folder->path);

    free(folder);
    return status;
}

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

    write_file(join(path, *state, "a"), "0123456789", 0600);
    assert_int_equal(file_read(path, 10, &text, &length, &error), 0);
    assert_int_equal(length, 10);
    assert_string_equal(text, "0123456789");
    assert_int_equal(file_read(path, 9, &again, &length, &error), -EFBIG);
    assert_non_null(strstr(error.text, path));
    assert_int_equal(file_read(join(path, *state, "none"), 9, &again, &length, &error), -ENOENT);
    assert_ptr_equal(strstr(error.text, path), error.text);
}

/* A pipe without a writer must not be waited for; files of other kinds are refused by their kind. */
static void file_open__other_kinds(void **state) {
    char path[PATH_MAX];
    struct vms_error error = {""};
    struct file_map map;

    assert_int_equal(mkfifo(join(path, *state, "fifo"), 0600), 0);
    (void)alarm(10);
    assert_int_equal(file_open(path, &error), -EINVAL);
    assert_non_null(strstr(error.text, "is a pipe"));
    assert_int_equal(file_map(path, &map, &error), -EINVAL);
    assert_int_equal(file_open("/dev/zero", &error), -EINVAL);
    assert_non_null(strstr(error.text, "is a device"));
    assert_int_equal(file_open(((struct folder *)*state)->path, &error), -EISDIR);
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

static void file_map__cut_while_it_is_read(void **state) {
    char path[PATH_MAX];
    struct file_map map, second;
    size_t sum = 0, page = (size_t)sysconf(_SC_PAGESIZE);
    int fd = open(join(path, *state, "a"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    assert_int_equal(ftruncate(fd, (off_t)page * 8), 0);
    assert_int_equal(pwrite(fd, "x", 1, 0), 1);
    assert_int_equal(file_map(path, &map, NULL), 0);
    assert_int_equal(file_map(path, &second, NULL), 0);
    assert_int_equal(map.length, page * 8);
    assert_true(map.text[0] == 'x');
    assert_int_equal(ftruncate(fd, 10), 0);
    for (size_t i = 0; i < map.length; i++)
        sum += map.text[i] != 0;
    assert_int_equal(sum, 1);
    assert_false(file_map_is_whole(&map));
    assert_true(file_map_is_whole(&second));
    file_unmap(&map);
    assert_int_equal(file_map(path, &map, NULL), 0);
    assert_true(file_map_is_whole(&map));
    file_unmap(&map);
    file_unmap(&second);
    file_unmap(&second);
    (void)close(fd);
}

/* A fault elsewhere is still one. The first test: the handler is set with the first map. */
static void file_map__other_faults_end_the_process(void **state) {
    char path[PATH_MAX];
    pid_t child;
    int status;

    write_file(join(path, *state, "a"), "text", 0600);
    child = fork();
    if (child == 0) {
        int fd = memfd_create("other", MFD_CLOEXEC);
        struct file_map map;
        const volatile char *other = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);

        (void)signal(SIGBUS, SIG_DFL); /* cmocka has one of its own */
        if (file_map(path, &map, NULL) < 0)
            _exit(2);
        _exit(other[0] == 0 ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS);
}

static void private_file__of_another_user(void **state) {
    char path[PATH_MAX];
    struct vms_error error = {""};
    pid_t child;
    int status;

    if (geteuid() != 0)
        skip(); /* there must be another user */
    assert_int_equal(chmod(((struct folder *)*state)->path, 0755), 0);
    write_file(join(path, *state, "token"), "secret", 0600);
    assert_int_equal(chown(path, NEIGHBOUR, NEIGHBOUR), 0);
    assert_int_equal(private_file_open(path, &error), -EPERM);
    assert_non_null(strstr(error.text, "another user"));
    child = fork();
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
    write_file(join(path, *state, "token"), "secret", 0440);
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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(file_map__other_faults_end_the_process, set_up, tear_down),
        cmocka_unit_test_setup_teardown(file_read__whole, set_up, tear_down),
        cmocka_unit_test_setup_teardown(file_open__other_kinds, set_up, tear_down),
        cmocka_unit_test(file_read__pipe_of_ours),
        cmocka_unit_test_setup_teardown(file_map__cut_while_it_is_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(private_file__of_another_user, set_up, tear_down),
        cmocka_unit_test_setup_teardown(private_file__credential, set_up, tear_down),
        cmocka_unit_test(name__safe),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
