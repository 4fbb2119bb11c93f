/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "output/way.h"
#include "unit/descriptors.h"

#include "base/cleanup.h"
#include "fakes/child.h"
#include "files/tree.h"
#include "output/output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define NEIGHBOUR 65534

int fake_fsync(int fd) __asm__("fsync");

static int sync_fails; /* with that errno; 0: it does not */

int fake_fsync(int fd) {
    if (sync_fails == 0)
        return (int)syscall(SYS_fsync, fd);
    errno = sync_fails;
    return -1;
}

/* Each test works in a folder of its own, named by relative paths. */
static int set_up(void **state) {
    char *path = strdup("/tmp/vmsuite-way-XXXXXX");

    *state = path;
    return path && mkdtemp(path) && chdir(path) == 0 ? 0 : -1;
}

static int tear_down(void **state) {
    int status = chdir("/") == 0 ? tree_remove(*state) : -1;

    free(*state);
    return status;
}

static void give(const char *path) {
    assert_int_equal(lchown(path, NEIGHBOUR, NEIGHBOUR), 0);
}

/* The folder that the way leads to has that name in it. */
static void leads_to(const char *path, const char *name) {
    struct vms_error error = {""};
    cleanup_close int fd = way_open_folder(path, &error);

    assert_true(fd >= 0);
    assert_int_equal(faccessat(fd, name, F_OK, 0), 0);
    assert_string_equal(error.text, "");
}

/* Neither a file in the folder: for the same reason. */
static void refuses_output(const char *path) {
    struct vms_error error = {""};
    struct output output;
    char file[PATH_MAX];

    (void)snprintf(file, sizeof(file), "%s/file", path);
    assert_int_equal(output_open(file, &output, &error), -EACCES);
    assert_non_null(strstr(error.text, "another user's link"));
}

static void refuses(const char *path) {
    struct vms_error error = {""};
    char below[PATH_MAX];

    assert_int_equal(way_open_folder(path, &error), -EACCES);
    assert_non_null(strstr(error.text, path));
    assert_non_null(strstr(error.text, "another user's link"));
    assert_int_equal(way_make_folder(path, NULL), -EACCES);
    (void)snprintf(below, sizeof(below), "%s/new", path);
    assert_int_equal(way_create_folder(below, NULL), -EACCES);
    refuses_output(path);
}

static void make(const char *path) {
    cleanup_close int fd = way_make_folder(path, NULL);

    assert_true(fd >= 0);
}

static void way__own_links_are_followed(void **state) {
    char path[PATH_MAX];

    make("a/b/c");
    make("a//b/./mark/");
    assert_int_equal(symlink("a/../a/b", "link"), 0);
    assert_int_equal(symlink("../link/", "a/link"), 0);
    assert_int_equal(symlink("/", "root"), 0);
    leads_to("a/b", "mark");
    leads_to("link/c/..", "mark");
    leads_to("a/link", "mark");
    leads_to("root", "tmp");
    (void)snprintf(path, sizeof(path), "root/%s/link", (const char *)*state + 1);
    leads_to(path, "mark");
    (void)snprintf(path, sizeof(path), "/proc/self/cwd/a/link");
    leads_to(path, "mark");
    assert_int_equal(symlink("loop", "loop"), 0);
    assert_int_equal(way_open_folder("loop/x", NULL), -ELOOP);
    assert_int_equal(way_open_folder("absent", NULL), -ENOENT);
    assert_int_equal(way_open_folder("", NULL), -ENOENT);
    assert_int_equal(way_make_folder("", NULL), -ENOENT);
    assert_int_equal(mknod("file", S_IFREG | 0600, 0), 0);
    assert_int_equal(way_make_folder("file/x", NULL), -ENOTDIR);
    assert_int_equal(way_open_folder("file", NULL), -ENOTDIR);
}

static void way__a_new_folder(void **state) {
    static const char *const paths[] = {"new", "a/below//", "./link/c"};

    (void)state;
    make("a");
    assert_int_equal(symlink("a", "link"), 0);
    for (size_t i = 0; i < VMS_LENGTH(paths); i++) {
        cleanup_close int fd = way_create_folder(paths[i], NULL);

        assert_true(fd >= 0);
        assert_true(tree_is_empty(fd));
        assert_int_equal(access(paths[i], F_OK), 0);
        assert_int_equal(way_create_folder(paths[i], NULL), -EEXIST);
    }
    assert_int_equal(way_create_folder("link", NULL), -EEXIST);
    assert_int_equal(way_create_folder("/", NULL), -EEXIST);
    assert_int_equal(way_create_folder(".", NULL), -EEXIST);
    assert_int_equal(way_create_folder("absent/x", NULL), -ENOENT);
    assert_int_equal(way_create_folder("", NULL), -ENOENT);
    assert_int_equal(access("absent", F_OK), -1);
}

