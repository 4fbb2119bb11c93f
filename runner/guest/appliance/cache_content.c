/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/appliance/cache.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "files/file.h"
#include "files/listing.h"
#include "files/tree.h"

#include <fts.h>
#include <inttypes.h>
#include <limits.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>

/* BLAKE2b: a kernel's tree of drivers has 400 MB, and SHA-256 takes three times as long. */
static void add_bytes(void *user, const unsigned char *bytes, size_t n) {
    (void)crypto_generichash_update(user, bytes, n);
}

static int by_name(const FTSENT **a, const FTSENT **b) {
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

/* A head of each entry, with its length before it: no two trees give the same bytes. */
static int add_entry(crypto_generichash_state *state, const FTSENT *entry, size_t root,
                     struct vms_error *error) {
    char target[PATH_MAX] = "", head[64];
    const char *name = entry->fts_path + root;
    ssize_t length = 0;

    if (entry->fts_info == FTS_SL && (length = readlink(entry->fts_accpath, target, sizeof(target))) < 0)
        return error_set(error, -errno, "%s cannot be read: %s", entry->fts_path, strerror(errno));
    (void)snprintf(head, sizeof(head), "%d %d %zu %zu %jd\n", entry->fts_info,
                   entry->fts_info == FTS_F && (entry->fts_statp->st_mode & S_IXUSR), strlen(name),
                   (size_t)length, entry->fts_info == FTS_F ? (intmax_t)entry->fts_statp->st_size : 0);
    (void)crypto_generichash_update(state, (const unsigned char *)head, strlen(head));
    (void)crypto_generichash_update(state, (const unsigned char *)name, strlen(name));
    (void)crypto_generichash_update(state, (const unsigned char *)target, (size_t)length);
    return entry->fts_info == FTS_F ? file_pieces(entry->fts_accpath, add_bytes, state, error) : 0;
}

static int add_tree(crypto_generichash_state *state, const char *folder, struct vms_error *error) {
    char *roots[] = {(char *)folder, NULL};
    FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
    FTSENT *entry;
    int status = walk ? 0 : error_unread(error, -errno, folder);

    while (status == 0 && (entry = fts_read(walk))) {
        if (entry->fts_info == FTS_DP)
            continue;
        if (entry->fts_info == FTS_D || entry->fts_info == FTS_F || entry->fts_info == FTS_SL)
            status = add_entry(state, entry, strlen(folder), error);
        else
            status = error_set(error, -EINVAL, "%s is not a file, a link or a folder that can be read",
                               entry->fts_path);
    }
    if (status == 0 && errno != 0)
        status = error_unread(error, -errno, folder);
    if (walk)
        (void)fts_close(walk);
    return status;
}

int cache_digits(const char *path, char ret_digits[static CACHE_DIGITS_SIZE], struct vms_error *error) {
    unsigned char digest[CACHE_DIGITS_SIZE / 2];
    crypto_generichash_state state;
    struct stat info;
    int status;

    if (lstat(path, &info) < 0)
        return error_set(error, -errno, "%s: %s", path, strerror(errno));
    (void)crypto_generichash_init(&state, NULL, 0, sizeof(digest));
    if (S_ISREG(info.st_mode))
        status = file_pieces(path, add_bytes, &state, error);
    else
        status = add_tree(&state, path, error);
    if (status < 0)
        return status;
    (void)crypto_generichash_final(&state, digest, sizeof(digest));
    (void)sodium_bin2hex(ret_digits, CACHE_DIGITS_SIZE, digest, sizeof(digest));
    return 0;
}

/* Kept for the program's life: what it has found whole. */
static char **whole;
static size_t n_whole;

static void remember(const char *path) {
    char **grown = reallocarray(whole, n_whole + 1, sizeof(*grown));

    if (!grown)
        return;
    whole = grown;
    whole[n_whole] = strdup(path);
    n_whole += whole[n_whole] != NULL;
}

static bool is_whole(const char *path, const char *digits) {
    char found[CACHE_DIGITS_SIZE];

    for (size_t i = 0; i < n_whole; i++)
        if (strcmp(whole[i], path) == 0)
            return true;
    if (cache_digits(path, found, NULL) < 0 || strcmp(found, digits) != 0)
        return false;
    remember(path);
    return true;
}

char *cache_find(const char *folder, const char *name) {
    cleanup_closedir DIR *directory = NULL;
    int status = listing_open(folder, &directory);
    size_t length = strlen(name);
    const char *entry;

    while ((entry = listing_next(directory, &status))) {
        cleanup_free char *path = NULL;

        if (strncmp(entry, name, length) == 0 && entry[length] == '-' &&
            (path = text_new("%s/%s", folder, entry)) && is_whole(path, entry + length + 1))
            return TAKE(path);
    }
    return NULL;
}

int cache_keep(const char *draft, const char *folder, const char *name, char **ret_path,
               struct vms_error *error) {
    char digits[CACHE_DIGITS_SIZE];
    cleanup_free char *path = NULL;
    cleanup_close int hold = -1;
    int status = cache_digits(draft, digits, error);

    if (status < 0)
        return status;
    path = text_new("%s/%s-%s", folder, name, digits);
    if (!path)
        return error_memory(error);
    hold = cache_hold(folder);
    (void)hold; /* until we return */
    if (!is_whole(path, digits))
        (void)tree_remove(path);
    status = cache_settle(draft, path, error);
    if (status == 0)
        *ret_path = TAKE(path);
    return status;
}
