/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fakes/child.h"
#include "fakes/fake_tree.h"
#include "machine/machine.h"
#include "machine/mounts.h"
#include "unit/descriptors.h"

#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void assert_type(const struct fake_tree *tree, const char *path, const char *type) {
    struct mount mount;

    assert_int_equal(mount_find(&tree->source, path, &mount), 0);
    assert_string_equal(mount.type, type);
    mount_done(&mount);
}

static void find__walks_along_the_path(void **state) {
    struct fake_tree *tree = *state;

    fake_tree_write(tree, MOUNTS,
                    "22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
                    "30 22 8:2 / /mnt rw shared:2 master:1 - xfs /dev/sda2 rw\n"
                    "31 30 0:40 / /mnt/deep/er rw - tmpfs tmpfs rw\n"
                    "40 22 0:50 / /home rw - nfs4 server:/x rw\n");
    assert_type(tree, "/", "ext4");
    assert_type(tree, "/mntx", "ext4");
    assert_type(tree, "/mnt/deep", "xfs");
    assert_type(tree, "/mnt/deep/er/scratch", "tmpfs");
    assert_type(tree, "/home", "nfs4");
}

/* A mount over /a hides the one at /a/b, which has the longer name. */
static void find__what_is_hidden_is_not_it(void **state) {
    struct fake_tree *tree = *state;

    fake_tree_write(tree, MOUNTS,
                    "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
                    "30 22 8:2 / /a rw - xfs /dev/sda2 rw\n"
                    "31 30 0:40 / /a/b rw - tmpfs tmpfs rw\n"
                    "32 30 8:3 / /a rw - btrfs /dev/sda3 rw\n");
    assert_type(tree, "/a/b/c", "btrfs");
    assert_type(tree, "/a", "btrfs");
}

/* A line without a type of file system is none of the kernel's. */
static void find__lines_that_miss_something(void **state) {
    struct fake_tree *tree = *state;

    fake_tree_write(tree, MOUNTS,
                    "1 1 8:1 / / rw,relatime -  ext4 /dev/sda1 rw\n"
                    "1 1 8:1 / / rw,relatime\n"
                    "22 1 8:1 / / rw,relatime - xfs  rw\n");
    assert_type(tree, "/a", "xfs");
}

static void find__names_are_unescaped(void **state) {
    struct fake_tree *tree = *state;
    struct mount mount;

    fake_tree_write(tree, MOUNTS,
                    "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
                    "30 22 0:41 / /mnt/a\\040b\\134c rw - tmpfs a\\011b rw,size=1k\n");
    assert_int_equal(mount_find(&tree->source, "/mnt/a b\\c/d", &mount), 0);
    assert_string_equal(mount.type, "tmpfs");
    assert_string_equal(mount.point, "/mnt/a b\\c");
    assert_string_equal(mount.from, "a\tb");
    assert_string_equal(mount.super, "rw,size=1k");
    mount_done(&mount);
}

/* More than is read of other files, with a name longer than any buffer before. */
static void find__has_no_limit_of_size(void **state) {
    struct fake_tree *tree = *state;
    size_t n = 8000;
    char *text = NULL, *name = calloc(1, 3001);
    FILE *out;
    size_t size;

    assert_non_null(name);
    memset(name, 'n', 3000);
    out = open_memstream(&text, &size);
    assert_non_null(out);
    fputs("1 0 8:1 / / rw - ext4 /dev/sda1 rw\n", out);
    for (size_t i = 0; i < n; i++)
        fprintf(out, "%zu 1 0:%zu / /var/lib/containers/of/some/length/%zu rw - overlay overlay rw\n", i + 2,
                i + 2, i);
    fprintf(out, "9000 1 0:9 / /mnt rw - tmpfs tmpfs rw,%s\n", name);
    assert_int_equal(fclose(out), 0);
    assert_true(size > SOURCE_TEXT_MAX);
    fake_tree_write(tree, MOUNTS, text);
    assert_type(tree, "/mnt/x", "tmpfs");
    free(text);
    free(name);
}

/* Scrubbed captures have no ids. */
static void find__without_ids_the_last_of_the_longest(void **state) {
    struct fake_tree *tree = *state;

    fake_tree_write(tree, MOUNTS, "1 1 8:1 / / rw - ext4 /dev/sda1 rw\n1 1 0:1 / /tmp rw - tmpfs tmpfs rw\n");
    assert_type(tree, "/tmp", "tmpfs");
    assert_type(tree, "/var", "ext4");
}