/* Some file systems sync no folders, which is no failure; all else may have lost the name. */
static void way__a_name_that_may_be_lost(void **state) {
    static const struct {
        int number, status;
    } rows[] = {{EIO, -EIO}, {ENOSPC, -ENOSPC}, {EDQUOT, -EDQUOT}, {EROFS, -EROFS}, {EINVAL, 0}, {ENOTSUP, 0},
                {0, 0}};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        struct vms_error error = {""};
        char path[32];
        int status, fd;

        (void)snprintf(path, sizeof(path), "new%zu/below", i);
        sync_fails = rows[i].number;
        status = way_sync_folder(AT_FDCWD);
        fd = way_make_folder(path, &error);
        sync_fails = 0;
        assert_int_equal(status, rows[i].status);
        assert_int_equal(fd < 0 ? fd : 0, rows[i].status);
        if (fd >= 0)
            (void)close(fd);
        assert_true((rows[i].status < 0) == (error.text[0] != '\0'));
    }
}

/* Nothing is made where a link leads to nothing. */
static void way__a_dangling_link_makes_nothing(void **state) {
    (void)state;
    assert_int_equal(symlink("absent", "link"), 0);
    assert_int_equal(way_make_folder("link/x", NULL), -ENOENT);
    assert_int_equal(way_make_folder("link", NULL), -ENOENT);
    assert_int_equal(access("absent", F_OK), -1);
}

static void way__planted(void **state) {
    static const mode_t modes[] = {01777, 0777, 0770};

    (void)state;
    if (geteuid() != 0)
        skip(); /* there must be another user */
    make("shared");
    make("theirs/x");
    give("theirs");
    make("mine/x");
    for (size_t i = 0; i < VMS_LENGTH(modes); i++) {
        assert_int_equal(chmod("shared", modes[i]), 0);
        assert_int_equal(symlink("../mine", "shared/link"), 0);
        leads_to("shared/link", "x");
        give("shared/link");
        refuses("shared/link");
        refuses("shared/link/x");
        assert_int_equal(unlink("shared/link"), 0);
        assert_int_equal(symlink("../theirs", "shared/link"), 0);
        give("shared/link");
        refuses("shared/link");
        assert_int_equal(unlink("shared/link"), 0);
    }
}

/* In their own folder others may make links: to what is theirs. */
static void way__astray(void **state) {
    (void)state;
    if (geteuid() != 0)
        skip();
    make("mine/x");
    make("home/data/x");
    make("home/data/deep/x");
    give("home");
    give("home/data");
    assert_int_equal(symlink("data", "home/good"), 0);
    give("home/good");
    leads_to("home/good", "x");
    leads_to("home/good/deep", "x"); /* made by root, and in theirs */
    assert_int_equal(symlink("../mine", "home/bad"), 0);
    give("home/bad");
    refuses("home/bad");
    refuses("home/bad/x");
    assert_int_equal(symlink("bad/../home/bad", "home/far"), 0);
    give("home/far");
    refuses("home/far");
    /* Root's own one. */
    assert_int_equal(lchown("home/bad", 0, 0), 0);
    leads_to("home/bad", "x");
}

/* A link of root's may lead over one of theirs, which is not root's word on where that leads. */
static void way__a_neighbours_link_behind_roots(void **state) {
    (void)state;
    if (geteuid() != 0)
        skip();
    make("mine/x");
    make("home/data/x");
    give("home");
    give("home/data");
    assert_int_equal(symlink("home/link", "link"), 0);
    assert_int_equal(symlink("data", "home/link"), 0);
    give("home/link");
    leads_to("link", "x");
    assert_int_equal(unlink("home/link"), 0);
    assert_int_equal(symlink("../mine", "home/link"), 0);
    give("home/link");
    refuses("link");
    /* Nor can one of two neighbours vouch for the other. */
    assert_int_equal(unlink("home/link"), 0);
    assert_int_equal(symlink("../other/link", "home/link"), 0);
    give("home/link");
    make("other");
    assert_int_equal(symlink("../home/data", "other/link"), 0);
    assert_int_equal(lchown("other", NEIGHBOUR - 1, NEIGHBOUR), 0);
    assert_int_equal(lchown("other/link", NEIGHBOUR - 1, NEIGHBOUR), 0);
    refuses("home/link");
}

/* A name that is too long is not cut: what was made would bear another one. */
/* A folder that is made is as open as the caller's umask has it. */
static void way__makes_folders_as_the_umask_says(void **state) {
    static const mode_t masks[] = {0, 02, 022, 027, 077};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(masks); i++) {
        mode_t before = umask(masks[i]);
        struct stat info;
        char name[32];

        (void)snprintf(name, sizeof(name), "made-%zu/below", i);
        make(name);
        (void)umask(before);
        assert_int_equal(stat(name, &info), 0);
        assert_int_equal(info.st_mode & 0777, 0777 & ~masks[i]);
        *strchr(name, '/') = '\0';
        assert_int_equal(stat(name, &info), 0);
        assert_int_equal(info.st_mode & 0777, 0777 & ~masks[i]);
    }
}

