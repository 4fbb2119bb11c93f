/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "files/tree.h"
#include "unit/descriptors.h"

#include "base/cleanup.h"
#include "fakes/child.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

struct folder {
    char path[64];
};

static const char *join(char ret_path[static PATH_MAX], const struct folder *folder, const char *name) {
    (void)snprintf(ret_path, PATH_MAX, "%s/%s", folder->path, name);
    return ret_path;
}

static int set_up(void **state) {
    struct folder *folder = calloc(1, sizeof(*folder));
    char path[PATH_MAX];

    strcpy(folder->path, "/tmp/vmsuite-tree-XXXXXX");
    *state = folder;
    return mkdtemp(folder->path) && mkdir(join(path, folder, "t"), 0700) == 0 ? 0 : -1;
}

static int tear_down(void **state) {
    struct folder *folder = *state;
    char command[128];
    int status;

    (void)snprintf(command, sizeof(command), "rm -rf %s", folder->path);
    status = system(command);
    free(folder);
    return status;
}

static void make_file(const char *path) {
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    (void)close(fd);
}

static bool exists(const char *path) {
    struct stat info;

    return lstat(path, &info) == 0;
}

static void tree_remove__files_folders_and_links(void **state) {
    char tree[PATH_MAX], path[PATH_MAX], outside[PATH_MAX];

    join(tree, *state, "t");
    assert_int_equal(mkdir(join(outside, *state, "outside"), 0700), 0);
    make_file(join(path, *state, "outside/kept"));
    make_file(join(path, *state, "t/file"));
    assert_int_equal(mkdir(join(path, *state, "t/a"), 0700), 0);
    assert_int_equal(mkdir(join(path, *state, "t/a/b"), 0700), 0);
    assert_int_equal(mkdir(join(path, *state, "t/.remove-0"), 0700), 0);
    make_file(join(path, *state, "t/.remove-1"));
    make_file(join(path, *state, "t/.remove-0/file"));
    make_file(join(path, *state, "t/a/b/.hidden"));
    assert_int_equal(symlink(outside, join(path, *state, "t/a/link")), 0);
    assert_int_equal(symlink("nowhere", join(path, *state, "t/dangling")), 0);
    assert_int_equal(mkfifo(join(path, *state, "t/a/fifo"), 0600), 0);
    assert_int_equal(tree_remove(tree), 0);
    assert_false(exists(tree));
    assert_true(exists(join(path, *state, "outside/kept")));
}

static void tree_remove__nothing_a_link_and_a_file(void **state) {
    char path[PATH_MAX], tree[PATH_MAX], inside[PATH_MAX];

    assert_int_equal(tree_remove(join(path, *state, "none")), 0);
    make_file(join(inside, *state, "t/file"));
    join(tree, *state, "t");
    assert_int_equal(symlink(tree, join(path, *state, "link")), 0);
    assert_int_equal(tree_remove(path), -ENOTDIR);
    assert_true(exists(path));
    assert_int_equal(tree_remove(inside), -ENOTDIR);
    assert_true(exists(inside));
}

