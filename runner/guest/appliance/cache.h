/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The folder that fetched packages and built appliances are kept in. */
#ifndef VMSUITE_RUNNER_GUEST_APPLIANCE_CACHE_H
#define VMSUITE_RUNNER_GUEST_APPLIANCE_CACHE_H

#include <vmsuite/module.h>

#define CACHE_HASH_SIZE 65

/* $XDG_CACHE_HOME/vmsuite/KIND, else ~/.cache/vmsuite/KIND; made where it is missing. The caller frees; NULL
 * with a sentence. */
char *cache_folder(const char *kind, struct vms_error *error);

/* A new folder in `folder`, for something that gets its name when it is whole. The caller frees; NULL with a
 * sentence. */
char *cache_draft(const char *folder, struct vms_error *error);

/* Gives a draft its name. Where that is taken (another run was faster), the draft is removed: 0, too. */
int cache_settle(const char *draft, const char *path, struct vms_error *error);

/* SHA-256 of files' contents, one after the other, as hexadecimal digits. */
int cache_hash(const char *const *files, size_t n_files, char ret_hash[static CACHE_HASH_SIZE],
               struct vms_error *error);

#endif