static void way__a_long_name(void **state) {
    char path[NAME_MAX + sizeof("./xy/z")];

    (void)state;
    (void)snprintf(path, sizeof(path), "./%0*d/z", NAME_MAX + 1, 0);
    assert_int_equal(way_make_folder(path, NULL), -ENAMETOOLONG);
    assert_int_equal(way_open_folder(path, NULL), -ENAMETOOLONG);
    (void)snprintf(path, sizeof(path), "%0*d", NAME_MAX, 0);
    assert_int_equal(access(path, F_OK), -1);
    (void)snprintf(path, sizeof(path), "./%0*d/z", NAME_MAX, 0);
    make(path);
    leads_to(path, "../z");
}

/* One may write to a folder that one may not read. */
static void way__a_folder_to_write_to_only(void **state) {
    pid_t child;
    int status;

    (void)state;
    make("drop");
    assert_int_equal(chmod("drop", 0333), 0);
    assert_int_equal(chmod(".", 0755), 0);
    child = child_fork();
    if (child == 0) {
        struct output output;

        if (geteuid() == 0 && setresuid(NEIGHBOUR, NEIGHBOUR, NEIGHBOUR) < 0)
            _exit(1);
        if (output_open("drop/file", &output, NULL) < 0)
            _exit(2);
        (void)fputs("x", output.file);
        _exit(output_commit(&output, NULL) < 0 ? 3 : 0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(access("drop/file", F_OK), 0);
    assert_int_equal(chmod("drop", 0700), 0);
}

/* What was opened is written to, whatever stands under its name by then. */
static void way__a_folder_that_was_swapped(void **state) {
    cleanup_close int fd = -1;
    struct output output;
    struct stat info;

    (void)state;
    make("victim");
    fd = way_make_folder("mine", NULL);
    assert_true(fd >= 0);
    assert_true(tree_is_empty(fd));
    assert_int_equal(rename("mine", "moved"), 0);
    assert_int_equal(symlink("victim", "mine"), 0);
    assert_int_equal(symlink("../victim/file", "moved/file"), 0);
    assert_false(tree_is_empty(fd));
    assert_int_equal(output_open_at(fd, "file", "mine/file", &output, NULL), 0);
    (void)fputs("x", output.file);
    assert_int_equal(output_commit(&output, NULL), 0);
    assert_int_equal(lstat("moved/file", &info), 0);
    assert_true(S_ISREG(info.st_mode));
    assert_int_equal(access("victim/file", F_OK), -1);
}

/* Whatever is there: it goes, and what a link leads to stays. */
static void way__a_new_file_instead(void **state) {
    struct vms_error error = {""};
    struct stat info;

    (void)state;
    make("victim");
    assert_int_equal(mkdir("shared", 0777), 0);
    for (size_t i = 0; i < 3; i++) {
        cleanup_close int fd = -1;

        assert_true(i < 2 || symlink("../victim/file", "shared/x") == 0);
        fd = way_create_instead("shared/x", &error);
        assert_true(fd >= 0);
        assert_true(lstat("shared/x", &info) == 0 && S_ISREG(info.st_mode) && info.st_size == 0);
        assert_int_equal(write(fd, "old", 3), 3);
        assert_true(i == 0 || unlink("shared/x") == 0);
    }
    assert_int_equal(access("victim/file", F_OK), -1);
    assert_int_equal(way_create_instead("none/x", &error), -ENOENT);
    assert_non_null(strstr(error.text, "cannot write none/x: No such file or directory; "));
    assert_int_equal(way_create_instead("victim", &error), -EISDIR);
    assert_non_null(strstr(error.text, "cannot write victim: Is a directory; "));
    assert_int_equal(way_create_instead("victim", NULL), -EISDIR);
    assert_true(chmod("shared", 01777) == 0 && symlink("../victim/file", "shared/x") == 0);
    if (geteuid() != 0)
        return;
    give("shared/x");
    assert_int_equal(way_create_instead("shared/x", &error), -EACCES);
    assert_non_null(strstr(error.text, "will not replace shared/x: it belongs to another user"));
    assert_int_equal(lstat("shared/x", &info), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(way__own_links_are_followed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(way__a_new_folder, set_up, tear_down),
        cmocka_unit_test_setup_teardown(way__a_dangling_link_makes_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(way__a_name_that_may_be_lost, set_up, tear_down),
        cmocka_unit_test_setup_teardown(way__planted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(way__astray, set_up, tear_down),
        cmocka_unit_test_setup_teardown(way__a_neighbours_link_behind_roots, set_up, tear_down),
        cmocka_unit_test_setup_teardown(way__makes_folders_as_the_umask_says, set_up, tear_down),
        cmocka_unit_test_setup_teardown(way__a_long_name, set_up, tear_down),
        cmocka_unit_test_setup_teardown(way__a_folder_to_write_to_only, set_up, tear_down),
        cmocka_unit_test_setup_teardown(way__a_folder_that_was_swapped, set_up, tear_down),
        cmocka_unit_test_setup_teardown(way__a_new_file_instead, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
