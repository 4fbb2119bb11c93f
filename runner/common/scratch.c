/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/scratch.h"

#include "base/cleanup.h"
#include "base/error.h"

#include <fcntl.h>
#include <ftw.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#define SCRATCH_PREFIX ".vmsuite-scratch-"

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *where) {
    (void)info;
    (void)type;
    (void)where;
    (void)remove(path);
    return 0;
}

void scratch_remove(const char *folder) {
    (void)nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

/* Locks a folder: a descriptor that holds the lock, or -EWOULDBLOCK where its run lives. */
static int take_lock(const char *folder) {
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW), status;

    if (fd < 0)
        return -errno;
    if (flock(fd, LOCK_EX | LOCK_NB) == 0)
        return fd;
    status = -errno;
    (void)close(fd);
    return status;
}

/* Removes the folders of runs that have died; counts those that live. */
static unsigned sweep(const char *root) {
    cleanup_closedir DIR *directory = opendir(root);
    unsigned alive = 0;
    struct dirent *entry;

    while (directory && (entry = readdir(directory))) {
        cleanup_free char *folder = NULL;
        cleanup_close int lock = -1;

        if (strncmp(entry->d_name, SCRATCH_PREFIX, strlen(SCRATCH_PREFIX)) != 0 ||
            asprintf(&folder, "%s/%s", root, entry->d_name) < 0)
            continue;
        lock = take_lock(folder);
        if (lock >= 0)
            scratch_remove(folder);
        alive += lock == -EWOULDBLOCK;
    }
    return alive;
}

/* Makes a folder and locks it. -ESTALE where another run's sweep came between the two and removed it. */
static int make_locked(char *folder) {
    struct stat made, locked;
    int lock;

    if (!mkdtemp(folder))
        return -errno;
    lock = take_lock(folder);
    if (lock == -EWOULDBLOCK || lock == -ENOENT)
        return -ESTALE;
    if (lock >= 0 && (fstat(lock, &locked) < 0 || stat(folder, &made) < 0 || made.st_ino != locked.st_ino)) {
        (void)close(lock);
        return -ESTALE;
    }
    return lock;
}

int scratch_make(const char *root, struct scratch *ret_scratch, struct vms_error *error) {
    unsigned others = sweep(root);
    int lock = -ESTALE;

    for (int tries = 0; lock == -ESTALE && tries < 100; tries++) {
        cleanup_free char *folder = NULL;

        if (asprintf(&folder, "%s/" SCRATCH_PREFIX "XXXXXX", root) < 0)
            return error_memory(error);
        lock = make_locked(folder);
        if (lock >= 0)
            *ret_scratch = (struct scratch){TAKE(folder), lock, others};
    }
    if (lock < 0)
        return error_set(error, lock,
                         "no scratch folder can be made in %s: %s; name another place with --scratch", root,
                         strerror(-lock));
    return 0;
}

char *scratch_case(const struct scratch *scratch, unsigned id, struct vms_error *error) {
    cleanup_free char *folder = NULL;

    if (asprintf(&folder, "%s/case-%u", scratch->folder, id) < 0) {
        (void)error_memory(error);
        return NULL;
    }
    scratch_remove(folder);
    if (mkdir(folder, 0700) < 0) {
        (void)error_set(error, -errno, "the scratch folder %s cannot be made: %s", folder, strerror(errno));
        return NULL;
    }
    return TAKE(folder);
}

void scratch_done(struct scratch *scratch) {
    if (!scratch->folder)
        return;
    scratch_remove(scratch->folder);
    (void)close(scratch->lock);
    free(scratch->folder);
    *scratch = (struct scratch){0};
}
