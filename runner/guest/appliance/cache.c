/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/appliance/cache.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "files/file.h"
#include "files/private.h"
#include "files/tree.h"
#include "output/output.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

static const struct private_words foreign = {"what is cached there is not used",
                                             "set XDG_CACHE_HOME to a folder of your own"};

/* BASE/vmsuite/KIND, each made private where it is missing. The caller frees; NULL with a sentence. */
static char *make_folder(const char *base, const char *kind, struct vms_error *error) {
    cleanup_free char *path = NULL;
    const char *parts[] = {"vmsuite", kind};

    for (size_t i = 0; i < VMS_LENGTH(parts); i++) {
        char *longer = text_new("%s/%s", path ? path : base, parts[i]);

        if (!longer) {
            (void)error_memory(error);
            return NULL;
        }
        free(path);
        path = longer;
        if (mkdir(path, 0700) < 0 && errno != EEXIST) {
            (void)error_set(error, -errno, "%s cannot be made: %s", path, strerror(errno));
            return NULL;
        }
        if (private_check_folder(path, &foreign, error) < 0)
            return NULL;
    }
    return TAKE(path);
}

/* Before anything is made there: what is there of the path already. */
static int check_base(const char *base, struct vms_error *error) {
    cleanup_free char *path = strdup(base), *real = NULL;
    char *slash;

    if (!path)
        return error_memory(error);
    while (access(path, F_OK) < 0 && (slash = strrchr(path, '/')) && slash > path)
        *slash = '\0';
    real = realpath(path, NULL);
    if (!real)
        return error_set(error, -errno, "%s: %s", path, strerror(errno));
    return private_check_above(real, &foreign, error);
}

char *cache_folder(const char *kind, struct vms_error *error) {
    const char *given = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    bool own = given && *given == '/';
    cleanup_free char *base = NULL, *real = NULL;

    if (!own && (!home || !*home)) {
        (void)error_set(error, -ENOENT,
                        "neither XDG_CACHE_HOME nor HOME names a folder to cache in; set one of them");
        return NULL;
    }
    base = text_new("%s%s", own ? given : home, own ? "" : "/.cache");
    if (!base) {
        (void)error_memory(error);
        return NULL;
    }
    if (check_base(base, error) < 0 || output_make_folder(base, error) < 0)
        return NULL;
    real = realpath(base, NULL);
    if (!real) {
        (void)error_set(error, -errno, "%s: %s", base, strerror(errno));
        return NULL;
    }
    return private_check_above(real, &foreign, error) < 0 ? NULL : make_folder(real, kind, error);
}

static bool says_no_locks(int status) {
    return status == -ENOLCK || status == -ENOSYS || status == -EOPNOTSUPP;
}

int cache_draft_make(const char *folder, struct cache_draft *ret_draft, struct vms_error *error) {
    struct cache_draft draft = {.folder = NULL};
    struct vms_error reason;
    int status = scratch_make(folder, ".draft-", &draft.scratch, &reason);

    if (status == 0)
        draft.folder = scratch_case(&draft.scratch, 0, error);
    else if (says_no_locks(status))
        draft.folder = private_folder(folder, ".unlocked-draft-", error);
    else
        return error_set(error, status, "nothing can be made in %s: %s; set XDG_CACHE_HOME to another folder",
                         folder, strerror(-status));
    if (!draft.folder) {
        cache_draft_done(&draft);
        return -EIO;
    }
    *ret_draft = draft;
    return 0;
}

void cache_draft_done(struct cache_draft *draft) {
    if (draft->folder)
        (void)tree_remove(draft->folder);
    scratch_done(&draft->scratch);
    free(draft->folder);
    *draft = (struct cache_draft){.folder = NULL};
}

int cache_hold(const char *folder) {
    cleanup_close int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    return fd < 0 || flock(fd, LOCK_EX) < 0 ? -errno : TAKE_FD(fd);
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

static void add_bytes(void *user, const unsigned char *bytes, size_t n) {
    (void)crypto_hash_sha256_update(user, bytes, n);
}

int cache_hash(const char *const *files, size_t n_files, char ret_hash[static CACHE_HASH_SIZE],
               struct vms_error *error) {
    unsigned char digest[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_state state;

    (void)crypto_hash_sha256_init(&state);
    for (size_t i = 0; i < n_files; i++)
        if (file_pieces(files[i], add_bytes, &state, error) < 0)
            return -EIO;
    (void)crypto_hash_sha256_final(&state, digest);
    (void)sodium_bin2hex(ret_hash, CACHE_HASH_SIZE, digest, sizeof(digest));
    return 0;
}
