/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "output/output.h"
#include "unit/descriptors.h"

#include "base/cleanup.h"
#include "fakes/child.h"
#include "fakes/folder.h"

#include <fcntl.h>
#include <grp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>

#include <cmocka.h>

#define NEIGHBOUR 65534

static size_t count(const char *path) {
    cleanup_closedir DIR *directory = opendir(path);
    size_t n = 0;

    assert_non_null(directory);
    for (struct dirent *entry = readdir(directory); entry; entry = readdir(directory))
        n += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    return n;
}

static int write_text(const char *path, const char *text, struct vms_error *error) {
    struct output output;
    int status = output_open(path, &output, error);

    if (status < 0)
        return status;
    (void)fputs(text, output.file);
    return output_commit(&output, error);
}

static void check_text(const char *path, const char *expected) {
    char text[256] = "";
    cleanup_fclose FILE *file = fopen(path, "re");

    assert_non_null(file);
    assert_true(fread(text, 1, sizeof(text) - 1, file) < sizeof(text));
    assert_string_equal(text, expected);
}

static void output__new_and_replaced(void **state) {
    char path[PATH_MAX];
    mode_t before = umask(027);
    struct stat info;

    folder_join(path, *state, "a");
    assert_int_equal(write_text(path, "first", NULL), 0);
    (void)umask(before);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0640);
    assert_int_equal(chmod(path, 0604), 0);
    if (geteuid() == 0)
        assert_int_equal(chown(path, NEIGHBOUR, 4711), 0);
    assert_int_equal(write_text(path, "second", NULL), 0);
    check_text(path, "second");
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0604);
    if (geteuid() == 0) {
        assert_int_equal(info.st_uid, NEIGHBOUR);
        assert_int_equal(info.st_gid, 4711);
    }
    assert_int_equal(count(((struct folder *)*state)->path), 1);
}

static void output__abort_leaves_the_old_file(void **state) {
    char path[PATH_MAX];
    struct output output;

    assert_int_equal(write_text(folder_join(path, *state, "a"), "old", NULL), 0);
    assert_int_equal(output_open(path, &output, NULL), 0);
    (void)fputs("new", output.file);
    output_abort(&output);
    check_text(path, "old");
    assert_int_equal(count(((struct folder *)*state)->path), 1);
}

static void output__links_are_followed(void **state) {
    char path[PATH_MAX], first[PATH_MAX], second[PATH_MAX];
    struct stat info;

    assert_int_equal(mkdir(folder_join(path, *state, "d"), 0700), 0);
    assert_int_equal(symlink("d/second", folder_join(first, *state, "first")), 0);
    assert_int_equal(symlink("../target", folder_join(second, *state, "d/second")), 0);
    assert_int_equal(write_text(first, "new", NULL), 0);
    assert_int_equal(lstat(first, &info), 0);
    assert_true(S_ISLNK(info.st_mode));
    assert_int_equal(lstat(second, &info), 0);
    assert_true(S_ISLNK(info.st_mode));
    check_text(folder_join(path, *state, "target"), "new");
    assert_int_equal(symlink("loop", folder_join(path, *state, "loop")), 0);
    assert_int_equal(write_text(path, "x", NULL), -ELOOP);
}

/* In a folder like /tmp, another user's link, pipe or file is a trap, whatever the kernel is set to. */
static void output__planted(void **state) {
    static const char *const names[] = {"link", "fifo", "file"};
    char shared[PATH_MAX], victim[PATH_MAX], path[PATH_MAX];

    if (geteuid() != 0)
        skip(); /* there must be another user */
    assert_int_equal(mkdir(folder_join(shared, *state, "shared"), 0700), 0);
    assert_int_equal(chmod(shared, 01777), 0);
    assert_int_equal(write_text(folder_join(victim, *state, "victim"), "old", NULL), 0);
    assert_int_equal(symlink(victim, folder_join(path, *state, "shared/link")), 0);
    assert_int_equal(mkfifo(folder_join(path, *state, "shared/fifo"), 0666), 0);
    assert_int_equal(mknod(folder_join(path, *state, "shared/file"), S_IFREG | 0666, 0), 0);
    for (size_t i = 0; i < 3; i++) {
        struct vms_error error = {""};
        char name[32];

        (void)snprintf(name, sizeof(name), "shared/%s", names[i]);
        assert_int_equal(lchown(folder_join(path, *state, name), NEIGHBOUR, NEIGHBOUR), 0);
        assert_int_equal(write_text(path, "new", &error), -EACCES);
        assert_non_null(strstr(error.text, path));
        assert_non_null(strstr(error.text, "another user"));
    }
    check_text(victim, "old");
    assert_int_equal(lchown(folder_join(path, *state, "shared/link"), 0, 0), 0);
    assert_int_equal(write_text(path, "new", NULL), 0);
    check_text(victim, "new");
}

