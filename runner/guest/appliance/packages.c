/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/appliance/packages.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "guest/appliance/cache.h"
#include "guest/tools/files.h"
#include "guest/tools/tool.h"
#include "output/terminal.h"

#include <stdlib.h>
#include <string.h>

#define LOOK_UP_DEADLINE_S 300 /* apt reads all lists, beside whatever else the machine does */
#define FETCH_DEADLINE_S 300
#define UNPACK_DEADLINE_S 120

/* What apt says that a package depends on: it takes a second, which a study had at each boot. What was asked
 * last is kept. NULL with a sentence. */
static const char *dependencies(const char *name, struct vms_error *error) {
    static char *asked, *answer; /* owned until the program ends */
    const char *argv[] = {"apt-cache", "depends", "--important", name, NULL};

    if (asked && strcmp(asked, name) == 0)
        return answer;
    free(asked);
    free(answer);
    asked = answer = NULL;
    if (tool_run(&(struct tool){.argv = argv, .deadline_s = LOOK_UP_DEADLINE_S}, &answer, error) < 0)
        return NULL;
    asked = strdup(name);
    return answer;
}

char *packages_needed(const char *name, const char *beginning, struct vms_error *error) {
    static const char key[] = "Depends: ";
    const char *text = dependencies(name, error);

    if (!text)
        return NULL;
    for (const char *at = text; (at = strstr(at, key));) {
        at += strlen(key);
        if (strncmp(at, beginning, strlen(beginning)) == 0)
            return strndup(at, strcspn(at, " \n"));
    }
    (void)error_set(error, -ENOENT, "the package %s has changed: it depends on no package %s...", name,
                    beginning);
    return NULL;
}

/* Fetches into `draft`, where apt checks the file against the signed lists, and unpacks it there. */
static int fetch(const char *name, const char *cache, const char *draft, struct vms_error *error) {
    const char *fetch_argv[] = {"apt-get", "-q", "download", name, NULL};
    cleanup_free char *file = NULL, *tree = NULL, *kept = NULL;
    int status = tool_run(&(struct tool){.argv = fetch_argv, .folder = draft, .deadline_s = FETCH_DEADLINE_S},
                          NULL, error);

    if (status < 0)
        return status;
    file = files_find(draft, "", ".deb");
    if (!file || !(tree = text_new("%s/tree", draft)))
        return error_set(error, -ENOENT, "apt-get fetched no package file for %s", name);
    status = tool_run(&(struct tool){.argv = (const char *[]){"dpkg", "-x", file, tree, NULL},
                                     .deadline_s = UNPACK_DEADLINE_S},
                      NULL, error);
    return status == 0 ? cache_keep(tree, cache, name, &kept, error) : status;
}

char *packages_unpack(const char *name, struct vms_error *error) {
    cleanup_free char *cache = cache_folder("packages", error), *kept = NULL;
    struct cache_draft draft;
    int status;

    if (!cache)
        return NULL;
    kept = cache_find(cache, name);
    if (kept)
        return TAKE(kept);
    if (cache_draft_make(cache, &draft, error) < 0)
        return NULL;
    terminal_print(stderr, "fetching the package %s\n", name);
    status = fetch(name, cache, draft.folder, error);
    cache_draft_done(&draft);
    return status < 0 ? NULL : cache_find(cache, name);
}
