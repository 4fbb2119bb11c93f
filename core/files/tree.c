/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "files/tree.h"

#include "base/cleanup.h"
#include "files/listing.h"

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

/* One removal. */
struct removal {
    int top;           /* the folder that is emptied */
    struct statx from; /* its file system */
    const char *keep;  /* a name in it that stays, or NULL */
    unsigned lifted;   /* names given so far */
    int status;        /* the first failure */
};

int tree_open(int parent, const char *name) {
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);

    return fd >= 0 ? fd : errno == ELOOP ? -ENOTDIR : -errno;
}

static int look(int fd, struct statx *ret_about) {
    return statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_MNT_ID, ret_about) < 0 ? -errno : 0;
}

/* Two mounts of one file system differ by their ids alone, which Linux gives since 5.8. */
static bool is_same_mount(const struct statx *a, const struct statx *b) {
    bool have_ids = a->stx_mask & b->stx_mask & STATX_MNT_ID;

    return a->stx_dev_major == b->stx_dev_major && a->stx_dev_minor == b->stx_dev_minor &&
           (!have_ids || a->stx_mnt_id == b->stx_mnt_id);
}

static void fail(struct removal *removal, int status) {
    if (removal->status == 0)
        removal->status = status;
}

/* Removes a file, a link or an empty folder. */
static int remove_small(int folder, const char *name) {
    int status;

    if (unlinkat(folder, name, 0) == 0 || errno == ENOENT)
        return 0;
    status = -errno; /* -EISDIR for a folder; POSIX has -EPERM */
    if (unlinkat(folder, name, AT_REMOVEDIR) == 0)
        return 0;
    return errno == ENOTDIR ? status : -errno;
}

/* Even its owner can neither empty nor move a folder of mode 0500. */
static void make_writable(int folder, const struct statx *about) {
    if ((about->stx_mode & S_IRWXU) != S_IRWXU)
        (void)fchmod(folder, S_IRWXU);
}

static void make_movable(const struct removal *removal, int parent, const char *name) {
    cleanup_close int folder = tree_open(parent, name);
    struct statx about;

    if (folder >= 0 && look(folder, &about) == 0 && is_same_mount(&about, &removal->from))
        make_writable(folder, &about);
}

/* A folder in a folder below the top: moved up, to be emptied in its turn. */
static bool lift(struct removal *removal, int folder, const char *name) {
    char lifted[32];

    make_movable(removal, folder, name);
    do {
        (void)snprintf(lifted, sizeof(lifted), ".remove-%u", removal->lifted++);
        if (renameat(folder, name, removal->top, lifted) == 0)
            return true;
    } while ((errno == EEXIST || errno == ENOTEMPTY || errno == ENOTDIR) && removal->lifted != 0);
    return false;
}

/* Empties a folder in the top one, by lifting the folders in it. */
static bool clear(struct removal *removal, const char *name) {
    cleanup_close int folder = tree_open(removal->top, name);
    cleanup_closedir DIR *directory = NULL;
    struct statx about;
    const char *entry;
    bool moved = false;
    int status;

    if (folder < 0 || look(folder, &about) < 0 || !is_same_mount(&about, &removal->from)) {
        fail(removal, folder < 0 ? folder : -EBUSY);
        return false;
    }
    make_writable(folder, &about);
    status = listing_open_at(folder, &directory);
    while ((entry = listing_next(directory, &status)))
        moved |= remove_small(folder, entry) == 0 || lift(removal, folder, entry);
    if (status < 0)
        fail(removal, status);
    return moved;
}

/* One entry of the top folder: whether anything was done. */
static bool remove_entry(struct removal *removal, const char *name) {
    int status = remove_small(removal->top, name);
    bool moved = false;

    if (status == -ENOTEMPTY || status == -EEXIST) {
        moved = clear(removal, name);
        status = remove_small(removal->top, name);
    }
    if (status < 0 && !moved)
        fail(removal, status);
    return moved || status == 0;
}

/* Goes through the top folder once. A failure of an earlier pass counts only if it is still there. */
static bool pass(struct removal *removal) {
    cleanup_closedir DIR *directory = NULL;
    int status = listing_open_at(removal->top, &directory);
    const char *entry;
    bool moved = false;

    removal->status = 0;
    while ((entry = listing_next(directory, &status)))
        if (!removal->keep || strcmp(entry, removal->keep) != 0)
            moved |= remove_entry(removal, entry);
    if (status < 0)
        fail(removal, status);
    return moved;
}

bool tree_is_empty(int folder) {
    cleanup_closedir DIR *directory = NULL;
    int status = listing_open_at(folder, &directory);

    return !listing_next(directory, &status) && status == 0;
}

int tree_empty(int folder, const char *keep) {
    struct removal removal = {.top = folder, .keep = keep};
    int status = look(folder, &removal.from);

    if (status < 0)
        return status;
    make_writable(folder, &removal.from);
    while (pass(&removal))
        ;
    return removal.status;
}

int tree_remove_at(int parent, const char *name) {
    cleanup_close int folder = tree_open(parent, name);
    int status;

    if (folder < 0)
        return folder == -ENOENT ? 0 : folder;
    status = tree_empty(folder, NULL);
    /* Should it have been swapped meanwhile, then an empty folder goes, and nothing else can. */
    if (unlinkat(parent, name, AT_REMOVEDIR) < 0 && errno != ENOENT && status == 0)
        status = -errno;
    return status;
}

int tree_remove(const char *path) {
    return tree_remove_at(AT_FDCWD, path);
}
