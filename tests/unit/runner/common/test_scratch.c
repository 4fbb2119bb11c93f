/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A neighbour in a shared folder against root's sweep. */
#include "common/scratch.h"

#include "base/cleanup.h"
#include "fakes/folder.h"
#include "files/tree.h"

#include "fakes/child.h"
#include "unit/descriptors.h"

#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include <cmocka.h>

#define NEIGHBOUR 65534
#define N_KEPT 100
#define ROUNDS 300

static bool exists(const char *path) {
    struct stat info;

    return lstat(path, &info) == 0;
}

static void make_file(const char *path) {
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    (void)close(fd);
}

static size_t count(const char *path) {
    cleanup_closedir DIR *directory = opendir(path);
    size_t n = 0;

    assert_non_null(directory);
    for (struct dirent *entry = readdir(directory); entry; entry = readdir(directory))
        n += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    return n;
}

static void scratch__is_private_and_goes(void **state) {
    const struct folder *folder = *state;
    mode_t before = umask(0);
    struct scratch scratch;
    struct stat info;
    char *place;

    assert_int_equal(scratch_make(folder->path, SCRATCH_PREFIX, &scratch, NULL), 0);
    (void)umask(before);
    assert_int_equal(scratch.others, 0);
    assert_int_equal(stat(scratch.folder, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0700);
    place = scratch_case(&scratch, 3, NULL);
    assert_int_equal(stat(place, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0700);
    scratch_case_done(&scratch, place);
    assert_false(exists(place));
    free(place);
    scratch_done(&scratch);
    assert_int_equal(count(folder->path), 0);
}

/* A run that is killed while its first case has a folder. */
static void leave_one(const struct folder *folder) {
    pid_t child = child_fork();
    int status;

    if (child == 0) {
        struct scratch dead;

        if (scratch_make(folder->path, SCRATCH_PREFIX, &dead, NULL) < 0 || !scratch_case(&dead, 1, NULL))
            _exit(1);
        (void)raise(SIGKILL);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
}

/* What was left while a run went on goes with it. */
static void scratch__sweep_at_the_end(void **state) {
    const struct folder *folder = *state;
    struct scratch scratch;

    assert_int_equal(scratch_make(folder->path, SCRATCH_PREFIX, &scratch, NULL), 0);
    leave_one(folder);
    assert_int_equal(count(folder->path), 2);
    scratch_done(&scratch);
    assert_int_equal(count(folder->path), 0);
}

/* What a killed run left goes, what a live one holds stays. */
static void scratch__sweep(void **state) {
    const struct folder *folder = *state;
    struct scratch live, next;

    leave_one(folder);
    assert_int_equal(count(folder->path), 1);
    assert_int_equal(scratch_make(folder->path, SCRATCH_PREFIX, &live, NULL), 0);
    assert_int_equal(count(folder->path), 1);
    assert_int_equal(scratch_make(folder->path, SCRATCH_PREFIX, &next, NULL), 0);
    assert_int_equal(next.others, 1);
    assert_int_equal(count(folder->path), 2);
    scratch_done(&next);
    scratch_done(&live);
    assert_int_equal(count(folder->path), 0);
}

/* Folders of that name that no run made: links, open ones, those of others, and one of ours that a neighbour
 * renamed. */
static void scratch__sweep_spares_what_is_not_its_own(void **state) {
    static const char *const spared[] = {"open", "renamed", "foreign", "outside"};
    char path[PATH_MAX], link[PATH_MAX];
    struct scratch scratch;

    for (size_t i = 0; i < 4; i++) {
        char name[64];

        (void)snprintf(name, sizeof(name), "%s%s", i < 3 ? SCRATCH_PREFIX : "", spared[i]);
        assert_int_equal(mkdir(folder_join(path, *state, name), i == 0 ? 0755 : 0700), 0);
        (void)snprintf(path + strlen(path), sizeof(path) - strlen(path), "/kept");
        make_file(path);
        if (i == 1)
            continue; /* private and ours, but without a lock */
        (void)strcpy(strrchr(path, '/') + 1, ".vmsuite-lock");
        make_file(path);
    }
    if (geteuid() == 0)
        assert_int_equal(chown(folder_join(path, *state, SCRATCH_PREFIX "foreign"), NEIGHBOUR, NEIGHBOUR), 0);
    assert_int_equal(
        symlink(folder_join(path, *state, "outside"), folder_join(link, *state, SCRATCH_PREFIX "link")), 0);
    assert_int_equal(scratch_make(((struct folder *)*state)->path, SCRATCH_PREFIX, &scratch, NULL), 0);
    scratch_done(&scratch);
    assert_true(exists(folder_join(path, *state, SCRATCH_PREFIX "open/kept")));
    assert_true(exists(folder_join(path, *state, SCRATCH_PREFIX "renamed/kept")));
    if (geteuid() == 0)
        assert_true(exists(folder_join(path, *state, SCRATCH_PREFIX "foreign/kept")));
    assert_true(exists(folder_join(path, *state, "outside/kept")));
    assert_true(exists(link));
}

/* The neighbour: makes what looks like a left folder, and swaps it and what is in it for links, for ever. */
static void attack(const struct folder *folder, const char *victim) {
    char left[PATH_MAX], inner[PATH_MAX], aside[PATH_MAX], path[PATH_MAX + 32];

    if (setgid(NEIGHBOUR) < 0 || setuid(NEIGHBOUR) < 0)
        _exit(2);
    folder_join(left, folder, "shared/" SCRATCH_PREFIX "x");
    folder_join(inner, folder, "shared/" SCRATCH_PREFIX "x/d");
    folder_join(aside, folder, "shared/aside");
    for (;;) {
        (void)mkdir(left, 0700);
        (void)mkdir(inner, 0700);
        make_file(folder_join(path, folder, "shared/" SCRATCH_PREFIX "x/.vmsuite-lock"));
        for (int i = 0; i < 50; i++) {
            (void)snprintf(path, sizeof(path), "%s/%d", inner, i);
            (void)mknod(path, S_IFREG | 0600, 0);
        }
        (void)rename(inner, aside);
        (void)!symlink(victim, inner);
        (void)unlink(inner);
        (void)tree_remove(aside);
        (void)rename(left, aside);
        (void)!symlink(victim, left);
        (void)unlink(left);
        (void)tree_remove(aside);
    }
}

static void scratch__sweep_under_attack(void **state) {
    char shared[PATH_MAX], victim[PATH_MAX], path[PATH_MAX + 32];
    pid_t neighbour;

    if (geteuid() != 0)
        skip(); /* the neighbour is another user */
    assert_int_equal(chmod(((struct folder *)*state)->path, 0755), 0);
    assert_int_equal(mkdir(folder_join(shared, *state, "shared"), 0777), 0);
    assert_int_equal(chmod(shared, 0777), 0);
    assert_int_equal(mkdir(folder_join(victim, *state, "victim"), 0755), 0);
    for (int i = 0; i < N_KEPT; i++) {
        (void)snprintf(path, sizeof(path), "%s/%d", victim, i);
        make_file(path);
    }
    neighbour = child_fork();
    if (neighbour == 0)
        attack(*state, victim);
    for (int i = 0; i < ROUNDS; i++) {
        struct scratch scratch;

        assert_int_equal(scratch_make(shared, SCRATCH_PREFIX, &scratch, NULL), 0);
        free(scratch_case(&scratch, 1, NULL));
        scratch_done(&scratch);
    }
    assert_int_equal(waitpid(neighbour, NULL, WNOHANG), 0);
    assert_int_equal(kill(neighbour, SIGKILL), 0);
    assert_int_equal(waitpid(neighbour, NULL, 0), neighbour);
    assert_int_equal(count(victim), N_KEPT);
}

/* A run's own folder is moved away and a link put in its place before the run ends. */
static void scratch__end_after_a_swap(void **state) {
    char victim[PATH_MAX], kept[PATH_MAX], aside[PATH_MAX];
    struct scratch scratch;
    char *place;

    assert_int_equal(mkdir(folder_join(victim, *state, "victim"), 0700), 0);
    assert_int_equal(mkdir(folder_join(kept, *state, "victim/case-1"), 0700), 0);
    make_file(folder_join(kept, *state, "victim/case-1/kept"));
    assert_int_equal(scratch_make(((struct folder *)*state)->path, SCRATCH_PREFIX, &scratch, NULL), 0);
    place = scratch_case(&scratch, 1, NULL);
    assert_int_equal(rename(scratch.folder, folder_join(aside, *state, "aside")), 0);
    assert_int_equal(symlink(victim, scratch.folder), 0);
    scratch_case_done(&scratch, place);
    free(place);
    free(scratch_case(&scratch, 1, NULL));
    scratch_done(&scratch);
    assert_true(exists(kept));
    assert_int_equal(count(aside), 0);
}

/* Files that are used by their paths are not made where everybody may put others there. */
static void scratch__by_path(void **state) {
    char place[PATH_MAX];
    struct scratch scratch;
    struct vms_error error;

    assert_int_equal(mkdir(folder_join(place, *state, "shared"), 0777), 0);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(chmod(place, i == 0 ? 0777 : 0775), 0);
        assert_int_equal(scratch_make_by_path(place, SCRATCH_PREFIX, &scratch, &error), -EPERM);
        assert_non_null(strstr(error.text, "others may write to"));
        assert_non_null(strstr(error.text, "name another place with TMPDIR"));
        assert_int_equal(count(place), 0);
    }
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(chmod(place, i == 0 ? 01777 : 0755), 0);
        assert_int_equal(scratch_make_by_path(place, SCRATCH_PREFIX, &scratch, &error), 0);
        scratch_done(&scratch);
    }
}

/* Nor in a folder of another user, who may put another one in its place, nor anywhere below one. */
static void scratch__by_path_in_a_folder_of_theirs(void **state) {
    char place[PATH_MAX], below[PATH_MAX + 8];
    struct scratch scratch;
    struct vms_error error;

    if (geteuid() != 0)
        skip();
    assert_int_equal(mkdir(folder_join(place, *state, "theirs"), 0755), 0);
    (void)snprintf(below, sizeof(below), "%s/below", place);
    assert_int_equal(mkdir(below, 0755), 0);
    for (mode_t mode = 0755; mode <= 01777; mode += 01022) { /* and sticky */
        assert_true(chmod(place, mode) == 0 && chown(place, 65534, 65534) == 0);
        assert_int_equal(scratch_make_by_path(place, SCRATCH_PREFIX, &scratch, &error), -EPERM);
        assert_non_null(strstr(error.text, "belongs to another user: no folder of ours is safe in it"));
        assert_int_equal(scratch_make_by_path(below, SCRATCH_PREFIX, &scratch, &error), -EPERM);
        assert_int_equal(count(below), 0);
    }
}

static void make_place(char ret_path[static PATH_MAX], const struct folder *folder, const char *name,
                       bool marked, unsigned age_s) {
    struct timespec times[2];
    char file[PATH_MAX + 8];

    assert_int_equal(mkdir(folder_join(ret_path, folder, name), 0700), 0);
    (void)snprintf(file, sizeof(file), "%s/%s", ret_path, marked ? "mark" : "other");
    make_file(file);
    assert_int_equal(clock_gettime(CLOCK_REALTIME, &times[0]), 0);
    times[0].tv_sec -= age_s;
    times[1] = times[0];
    assert_int_equal(utimensat(AT_FDCWD, ret_path, times, 0), 0);
}

/* A program holds a place until its end: here, until the test's. */
static void let_go(const char *place) {
    for (int fd = 3; fd < DESCRIPTORS_MOST; fd++) {
        char link[64], path[PATH_MAX] = "";

        (void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
        if (readlink(link, path, sizeof(path) - 1) > 0 && strncmp(path, place, strlen(place)) == 0)
            (void)close(fd);
    }
}

/* What mktemp made, a program held until it was killed, and nobody removed. */
static void scratch__hold(void **state) {
    static const struct {
        const char *name;
        bool marked;
        unsigned age_s;
        bool stays;
    } places[] = {
        {"place.aaaaaaaa", true, 7200, false}, /* killed before it was held */
        {"place.bbbbbbbb", true, 60, true},    /* is perhaps just being filled */
        {"place.cccccccc", false, 7200, true}, /* another program's */
        {"place.mine", true, 7200, true},      {"place.aaaaaaaa.old", true, 7200, true},
    };
    char own[PATH_MAX], dead[PATH_MAX], alive[PATH_MAX], path[PATH_MAX];
    pid_t holder;

    for (size_t i = 0; i < VMS_LENGTH(places); i++)
        make_place(path, *state, places[i].name, places[i].marked, places[i].age_s);
    make_place(own, *state, "place.oooooooo", true, 0);
    make_place(dead, *state, "place.dddddddd", true, 0);
    make_place(alive, *state, "place.llllllll", true, 7200);
    scratch_hold(alive, "place.", "mark");
    holder = child_fork();
    if (holder == 0) {
        scratch_hold(dead, "place.", "mark");
        _exit(0);
    }
    assert_int_equal(waitpid(holder, NULL, 0), holder);
    assert_true(exists(dead));
    scratch_hold(own, "place.", "mark");
    assert_false(exists(dead));
    assert_true(exists(own) && exists(alive));
    for (size_t i = 0; i < VMS_LENGTH(places); i++)
        assert_int_equal(exists(folder_join(path, *state, places[i].name)), places[i].stays);
    let_go(alive);
    let_go(own);
}

/* Another user's folder, or one that others may write to, is not what we made. */
static void scratch__hold_spares_what_is_not_ours(void **state) {
    char own[PATH_MAX], path[PATH_MAX];

    make_place(path, *state, "place.gggggggg", true, 7200);
    assert_int_equal(chmod(path, 0770), 0);
    assert_int_equal(mkdir(folder_join(path, *state, "victim"), 0700), 0);
    make_file(folder_join(path, *state, "victim/mark"));
    assert_int_equal(symlink("victim", folder_join(path, *state, "place.tttttttt")), 0);
    if (geteuid() == 0) {
        make_place(path, *state, "place.nnnnnnnn", true, 7200);
        assert_int_equal(chown(path, NEIGHBOUR, NEIGHBOUR), 0);
    }
    make_place(own, *state, "place.oooooooo", true, 0);
    scratch_hold(own, "place.", "mark");
    assert_true(exists(folder_join(path, *state, "place.gggggggg")));
    assert_true(exists(folder_join(path, *state, "victim/mark")));
    assert_true(geteuid() != 0 || exists(folder_join(path, *state, "place.nnnnnnnn")));
    let_go(own);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(scratch__is_private_and_goes, folder_set_up, folder_tear_down),
        cmocka_unit_test_setup_teardown(scratch__sweep_at_the_end, folder_set_up, folder_tear_down),
        cmocka_unit_test_setup_teardown(scratch__sweep, folder_set_up, folder_tear_down),
        cmocka_unit_test_setup_teardown(scratch__sweep_spares_what_is_not_its_own, folder_set_up,
                                        folder_tear_down),
        cmocka_unit_test_setup_teardown(scratch__sweep_under_attack, folder_set_up, folder_tear_down),
        cmocka_unit_test_setup_teardown(scratch__end_after_a_swap, folder_set_up, folder_tear_down),
        cmocka_unit_test_setup_teardown(scratch__by_path, folder_set_up, folder_tear_down),
        cmocka_unit_test_setup_teardown(scratch__by_path_in_a_folder_of_theirs, folder_set_up,
                                        folder_tear_down),
        cmocka_unit_test_setup_teardown(scratch__hold, folder_set_up, folder_tear_down),
        cmocka_unit_test_setup_teardown(scratch__hold_spares_what_is_not_ours, folder_set_up,
                                        folder_tear_down),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
