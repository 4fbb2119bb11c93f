/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "files/private.h"
#include "unit/descriptors.h"

#include "base/cleanup.h"
#include "fakes/child.h"
#include "files/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cmocka.h>

#define NEIGHBOUR 65534

static char folder[64], path[PATH_MAX];
static mode_t swapped; /* what a neighbour puts in a folder's place as soon as it is made; 0: nothing */

/* In libc's place. */
int mkdirat(int parent, const char *name, mode_t mode) {
    int status = (int)syscall(SYS_mkdirat, parent, name, mode);

    if (status < 0 || !swapped)
        return status;
    if (unlinkat(parent, name, AT_REMOVEDIR) < 0)
        return -1;
    if (swapped == S_IFLNK)
        return symlinkat(folder, parent, name);
    if (swapped == S_IFREG)
        return mknodat(parent, name, S_IFREG | 0600, 0);
    return syscall(SYS_mkdirat, parent, name, 0700) < 0 || fchownat(parent, name, NEIGHBOUR, NEIGHBOUR, 0) < 0
               ? -1
               : 0;
}

static int set_up(void **state) {
    (void)state;
    strcpy(folder, "/var/tmp/vmsuite-private-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    (void)snprintf(path, sizeof(path), "%s/secret", folder);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    return tree_remove(folder);
}

static void make_file(mode_t mode, uid_t user, gid_t group) {
    cleanup_close int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(fchmod(fd, mode), 0);
    if (geteuid() == 0)
        assert_int_equal(fchown(fd, user, group), 0);
}

/* Closed to all others whatever the umask says, which may also take from us what we need. */
static void private_folder__is_ours_alone(void **state) {
    static const mode_t masks[] = {0, 022, 077, 0777};
    cleanup_close int parent = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    char last[PRIVATE_NAME_SIZE] = "";

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(masks); i++) {
        mode_t before = umask(masks[i]);
        char name[PRIVATE_NAME_SIZE];
        cleanup_close int fd = private_folder_at(parent, "test-", name);
        struct stat info;

        (void)umask(before);
        if (masks[i] == 0777 && fd == -EACCES) /* its owner, if not root, may not enter it */
            continue;
        assert_true(fd >= 0);
        assert_int_equal(fstat(fd, &info), 0);
        assert_int_equal(info.st_mode & 07777, 0700);
        assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
        assert_int_equal(strncmp(name, "test-", 5), 0);
        assert_int_equal(strlen(name), 5 + 8);
        assert_string_not_equal(name, last);
        (void)strcpy(last, name);
    }
}

/* In a folder of others one of them may put a link, a file or a folder in the place of what was just made. */
static void private_folder__is_not_one_that_was_swapped(void **state) {
    static const struct {
        mode_t kind;
        int status;
    } rows[] = {{S_IFLNK, -ENOTDIR}, {S_IFREG, -ENOTDIR}, {S_IFDIR, -EPERM}};
    cleanup_close int parent = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        char name[PRIVATE_NAME_SIZE];
        int fd;

        if (rows[i].kind == S_IFDIR && geteuid() != 0)
            continue;
        swapped = rows[i].kind;
        fd = private_folder_at(parent, "test-", name);
        swapped = 0;
        assert_int_equal(fd, rows[i].status);
    }
}

/* Modes of a file of our own; of root's, root's group may read it, too. */
static void private_file__modes(void **state) {
    static const struct {
        mode_t mode;
        gid_t group;
        bool is_taken;
    } rows[] = {
        {0600, 0, true},  {0400, 0, true},         {0640, 0, true},          {0440, 0, true},
        {0660, 0, false}, {0610, 0, false},        {0604, 0, false},         {0602, 0, false},
        {0601, 0, false}, {0644, 0, false},        {0640, NEIGHBOUR, false}, {0620, NEIGHBOUR, false},
        {0666, 0, false}, {0600, NEIGHBOUR, true}, {0610, NEIGHBOUR, false},
    };

    (void)state;
    if (geteuid() != 0)
        skip();
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        struct vms_error error = {""};
        cleanup_close int fd = -1;

        make_file(rows[i].mode, 0, rows[i].group);
        fd = private_file_open(path, &error);
        if ((fd >= 0) != rows[i].is_taken)
            fail_msg("mode %o of group %u: %s", (unsigned)rows[i].mode, (unsigned)rows[i].group, error.text);
        if (rows[i].is_taken) {
            assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
            continue;
        }
        assert_int_equal(fd, -EPERM);
        assert_non_null(
            strstr(error.text, "is open to other users of this machine; run: chmod 600 /var/tmp/"));
    }
}

static void private_file__of_others(void **state) {
    struct vms_error error = {""};

    (void)state;
    if (geteuid() != 0)
        skip();
    make_file(0600, NEIGHBOUR, NEIGHBOUR);
    assert_int_equal(private_file_open(path, &error), -EPERM);
    assert_non_null(strstr(error.text, "belongs to another user"));
}

/* Another user takes root's file, where it may read it, and its own. */
static void private_file__of_root_for_another_user(void **state) {
    pid_t child;
    int status;

    (void)state;
    if (geteuid() != 0)
        skip();
    assert_int_equal(chmod(folder, 0711), 0);
    make_file(0600, NEIGHBOUR, NEIGHBOUR);
    child = child_fork();
    if (child == 0)
        _exit(setgid(NEIGHBOUR) < 0 || setuid(NEIGHBOUR) < 0 || private_file_open(path, NULL) < 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void private_file__is_a_file(void **state) {
    struct vms_error error = {""};

    (void)state;
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(private_file_open(path, &error), -EINVAL); /* and does not wait for a writer */
    assert_non_null(strstr(error.text, "must be a regular file"));
    assert_int_equal(private_file_open("/dev/null", &error), -EINVAL);
    assert_int_equal(private_file_open("/var/tmp/no/such", &error), -ENOENT);
}

/* Where getrandom() is refused, as by filters of containers that are older than it, names are still new. */
static void private_folder__without_random_bytes(void **state) {
    struct sock_filter rows[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getrandom, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog filter = {VMS_LENGTH(rows), rows};
    pid_t child = child_fork();
    int status;

    (void)state;
    if (child == 0) {
        cleanup_free char *first = NULL, *second = NULL;

        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
            prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) < 0)
            _exit(77);
        first = private_folder(folder, "x-", NULL);
        second = private_folder(folder, "x-", NULL);
        _exit(!first || !second || strcmp(first, second) == 0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
        skip();
    assert_int_equal(status, 0);
}

static void private_folder__says_where_it_cannot_be(void **state) {
    struct vms_error error = {""};
    cleanup_free char *made = NULL;

    (void)state;
    assert_null(private_folder("/proc/self", "x-", &error));
    assert_non_null(strstr(error.text, "no folder can be made in /proc/self: "));
    made = private_folder(folder, "x-", &error);
    assert_non_null(made);
    assert_int_equal(strncmp(made, folder, strlen(folder)), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(private_folder__is_ours_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(private_folder__is_not_one_that_was_swapped, set_up, tear_down),
        cmocka_unit_test_setup_teardown(private_folder__says_where_it_cannot_be, set_up, tear_down),
        cmocka_unit_test_setup_teardown(private_folder__without_random_bytes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(private_file__modes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(private_file__of_others, set_up, tear_down),
        cmocka_unit_test_setup_teardown(private_file__of_root_for_another_user, set_up, tear_down),
        cmocka_unit_test_setup_teardown(private_file__is_a_file, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
