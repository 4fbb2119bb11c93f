/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The folder that fetched packages and built appliances are kept in. */
#ifndef VMSUITE_RUNNER_GUEST_APPLIANCE_CACHE_H
#define VMSUITE_RUNNER_GUEST_APPLIANCE_CACHE_H

#include "common/scratch.h"

#include <vmsuite/module.h>

#define CACHE_HASH_SIZE 65

/* $XDG_CACHE_HOME/vmsuite/KIND, else ~/.cache/vmsuite/KIND; made where it is missing. What is in it ends up
 * in programs that root may run: it must be this user's own, and neither it nor a folder above may be one
 * that others can change. The caller frees; NULL with a sentence. */
char *cache_folder(const char *kind, struct vms_error *error);

/* A folder for something that gets its name when it is whole. What a program that was killed left is removed
 * by the next that makes one beside it. */
struct cache_draft {
    char *folder;           /* owned; NULL: there is none */
    struct scratch scratch; /* in which it is, held; where the file system has no locks, there is none */
};

/* A new one in `folder`. -errno with a sentence. */
int cache_draft_make(const char *folder, struct cache_draft *ret_draft, struct vms_error *error);

/* Removes what is left of it; takes one that was never made. */
void cache_draft_done(struct cache_draft *draft);

/* Holds off other programs that judge and replace what is in a folder of the cache, until the descriptor is
 * closed: what one of them has just given its name is not removed by another that saw nothing there. Negative
 * where the file system has no locks. */
int cache_hold(const char *folder);

/* Gives a draft its name. Where that is taken (another run was faster), the draft is removed: 0, too. */
int cache_settle(const char *draft, const char *path, struct vms_error *error);

/* SHA-256 of files' contents, one after the other, as hexadecimal digits. */
int cache_hash(const char *const *files, size_t n_files, char ret_hash[static CACHE_HASH_SIZE],
               struct vms_error *error);

/* What is kept is named after its own content, NAME-DIGITS, and checked against that name before it is used
 * (once per program). The digits of a file or of all in a folder: names, kinds, which files are executable,
 * contents. */
#define CACHE_DIGITS_SIZE 33
int cache_digits(const char *path, char ret_digits[static CACHE_DIGITS_SIZE], struct vms_error *error);

/* Gives a draft such a name in the folder; the caller frees the path. */
int cache_keep(const char *draft, const char *folder, const char *name, char **ret_path,
               struct vms_error *error);

/* The path of what is whole and called NAME-DIGITS in the folder. The caller frees; NULL: there is none. */
char *cache_find(const char *folder, const char *name);

#endif