/* Deeper than descriptors, paths and a stack of frames would go. */
static void tree_remove__deep(void **state) {
    struct rlimit before, few = {32, 32};
    char tree[PATH_MAX];
    int fd = open(join(tree, *state, "t"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    for (int i = 0; i < 1500; i++) {
        int below;

        assert_int_equal(mkdirat(fd, "a-folder-in-a-folder", 0700), 0);
        below = tree_open(fd, "a-folder-in-a-folder");
        assert_true(below >= 0);
        (void)close(fd);
        fd = below;
    }
    (void)close(fd);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    few.rlim_max = before.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    assert_int_equal(tree_remove(tree), 0);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_false(exists(tree));
}

static void tree_remove__huge_folder(void **state) {
    char tree[PATH_MAX], name[32];
    cleanup_close int fd = open(join(tree, *state, "t"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    for (int i = 0; i < 1000; i++) {
        (void)snprintf(name, sizeof(name), "%d", i);
        assert_int_equal(i % 100 ? mknodat(fd, name, S_IFREG | 0600, 0) : mkdirat(fd, name, 0700), 0);
    }
    assert_int_equal(tree_remove(tree), 0);
    assert_false(exists(tree));
}

static void tree_empty__keeps_one(void **state) {
    char path[PATH_MAX];
    cleanup_close int fd = open(join(path, *state, "t"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    make_file(join(path, *state, "t/kept"));
    make_file(join(path, *state, "t/other"));
    assert_int_equal(tree_empty(fd, "kept"), 0);
    assert_false(exists(path));
    assert_true(exists(join(path, *state, "t/kept")));
}

/* Folders that their owner may not write to are emptied all the same. */
static void tree_remove__read_only_folders(void **state) {
    char path[PATH_MAX];
    pid_t child;
    int status;

    assert_int_equal(mkdir(join(path, *state, "t/a"), 0700), 0);
    assert_int_equal(mkdir(join(path, *state, "t/a/b"), 0700), 0);
    make_file(join(path, *state, "t/a/b/file"));
    if (geteuid() == 0) {
        static const char *const names[] = {"", "t", "t/a", "t/a/b", "t/a/b/file"};

        for (size_t i = 0; i < 5; i++)
            assert_int_equal(chown(join(path, *state, names[i]), 65534, 65534), 0);
    }
    assert_int_equal(chmod(join(path, *state, "t/a/b"), 0500), 0);
    assert_int_equal(chmod(join(path, *state, "t/a"), 0500), 0);
    child = child_fork();
    if (child == 0)
        _exit(geteuid() == 0 && setuid(65534) < 0 ? 2 : tree_remove(join(path, *state, "t")) < 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_false(exists(join(path, *state, "t")));
}

/* A file system mounted inside stays, and so does what is in it; a bind mount of the same one, too. */
static void tree_remove__mounts_stay(void **state) {
    char path[PATH_MAX], outside[PATH_MAX], bound[PATH_MAX], deep[PATH_MAX];
    struct stat info;
    int status;

    if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
        skip();
    assert_int_equal(mkdir(join(outside, *state, "outside"), 0700), 0);
    make_file(join(path, *state, "outside/kept"));
    assert_int_equal(mkdir(join(bound, *state, "t/bound"), 0700), 0);
    assert_int_equal(mkdir(join(path, *state, "t/a"), 0700), 0);
    assert_int_equal(mkdir(join(deep, *state, "t/a/deep"), 0700), 0);
    make_file(join(path, *state, "t/a/file"));
    assert_int_equal(mount(outside, bound, NULL, MS_BIND, NULL), 0);
    assert_int_equal(mount(outside, deep, NULL, MS_BIND, NULL), 0);
    assert_int_equal(chmod(outside, 0500), 0);
    status = tree_remove(join(path, *state, "t"));
    assert_int_equal(stat(outside, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0500);
    assert_true(exists(join(path, *state, "outside/kept")));
    assert_false(exists(join(path, *state, "t/a/file")));
    assert_true(status < 0);
    assert_int_equal(umount(bound), 0);
    assert_int_equal(umount(deep), 0);
    assert_int_equal(tree_remove(join(path, *state, "t")), 0);
    assert_false(exists(path));
}

/* Of what stays, the reason, and not only that the folder is not empty. */
static void tree_empty__says_why_a_file_stays(void **state) {
    char path[PATH_MAX], outside[PATH_MAX], tree[PATH_MAX];
    cleanup_close int fd = open(join(tree, *state, "t"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
        skip();
    make_file(join(outside, *state, "kept"));
    make_file(join(path, *state, "t/file"));
    make_file(join(path, *state, "t/other"));
    join(path, *state, "t/file");
    assert_int_equal(mount(outside, path, NULL, MS_BIND, NULL), 0);
    assert_int_equal(tree_empty(fd, NULL), -EBUSY);
    assert_int_equal(tree_remove(tree), -EBUSY);
    assert_true(exists(path));
    assert_false(exists(join(path, *state, "t/other")));
    assert_int_equal(umount(join(path, *state, "t/file")), 0);
    assert_int_equal(tree_remove(tree), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(tree_remove__files_folders_and_links, set_up, tear_down),
        cmocka_unit_test_setup_teardown(tree_remove__nothing_a_link_and_a_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(tree_remove__deep, set_up, tear_down),
        cmocka_unit_test_setup_teardown(tree_remove__huge_folder, set_up, tear_down),
        cmocka_unit_test_setup_teardown(tree_empty__keeps_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(tree_remove__read_only_folders, set_up, tear_down),
        cmocka_unit_test_setup_teardown(tree_remove__mounts_stay, set_up, tear_down),
        cmocka_unit_test_setup_teardown(tree_empty__says_why_a_file_stays, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
