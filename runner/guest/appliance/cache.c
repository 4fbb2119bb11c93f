/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/appliance/cache.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/output.h"
#include "base/tree.h"

#include <sodium.h>
#include <string.h>

char *cache_folder(const char *kind, struct vms_error *error) {
    const char *given = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    bool own = given && *given == '/';
    cleanup_free char *path = NULL;

    if (!own && (!home || !*home)) {
        (void)error_set(error, -ENOENT, "neither XDG_CACHE_HOME nor HOME names a folder to cache in");
        return NULL;
    }
    if (asprintf(&path, "%s%s/vmsuite/%s", own ? given : home, own ? "" : "/.cache", kind) < 0) {
        path = NULL;
        (void)error_memory(error);
        return NULL;
    }
    return output_make_folder(path, error) < 0 ? NULL : TAKE(path);
}

char *cache_draft(const char *folder, struct vms_error *error) {
    char *path = NULL;

    if (asprintf(&path, "%s/.draft-XXXXXX", folder) < 0) {
        (void)error_memory(error);
        return NULL;
    }
    if (mkdtemp(path))
        return path;
    (void)error_set(error, -errno, "%s cannot be made: %s", path, strerror(errno));
    free(path);
    return NULL;
}

int cache_settle(const char *draft, const char *path, struct vms_error *error) {
    int status = 0;

    if (rename(draft, path) == 0)
        return 0;
    if (errno != EEXIST && errno != ENOTEMPTY)
        status = error_set(error, -errno, "%s cannot be made: %s", path, strerror(errno));
    (void)tree_remove(draft);
    return status;
}

int cache_hash(const char *const *files, size_t n_files, char ret_hash[static CACHE_HASH_SIZE],
               struct vms_error *error) {
    unsigned char digest[crypto_hash_sha256_BYTES], block[65536];
    crypto_hash_sha256_state state;

    (void)crypto_hash_sha256_init(&state);
    for (size_t i = 0; i < n_files; i++) {
        cleanup_fclose FILE *file = fopen(files[i], "re");
        size_t count;

        if (!file)
            return error_set(error, -errno, "%s cannot be read: %s", files[i], strerror(errno));
        while ((count = fread(block, 1, sizeof(block), file)) > 0)
            (void)crypto_hash_sha256_update(&state, block, count);
        if (ferror(file))
            return error_set(error, -EIO, "%s cannot be read", files[i]);
    }
    (void)crypto_hash_sha256_final(&state, digest);
    (void)sodium_bin2hex(ret_hash, CACHE_HASH_SIZE, digest, sizeof(digest));
    return 0;
}