/* Without the sticky bit, or for a group: links and pipes are traps there, too; those who share a folder
 * share files. */
static void output__planted_among_friends(void **state) {
    static const mode_t modes[] = {0777, 0770, 02775};
    char shared[PATH_MAX], victim[PATH_MAX], path[PATH_MAX];

    if (geteuid() != 0)
        skip();
    assert_int_equal(mkdir(folder_join(shared, *state, "shared"), 0700), 0);
    assert_int_equal(write_text(folder_join(victim, *state, "victim"), "old", NULL), 0);
    for (size_t i = 0; i < VMS_LENGTH(modes); i++) {
        struct vms_error error = {""};

        assert_int_equal(chmod(shared, modes[i]), 0);
        assert_int_equal(symlink(victim, folder_join(path, *state, "shared/link")), 0);
        assert_int_equal(lchown(path, NEIGHBOUR, NEIGHBOUR), 0);
        assert_int_equal(write_text(path, "new", &error), -EACCES);
        assert_non_null(strstr(error.text, "another user"));
        assert_int_equal(unlink(path), 0);
        assert_int_equal(mkfifo(folder_join(path, *state, "shared/fifo"), 0666), 0);
        assert_int_equal(lchown(path, NEIGHBOUR, NEIGHBOUR), 0);
        assert_int_equal(write_text(path, "new", NULL), -EACCES);
        assert_int_equal(unlink(path), 0);
        assert_int_equal(mknod(folder_join(path, *state, "shared/file"), S_IFREG | 0666, 0), 0);
        assert_int_equal(lchown(path, NEIGHBOUR, NEIGHBOUR), 0);
        assert_int_equal(write_text(path, "new", NULL), 0);
        assert_int_equal(unlink(path), 0);
        assert_int_equal(symlink(((struct folder *)*state)->path, folder_join(path, *state, "shared/folder")),
                         0);
        assert_int_equal(output_make_folder(path, NULL), 0); /* our own */
        assert_int_equal(lchown(path, NEIGHBOUR, NEIGHBOUR), 0);
        assert_int_equal(output_make_folder(path, &error), -EACCES);
        assert_non_null(strstr(error.text, "another user's link"));
        assert_int_equal(output_make_folder(folder_join(path, *state, "shared/folder/new"), NULL), -EACCES);
        assert_int_equal(unlink(folder_join(path, *state, "shared/folder")), 0);
    }
    check_text(victim, "old");
}

/* Begins a neighbour's process, which holds the descriptor until it is killed. */
static pid_t begin_neighbour(void) {
    int ready[2];
    pid_t child;
    char byte;

    assert_int_equal(pipe(ready), 0);
    child = child_fork();
    if (child == 0) {
        /* Dumpable, as one that the neighbour began: else /proc has it as root's. */
        if (setresuid(NEIGHBOUR, NEIGHBOUR, NEIGHBOUR) < 0 || prctl(PR_SET_DUMPABLE, 1) < 0 ||
            write(ready[1], "", 1) != 1)
            _exit(1);
        for (;;)
            (void)pause();
    }
    assert_true(child > 0);
    assert_int_equal(close(ready[1]), 0);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    assert_int_equal(close(ready[0]), 0);
    return child;
}

