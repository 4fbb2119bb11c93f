/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is left of root's rights, seen in a process of its own. */
#include "common/privileges.h"

#include "fakes/child.h"
#include "unit/descriptors.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define USER "nobody"

/* The exit status of a process that looks. */
static int in_child(int (*look)(void)) {
    int status = -1;
    pid_t pid = child_fork();

    if (pid == 0)
        _exit(look());
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

/* Not where a container maps no other user. */
static int try_to_be_another(void) {
    return setgroups(0, NULL) < 0 || setuid(getpwnam(USER)->pw_uid) < 0;
}

static void expect_in_child(int (*look)(void)) {
    if (geteuid() != 0 || !getpwnam(USER) || in_child(try_to_be_another) != 0)
        skip();
    assert_int_equal(in_child(look), 0);
}

/* 0, or the number of what is wrong. */
static int become_nobody(void) {
    const struct passwd *user = getpwnam(USER);
    const uid_t uid = user->pw_uid;
    const gid_t gid = user->pw_gid;
    struct vms_error error = {""};
    uid_t uids[3];
    gid_t gids[3];

    if (setgroups(1, &gid) < 0 || privileges_drop(USER, &error) != 0)
        return 1;
    if (getresuid(&uids[0], &uids[1], &uids[2]) < 0 || uids[0] != uid || uids[1] != uid || uids[2] != uid)
        return 2;
    if (getresgid(&gids[0], &gids[1], &gids[2]) < 0 || gids[0] != gid || gids[1] != gid || gids[2] != gid)
        return 3;
    if (getgroups(0, NULL) != 0)
        return 4;
    return setresuid(0, 0, 0) == 0 ? 5 : 0;
}

/* Nobody is named. */
static int become_usual(void) {
    struct vms_error error = {""};

    return privileges_drop(NULL, &error) != 0 || geteuid() != getpwnam(PRIVILEGES_USER)->pw_uid;
}

static int name_a_stranger(void) {
    struct vms_error error = {""};

    if (privileges_drop("vmsuite-is-not-there", &error) != -EINVAL)
        return 1;
    return strcmp(error.text, "there is no user \"vmsuite-is-not-there\"") == 0 && geteuid() == 0 ? 0 : 2;
}

static void drop__to_a_user(void **state) {
    (void)state;
    expect_in_child(become_nobody);
}

static void drop__to_the_usual_one(void **state) {
    (void)state;
    expect_in_child(become_usual);
}

static void drop__to_a_user_who_is_not_there(void **state) {
    (void)state;
    expect_in_child(name_a_stranger);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(drop__to_a_user),
        cmocka_unit_test(drop__to_the_usual_one),
        cmocka_unit_test(drop__to_a_user_who_is_not_there),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
