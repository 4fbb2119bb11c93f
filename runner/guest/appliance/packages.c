/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/appliance/packages.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/tree.h"
#include "guest/appliance/cache.h"
#include "guest/tools/tool.h"

#include <glob.h>
#include <string.h>

#define FETCH_DEADLINE_S 300
#define UNPACK_DEADLINE_S 120

char *packages_meant(const char *name, struct vms_error *error) {
    const char *argv[] = {"apt-cache", "depends", "--important", name, NULL};
    static const char key[] = "Depends: ";
    cleanup_free char *text = NULL;
    const char *found;

    if (tool_run(&(struct tool){.argv = argv, .deadline_s = 30}, &text, error) < 0)
        return NULL;
    found = strstr(text, key);
    if (found)
        return strndup(found + strlen(key), strcspn(found + strlen(key), " \n"));
    (void)error_set(error, -ENOENT, "the package %s has changed: it depends on no other", name);
    return NULL;
}

/* The one package file in the folder. */
static char *fetched(const char *folder) {
    cleanup_free char *pattern = NULL;
    char *path = NULL;
    glob_t found;

    if (asprintf(&pattern, "%s/*.deb", folder) < 0)
        return NULL;
    if (glob(pattern, 0, NULL, &found) == 0)
        path = strdup(found.gl_pathv[0]);
    globfree(&found);
    return path;
}

/* Fetches into `draft`, unpacks under the package's checksum, and leaves a link of the package's name. */
static int fetch(const char *name, const char *cache, const char *draft, const char *link,
                 struct vms_error *error) {
    const char *fetch_argv[] = {"apt-get", "-q", "download", name, NULL};
    cleanup_free char *file = NULL, *tree = NULL, *target = NULL, *kept = NULL;
    char hash[CACHE_HASH_SIZE];
    int status = tool_run(&(struct tool){.argv = fetch_argv, .folder = draft, .deadline_s = FETCH_DEADLINE_S},
                          NULL, error);

    if (status < 0)
        return status;
    file = fetched(draft);
    if (!file || asprintf(&tree, "%s/tree", draft) < 0)
        return error_set(error, -ENOENT, "apt-get fetched no package file for %s", name);
    status = tool_run(&(struct tool){.argv = (const char *[]){"dpkg", "-x", file, tree, NULL},
                                     .deadline_s = UNPACK_DEADLINE_S},
                      NULL, error);
    if (status == 0)
        status = cache_hash((const char *const *)&file, 1, hash, error);
    if (status < 0)
        return status;
    if (asprintf(&target, "%s-%.16s", name, hash) < 0 || asprintf(&kept, "%s/%s", cache, target) < 0)
        return error_memory(error);
    status = cache_settle(tree, kept, error);
    if (status == 0 && symlink(target, link) < 0 && errno != EEXIST)
        status = error_set(error, -errno, "%s cannot be made: %s", link, strerror(errno));
    return status;
}

char *packages_unpack(const char *name, struct vms_error *error) {
    cleanup_free char *cache = cache_folder("packages", error);
    cleanup_free char *link = NULL, *draft = NULL;
    int status;

    if (!cache)
        return NULL;
    if (asprintf(&link, "%s/%s", cache, name) < 0) {
        link = NULL;
        (void)error_memory(error);
        return NULL;
    }
    if (access(link, X_OK) == 0)
        return TAKE(link);
    draft = cache_draft(cache, error);
    if (!draft)
        return NULL;
    fprintf(stderr, "fetching the package %s\n", name);
    status = fetch(name, cache, draft, link, error);
    (void)tree_remove(draft);
    return status < 0 ? NULL : TAKE(link);
}