static void find__bad_lines_and_circles_end(void **state) {
    struct fake_tree *tree = *state;
    struct mount mount;

    fake_tree_write(tree, MOUNTS,
                    "\n-\n1 2\n1 2 3 4 5\n5 6 8:1 / / rw - ext4 /dev/a rw\n6 5 8:2 / / rw - xfs /dev/b rw\n");
    assert_int_equal(mount_find(&tree->source, "/x", &mount), 0);
    mount_done(&mount);
    fake_tree_write(tree, MOUNTS, "1 2 3 4 5 6 7\n");
    assert_int_equal(mount_find(&tree->source, "/x", &mount), -ENOENT);
    fake_tree_remove(tree, MOUNTS);
    assert_int_equal(mount_find(&tree->source, "/x", &mount), -ENOENT);
}

/* In a child with mounts of its own: 0 as it should be, 1 not, 77 not allowed here. */
static int find_here(const char *root) {
    const struct machine_source here = machine_source_here();
    char folder[512], inside[600];
    struct mount found;

    (void)snprintf(folder, sizeof(folder), "%s/with a blank", root);
    (void)snprintf(inside, sizeof(inside), "%s/inside", folder);
    if (mkdir(folder, 0700) < 0)
        return 1;
    if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
        mount("tmpfs", folder, "tmpfs", 0, NULL) < 0)
        return 77;
    if (mkdir(inside, 0700) < 0 || mount_find(&here, inside, &found) < 0)
        return 1;
    return strcmp(found.type, "tmpfs") == 0 && strcmp(found.point, folder) == 0 ? 0 : 1;
}

static void find__on_this_machine_with_a_blank(void **state) {
    struct fake_tree *tree = *state;
    int status = -1;
    pid_t child = child_fork();

    assert_true(child >= 0);
    if (child == 0)
        _exit(find_here(tree->root));
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == 77)
        skip();
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void storage__a_loop_device_shows_its_file(void **state) {
    struct fake_tree *tree = *state;
    struct machine machine;

    fake_tree_write(tree, MOUNTS, "1 0 7:0 / / rw - ext4 /dev/loop0 rw\n");
    fake_tree_write(tree, "/sys/dev/block/7:0/uevent", "DEVNAME=loop0\n");
    fake_tree_write(tree, "/sys/class/block/loop0/loop/backing_file", "/var/disk.img\n");
    fake_tree_write(tree, "/sys/class/block/loop0/loop/dio", "0\n");
    assert_int_equal(machine_read(&tree->source, "/", &machine), 0);
    assert_string_equal(machine_find(&machine, "storage.loop_file")->text, "/var/disk.img");
    assert_int_equal(machine_find(&machine, "storage.loop_direct")->status, FACT_VALUE);
    assert_false(machine_find(&machine, "storage.loop_direct")->boolean);
    machine_done(&machine);
}

/* btrfs has device numbers of its own, and device mapper's names are not the kernel's. */
static void storage__btrfs_on_an_encrypted_disk_shows_its_device(void **state) {
    struct fake_tree *tree = *state;
    struct machine machine;

    fake_tree_write(tree, MOUNTS, "1 0 0:36 /root / rw - btrfs /dev/mapper/luks-1 rw\n");
    fake_tree_write(tree, "/sys/class/block/sda/uevent", "DEVNAME=sda\n");
    fake_tree_write(tree, "/sys/class/block/dm-3/dm/name", "luks-1\n");
    fake_tree_write(tree, "/sys/class/block/dm-3/uevent", "DEVNAME=dm-3\n");
    fake_tree_write(tree, "/sys/class/block/dm-3/size", "2048\n");
    assert_int_equal(machine_read(&tree->source, "/", &machine), 0);
    assert_int_equal(machine_find(&machine, "storage.device")->status, FACT_VALUE);
    assert_string_equal(machine_find(&machine, "storage.device")->text, "dm-3");
    assert_int_equal(machine_find(&machine, "storage.size_bytes")->integer, 1 << 20);
    machine_done(&machine);
}

#define with_tree(test) cmocka_unit_test_setup_teardown(test, fake_tree_set_up, fake_tree_tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        with_tree(find__walks_along_the_path),
        with_tree(find__what_is_hidden_is_not_it),
        with_tree(find__lines_that_miss_something),
        with_tree(find__names_are_unescaped),
        with_tree(find__has_no_limit_of_size),
        with_tree(find__without_ids_the_last_of_the_longest),
        with_tree(find__bad_lines_and_circles_end),
        with_tree(find__on_this_machine_with_a_blank),
        with_tree(storage__a_loop_device_shows_its_file),
        with_tree(storage__btrfs_on_an_encrypted_disk_shows_its_device),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