/* A neighbour's link to a descriptor of theirs would open for writing what they can only read. */
static void output__a_neighbours_descriptor(void **state) {
    char home[PATH_MAX], victim[PATH_MAX], path[PATH_MAX], descriptor[PATH_MAX];
    struct vms_error error = {""};
    pid_t neighbour;
    int fd, status;

    if (geteuid() != 0)
        skip();
    assert_int_equal(mkdir(folder_join(home, *state, "home"), 0755), 0);
    assert_int_equal(chown(home, NEIGHBOUR, NEIGHBOUR), 0);
    assert_int_equal(write_text(folder_join(victim, *state, "victim"), "old", NULL), 0);
    fd = open(victim, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    neighbour = begin_neighbour();
    (void)snprintf(descriptor, sizeof(descriptor), "/proc/%ld/fd/%d", (long)neighbour, fd);
    assert_int_equal(symlink(descriptor, folder_join(path, *state, "home/link")), 0);
    assert_int_equal(lchown(path, NEIGHBOUR, NEIGHBOUR), 0);
    status = write_text(path, "new", &error);
    assert_int_equal(kill(neighbour, SIGKILL), 0);
    assert_int_equal(waitpid(neighbour, NULL, 0), neighbour);
    assert_int_equal(status, -EACCES);
    assert_non_null(strstr(error.text, "another user's link"));
    check_text(victim, "old");
    assert_int_equal(close(fd), 0);
}

/* The owner of a folder may make links in it: to files of theirs, or into folders of theirs. */
static void output__a_neighbours_own_links(void **state) {
    char home[PATH_MAX], victim[PATH_MAX], path[PATH_MAX], roots[PATH_MAX];
    struct vms_error error = {""};

    if (geteuid() != 0)
        skip();
    assert_int_equal(mkdir(folder_join(home, *state, "home"), 0755), 0);
    assert_int_equal(chown(home, NEIGHBOUR, NEIGHBOUR), 0);
    assert_int_equal(write_text(folder_join(victim, *state, "victim"), "old", NULL), 0);
    for (int exists = 1; exists >= 0; exists--) {
        assert_int_equal(symlink("../victim", folder_join(path, *state, "home/link")), 0);
        assert_int_equal(lchown(path, NEIGHBOUR, NEIGHBOUR), 0);
        assert_int_equal(write_text(path, "new", &error), -EACCES);
        assert_non_null(strstr(error.text, "another user's link"));
        if (exists)
            check_text(victim, "old");
        /* Nor behind a link of root's. */
        assert_int_equal(symlink("home/link", folder_join(roots, *state, "link")), 0);
        assert_int_equal(write_text(roots, "new", NULL), -EACCES);
        assert_int_equal(unlink(roots), 0);
        assert_int_equal(unlink(path), 0);
        (void)unlink(victim);
    }
    assert_int_equal(access(victim, F_OK), -1);
    for (int exists = 0; exists < 2; exists++) {
        assert_int_equal(symlink("file", folder_join(path, *state, "home/link")), 0);
        assert_int_equal(lchown(path, NEIGHBOUR, NEIGHBOUR), 0);
        assert_int_equal(write_text(path, "new", NULL), 0);
        check_text(folder_join(victim, *state, "home/file"), "new");
        assert_int_equal(chown(victim, NEIGHBOUR, NEIGHBOUR), 0);
        assert_int_equal(unlink(path), 0);
    }
}

static void output__devices_and_pipes_stay(void **state) {
    char path[PATH_MAX], text[8] = "";
    struct vms_error error = {""};
    struct stat info;
    int fd;

    assert_int_equal(write_text("/dev/full", "x", &error), -ENOSPC);
    assert_non_null(strstr(error.text, "/dev/full"));
    assert_int_equal(write_text("/dev/null", "x", NULL), 0);
    assert_int_equal(stat("/dev/full", &info), 0);
    assert_true(S_ISCHR(info.st_mode));
    assert_int_equal(symlink("/dev/full", folder_join(path, *state, "link")), 0);
    assert_int_equal(write_text(path, "x", NULL), -ENOSPC);
    assert_int_equal(mkfifo(folder_join(path, *state, "fifo"), 0600), 0);
    fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    assert_int_equal(write_text(path, "through", NULL), 0);
    assert_int_equal(read(fd, text, 7), 7);
    assert_string_equal(text, "through");
    (void)close(fd);
    assert_int_equal(stat(path, &info), 0);
    assert_true(S_ISFIFO(info.st_mode));
    assert_int_equal(write_text(((struct folder *)*state)->path, "x", NULL), -EISDIR);
}

/* /dev/fd/N is that descriptor at its place: what others wrote before stays. */
static void output__own_descriptors(void **state) {
    char path[PATH_MAX], name[32];
    int fd = open(folder_join(path, *state, "a"), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

    assert_int_equal(write(fd, "before ", 7), 7);
    (void)snprintf(name, sizeof(name), "/dev/fd/%d", fd);
    assert_int_equal(write_text(name, "then ", NULL), 0);
    (void)snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
    assert_int_equal(write_text(name, "last", NULL), 0);
    (void)close(fd);
    check_text(path, "before then last");
    assert_int_equal(write_text(name, "x", NULL), -EBADF);
}

/* A pipe that does not wait loses nothing. */
static void output__slow_reader(void **state) {
    enum { SIZE = 1 << 20 };
    char name[32];
    size_t got = 0;
    pid_t child;
    int fds[2], status;

    (void)state;
    assert_int_equal(pipe2(fds, O_NONBLOCK), 0);
    child = child_fork();
    if (child == 0) {
        struct output output;

        (void)close(fds[0]);
        (void)snprintf(name, sizeof(name), "/dev/fd/%d", fds[1]);
        if (output_open(name, &output, NULL) < 0)
            _exit(1);
        for (int i = 0; i < SIZE; i++)
            (void)fputc('x', output.file);
        _exit(output_commit(&output, NULL) < 0);
    }
    (void)close(fds[1]);
    for (;;) {
        char block[4096];
        ssize_t n = read(fds[0], block, sizeof(block));

        if (n == 0)
            break;
        if (n > 0)
            got += (size_t)n;
        (void)usleep(200);
    }
    (void)close(fds[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(got, SIZE);
}

/* A limit on the size of files is a failure, and the old file stays. */
static void output__size_limit(void **state) {
    char path[PATH_MAX];
    pid_t child;
    int status;

    assert_int_equal(write_text(folder_join(path, *state, "a"), "old", NULL), 0);
    child = child_fork();
    if (child == 0) {
        struct rlimit limit = {1000, 1000};
        struct vms_error error = {""};
        struct output output;

        stream_begin();
        if (setrlimit(RLIMIT_FSIZE, &limit) < 0 || output_open(path, &output, &error) < 0)
            _exit(1);
        for (int i = 0; i < 100000; i++)
            (void)fputc('x', output.file);
        _exit(output_commit(&output, &error) == -EIO && strstr(error.text, "ulimit") ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    check_text(path, "old");
    assert_int_equal(count(((struct folder *)*state)->path), 1);
}

/* Who may not write to the file does not replace it either, though the folder would allow it. */
static void output__read_only_file(void **state) {
    char path[PATH_MAX];
    pid_t child;
    int status;

    assert_int_equal(write_text(folder_join(path, *state, "a"), "old", NULL), 0);
    assert_int_equal(chmod(path, 0444), 0);
    assert_int_equal(chmod(((struct folder *)*state)->path, 0777), 0);
    child = child_fork();
    if (child == 0)
        _exit((geteuid() == 0 && setuid(NEIGHBOUR) < 0) || write_text(path, "new", NULL) != -EACCES);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    check_text(path, "old");
}

/* Another user's new file replaces one of root's group: what that group had is not given to the other one.
 * Root's new file keeps owner, group and mode. */
static void output__keeps_owner_and_mode(void **state) {
    static const struct {
        mode_t before, after; /* of another user */
    } rows[] = {{0664, 0644}, {0660, 0600}, {0640, 0600}, {0646, 0666}, {0600, 0600}};
    char path[PATH_MAX];
    struct stat info;

    if (geteuid() != 0)
        skip();
    folder_join(path, *state, "a");
    assert_int_equal(chmod(((struct folder *)*state)->path, 0777), 0);
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        pid_t child;
        int status;

        (void)unlink(path);
        assert_int_equal(write_text(path, "old", NULL), 0);
        assert_int_equal(chown(path, NEIGHBOUR, 0), 0);
        assert_int_equal(chmod(path, rows[i].before), 0);
        assert_int_equal(write_text(path, "root's", NULL), 0);
        assert_int_equal(stat(path, &info), 0);
        assert_int_equal(info.st_uid, NEIGHBOUR);
        assert_int_equal(info.st_gid, 0);
        assert_int_equal(info.st_mode & 07777, rows[i].before);
        child = child_fork();
        if (child == 0)
            _exit(setgroups(0, NULL) < 0 || setgid(NEIGHBOUR) < 0 || setuid(NEIGHBOUR) < 0 ||
                  write_text(path, "new", NULL) != 0);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
        assert_int_equal(stat(path, &info), 0);
        assert_int_equal(info.st_gid, NEIGHBOUR);
        assert_int_equal(info.st_mode & 07777, rows[i].after);
        check_text(path, "new");
    }
}

#define LIST "system.posix_acl_access"
#define INHERITED "system.posix_acl_default"

/* Its owner and the neighbour read and write, its group and others do nothing; as the kernel has it. */
static bool set_list(const char *path, const char *which) {
    const struct {
        uint32_t version;
        struct {
            uint16_t tag, rights;
            uint32_t id;
        } entries[5];
    } list = {2,
              {{0x01, 6, (uint32_t)-1},
               {0x02, 6, NEIGHBOUR},
               {0x04, 0, (uint32_t)-1},
               {0x10, 6, (uint32_t)-1},
               {0x20, 0, (uint32_t)-1}}};

    return setxattr(path, which, &list, sizeof(list), 0) == 0;
}

/* Whoever may read a file may read what replaces it, and nobody else: with a list the mode's middle is what
 * its entries have at most, and not what the group has. */
static void output__keeps_the_list_of_rights(void **state) {
    char path[PATH_MAX], before[256], after[256];
    ssize_t length;
    struct stat info;

    folder_join(path, *state, "a");
    assert_int_equal(write_text(path, "old", NULL), 0);
    if (!set_list(path, LIST))
        skip();
    length = getxattr(path, LIST, before, sizeof(before));
    assert_true(length > 0);
    assert_int_equal(write_text(path, "new", NULL), 0);
    assert_int_equal(getxattr(path, LIST, after, sizeof(after)), length);
    assert_memory_equal(before, after, (size_t)length);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0660);
}

/* The folder has a list by now that new files get; the file had none. */
static void output__takes_no_list_from_its_folder(void **state) {
    char path[PATH_MAX];

    folder_join(path, *state, "a");
    assert_int_equal(write_text(path, "old", NULL), 0);
    assert_int_equal(chmod(path, 0640), 0);
    if (!set_list(((struct folder *)*state)->path, INHERITED))
        skip();
    assert_int_equal(write_text(path, "new", NULL), 0);
    assert_int_equal(getxattr(path, LIST, NULL, 0), -1);
    assert_int_equal(errno, ENODATA);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(output__new_and_replaced, folder_set_up, folder_tear_down),
        cmocka_unit_test_setup_teardown(output__abort_leaves_the_old_file, folder_set_up, folder_tear_down),
        cmocka_unit_test_setup_teardown(output__links_are_followed, folder_set_up, folder_tear_down),
        cmocka_unit_test_setup_teardown(output__planted, folder_set_up, folder_tear_down),
        cmocka_unit_test_setup_teardown(output__planted_among_friends, folder_set_up, folder_tear_down),
        cmocka_unit_test_setup_teardown(output__a_neighbours_own_links, folder_set_up, folder_tear_down),
        cmocka_unit_test_setup_teardown(output__a_neighbours_descriptor, folder_set_up, folder_tear_down),
        cmocka_unit_test_setup_teardown(output__devices_and_pipes_stay, folder_set_up, folder_tear_down),
        cmocka_unit_test_setup_teardown(output__own_descriptors, folder_set_up, folder_tear_down),
        cmocka_unit_test_setup_teardown(output__slow_reader, folder_set_up, folder_tear_down),
        cmocka_unit_test_setup_teardown(output__size_limit, folder_set_up, folder_tear_down),
        cmocka_unit_test_setup_teardown(output__read_only_file, folder_set_up, folder_tear_down),
        cmocka_unit_test_setup_teardown(output__keeps_the_list_of_rights, folder_set_up, folder_tear_down),
        cmocka_unit_test_setup_teardown(output__takes_no_list_from_its_folder, folder_set_up,
                                        folder_tear_down),
        cmocka_unit_test_setup_teardown(output__keeps_owner_and_mode, folder_set_up, folder_tear_down),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
