/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "scratch.h"

#include "cleanup.h"
#include "error.h"

#include <fcntl.h>
#include <ftw.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#define SCRATCH_PREFIX ".vmsuite-scratch-"
#define SCRATCH_LOCK "lock"

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

/* Takes the folder's lock: a descriptor, or -EWOULDBLOCK where its run lives. */
static int take_lock(const char *folder, int flags) {
    cleanup_free char *path = NULL;
    int fd;

    if (asprintf(&path, "%s/" SCRATCH_LOCK, folder) < 0)
        return -ENOMEM;
    fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | flags, 0600);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0) {
        int status = -errno;

        (void)close(fd);
        return status;
    }
    return fd >= 0 ? fd : -errno;
}

/* Removes the folders of runs that have died; counts those that live. A folder without a lock is either being
 * made at this moment or was half removed: it goes where it is older than a minute. */
static unsigned sweep(const char *root) {
    cleanup_closedir DIR *directory = opendir(root);
    unsigned alive = 0;
    struct dirent *entry;

    while (directory && (entry = readdir(directory))) {
        cleanup_free char *folder = NULL;
        cleanup_close int lock = -1;
        struct stat info;

        if (strncmp(entry->d_name, SCRATCH_PREFIX, strlen(SCRATCH_PREFIX)) != 0 ||
            asprintf(&folder, "%s/%s", root, entry->d_name) < 0 || lstat(folder, &info) < 0 ||
            !S_ISDIR(info.st_mode) || info.st_uid != geteuid())
            continue;
        lock = take_lock(folder, 0);
        if (lock >= 0 || (lock == -ENOENT && time(NULL) - info.st_mtime > 60))
            scratch_remove(folder);
        else
            alive++;
    }
    return alive;
}

int scratch_make(const char *root, const char *run_id, struct scratch *ret_scratch, struct vms_error *error) {
    cleanup_free char *folder = NULL;
    unsigned others = sweep(root);
    int lock;

    if (asprintf(&folder, "%s/" SCRATCH_PREFIX "%s", root, run_id) < 0)
        return error_set(error, -ENOMEM, "out of memory");
    if (mkdir(folder, 0700) < 0)
        return error_set(error, -errno,
                         "no scratch folder can be made in %s: %s; name another place with --scratch", root,
                         strerror(errno));
    lock = take_lock(folder, O_CREAT | O_EXCL);
    if (lock < 0) {
        scratch_remove(folder);
        return error_set(error, lock, "the scratch folder %s cannot be locked: %s", folder, strerror(-lock));
    }
    *ret_scratch = (struct scratch){TAKE(folder), lock, others};
    return 0;
}

char *scratch_case(const struct scratch *scratch, unsigned id, struct vms_error *error) {
    cleanup_free char *folder = NULL;

    if (asprintf(&folder, "%s/case-%u", scratch->folder, id) < 0) {
        (void)error_set(error, -ENOMEM, "out of memory");
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
