/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/scratch.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "files/listing.h"
#include "files/tree.h"
#include "output/way.h"

#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

/* In a private folder nobody else can make it: without it, a folder of ours that somebody has given such a
 * name would be taken for one. */
#define LOCK_NAME ".vmsuite-lock"
#define CASE_NAME_SIZE 32
#define REMOVE_TRIES 3
#define HELD_RANDOM 8 /* characters of mktemp's */
#define UNHELD_S 3600 /* from a folder's making until somebody holds it, at most */

static int try_lock(int fd) {
    return flock(fd, LOCK_EX | LOCK_NB) < 0 ? -errno : 0;
}

/* Whether the lock file still stands in its folder: a sweep may have come before the lock. */
static bool is_there(int folder, int lock) {
    struct stat held, named;

    return fstat(lock, &held) == 0 && fstatat(folder, LOCK_NAME, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
           held.st_ino == named.st_ino && held.st_dev == named.st_dev;
}

/* Takes the lock of a left folder: its descriptor, -EWOULDBLOCK where its run lives, or another negative
 * errno. */
static int take_lock(int folder) {
    int fd = openat(folder, LOCK_NAME, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK), status;

    if (fd < 0)
        return -errno;
    status = try_lock(fd);
    if (status == 0 && is_there(folder, fd))
        return fd;
    (void)close(fd);
    return status < 0 ? status : -ENOENT;
}

/* Removes what is in a folder, the lock file last, and the folder. A process of a run that was killed may
 * write on for a moment: what cannot be removed keeps its lock file, by which a later sweep knows it. */
static void remove_locked(int root, const char *name, int folder) {
    for (int tries = 0; tries < REMOVE_TRIES && tree_empty(folder, LOCK_NAME) == 0; tries++) {
        int lock;

        (void)unlinkat(folder, LOCK_NAME, 0);
        if (unlinkat(root, name, AT_REMOVEDIR) == 0 || errno != ENOTEMPTY)
            return;
        lock = openat(folder, LOCK_NAME, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (lock >= 0)
            (void)close(lock);
    }
}

/* A folder of our user that nobody else may look or write into; passing through it may be allowed (libvirt's
 * guests are run by another user). */
static bool is_ours(int folder) {
    struct stat info;

    return fstat(folder, &info) == 0 && S_ISDIR(info.st_mode) && info.st_uid == geteuid() &&
           (info.st_mode & 066) == 0;
}

/* Removes a folder that its run left; 1 where the run lives. An empty one is of a run that died before it had
 * a lock, or has none yet and makes another. */
static unsigned sweep_one(int root, const char *name) {
    cleanup_close int folder = tree_open(root, name), lock = -1;

    if (folder < 0 || !is_ours(folder))
        return 0;
    lock = take_lock(folder);
    if (lock >= 0)
        remove_locked(root, name, folder);
    else if (lock == -ENOENT)
        (void)unlinkat(root, name, AT_REMOVEDIR);
    return lock == -EWOULDBLOCK;
}

/* Removes the folders of runs that have died; counts those that live, of which none is to be overlooked. */
static int sweep(int root, const char *prefix, unsigned *ret_alive) {
    cleanup_closedir DIR *directory = NULL;
    int status = listing_open_at(root, &directory);
    unsigned alive = 0;
    const char *name;

    while ((name = listing_next(directory, &status)))
        if (strncmp(name, prefix, strlen(prefix)) == 0)
            alive += sweep_one(root, name);
    if (status < 0)
        return status;
    *ret_alive = alive;
    return 0;
}

/* Makes a folder and locks it. -ESTALE where another run's sweep came between and removed it. */
static int make_locked(struct scratch *scratch, const char *prefix) {
    int status;

    scratch->fd = private_folder_at(scratch->root, prefix, scratch->name);
    if (scratch->fd < 0) /* it was removed before it was opened */
        return scratch->fd == -ENOENT ? -ESTALE : scratch->fd;
    scratch->lock =
        openat(scratch->fd, LOCK_NAME, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (scratch->lock >= 0) {
        status = try_lock(scratch->lock);
        if (status == 0 && is_there(scratch->fd, scratch->lock))
            return 0;
        status = status == 0 || status == -EWOULDBLOCK ? -ESTALE : status;
        (void)close(scratch->lock);
    } else {
        status = errno == ENOENT ? -ESTALE : -errno;
    }
    (void)unlinkat(scratch->fd, LOCK_NAME, 0);
    (void)unlinkat(scratch->root, scratch->name, AT_REMOVEDIR);
    (void)close(scratch->fd);
    return status;
}

/* Absolute, as whoever works in the folder may be elsewhere; it is the way that was opened. */
static char *path_of(int root, const char *given) {
    char own[64], *path;

    (void)snprintf(own, sizeof(own), "/proc/self/fd/%d", root);
    path = realpath(own, NULL);
    return path ? path : realpath(given, NULL);
}

int scratch_make(const char *root, const char *prefix, struct scratch *ret_scratch, struct vms_error *error) {
    cleanup_free char *place = NULL;
    struct vms_error own = {""};
    struct scratch scratch = {.root = way_open_folder(root, &own), .prefix = prefix};
    int status = scratch.root < 0 ? scratch.root : 0;

    if (scratch.root >= 0)
        status = sweep(scratch.root, prefix, &scratch.others);
    if (status == 0)
        status = -ESTALE;
    for (int tries = 0; status == -ESTALE && tries < 100; tries++)
        status = make_locked(&scratch, prefix);
    if (status < 0) {
        if (scratch.root >= 0)
            (void)close(scratch.root);
        if (*own.text)
            return error_set(error, status, "%s", own.text);
        return error_set(
            error, status,
            "no scratch folder can be made in %s: %s; name another place with --scratch or TMPDIR", root,
            strerror(-status));
    }
    place = path_of(scratch.root, root);
    scratch.folder = place ? text_new("%s/%s", place, scratch.name) : NULL;
    *ret_scratch = scratch;
    if (scratch.folder)
        return 0;
    scratch_done(ret_scratch);
    return error_memory(error);
}

static bool is_old(int folder) {
    struct timespec now;
    struct stat info;

    return clock_gettime(CLOCK_REALTIME, &now) == 0 && fstat(folder, &info) == 0 &&
           info.st_mtim.tv_sec < now.tv_sec - UNHELD_S;
}

/* Removes a folder that was held, or that nobody will hold any more. */
static void sweep_held(int root, const char *name, const char *mark) {
    cleanup_close int folder = tree_open(root, name), lock = -1;

    if (folder < 0 || !is_ours(folder))
        return;
    lock = take_lock(folder);
    if (lock >= 0 || (lock == -ENOENT && is_old(folder) && faccessat(folder, mark, F_OK, 0) == 0))
        remove_locked(root, name, folder);
}

static bool is_held_name(const char *name, const char *prefix) {
    return strncmp(name, prefix, strlen(prefix)) == 0 && strlen(name) == strlen(prefix) + HELD_RANDOM;
}

/* Its descriptor lives as long as the program. False: it is held already, or not ours. */
static bool hold(int root, const char *name) {
    cleanup_close int folder = tree_open(root, name);
    int lock;

    if (folder < 0 || !is_ours(folder))
        return false;
    lock = openat(folder, LOCK_NAME, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (lock >= 0 && try_lock(lock) == 0)
        return true;
    if (lock >= 0)
        (void)close(lock);
    return false;
}

void scratch_hold(const char *folder, const char *prefix, const char *mark) {
    cleanup_free char *path = realpath(folder, NULL);
    char *name = path ? strrchr(path, '/') : NULL;
    cleanup_closedir DIR *directory = NULL;
    const char *other;
    int status;

    if (!name || name == path || !is_held_name(name + 1, prefix))
        return;
    *name++ = '\0';
    status = listing_open(path, &directory);
    if (status < 0 || !hold(dirfd(directory), name))
        return;
    while ((other = listing_next(directory, &status)))
        if (is_held_name(other, prefix))
            sweep_held(dirfd(directory), other, mark);
}

int scratch_make_by_path(const char *root, const char *prefix, struct scratch *ret_scratch,
                         struct vms_error *error) {
    static const struct private_words words = {"no folder of ours is safe in it",
                                               "name another place with TMPDIR"};
    cleanup_free char *real = realpath(root, NULL);
    int status =
        real ? private_check_above(real, &words, error) : 0; /* else scratch_make() says what is wrong */

    return status < 0 ? status : scratch_make(root, prefix, ret_scratch, error);
}

char *scratch_case(const struct scratch *scratch, unsigned id, struct vms_error *error) {
    cleanup_free char *folder = NULL;
    char name[CASE_NAME_SIZE];

    (void)snprintf(name, sizeof(name), "case-%u", id);
    folder = text_new("%s/%s", scratch->folder, name);
    if (!folder) {
        (void)error_memory(error);
        return NULL;
    }
    (void)tree_remove_at(scratch->fd, name);
    if (mkdirat(scratch->fd, name, S_IRWXU) < 0) {
        (void)error_set(error, -errno, "the scratch folder %s cannot be made: %s", folder, strerror(errno));
        return NULL;
    }
    return TAKE(folder);
}

void scratch_case_done(const struct scratch *scratch, const char *folder) {
    (void)tree_remove_at(scratch->fd, strrchr(folder, '/') + 1);
}

void scratch_done(struct scratch *scratch) {
    /* Root's descriptor is never 0: see stream_begin(). */
    if (scratch->root <= 0)
        return;
    remove_locked(scratch->root, scratch->name, scratch->fd);
    (void)close(scratch->lock);
    (void)sweep(scratch->root, scratch->prefix, &(unsigned){0});
    (void)close(scratch->fd);
    (void)close(scratch->root);
    free(scratch->folder);
    *scratch = (struct scratch){0};
}
