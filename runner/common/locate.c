/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/locate.h"

#include "base/cleanup.h"
#include "base/suggest.h"

#include <limits.h>
#include <string.h>

/* The folder that this program lies in, or "". */
static void program_folder(char ret_folder[static PATH_MAX]) {
    ssize_t length = readlink("/proc/self/exe", ret_folder, PATH_MAX - 1);

    ret_folder[length > 0 ? length : 0] = '\0';
    *strrchr(length > 0 ? ret_folder : strcpy(ret_folder, "/"), '/') = '\0';
}

/* True where the program runs from its build tree, which holds copies of the configurations beside it. */
static bool in_build_tree(const char *folder) {
    char path[PATH_MAX + 32];

    (void)snprintf(path, sizeof(path), "%s/configurations/here.json", folder);
    return access(path, R_OK) == 0;
}

int locate_modules(struct module_list *ret_list, struct vms_error *error) {
    const char *given = getenv("VMSUITE_MODULE_PATH");
    cleanup_free char *path = NULL;
    char folder[PATH_MAX];
    int status;

    program_folder(folder);
    if (asprintf(&path, "%s%s%s%s", given ? given : "", given && *given ? ":" : "",
                 in_build_tree(folder) ? folder : VMSUITE_MODULE_FOLDER,
                 in_build_tree(folder) ? "/../modules" : "") < 0)
        return error_memory(error);
    status = loader_list(path, ret_list, error);
    for (size_t i = 0; status == 0 && i < ret_list->n_refusals; i++)
        fprintf(stderr, "vmsuite: module %s is left out: %s\n", ret_list->refusals[i].path,
                ret_list->refusals[i].reason);
    return status;
}

/* The folders that documents of a kind are looked for in, one after the other; the caller frees each. */
static size_t document_folders(const char *kind, char *ret_folders[static 3]) {
    const char *given = getenv("VMSUITE_DATA_PATH");
    char folder[PATH_MAX];
    size_t n = 0;

    program_folder(folder);
    if (given && *given && asprintf(&ret_folders[n], "%s/%s", given, kind) >= 0)
        n++;
    if (in_build_tree(folder) && asprintf(&ret_folders[n], "%s/%s", folder, kind) >= 0)
        n++;
    if (asprintf(&ret_folders[n], "%s/%s", VMSUITE_DATA_FOLDER, kind) >= 0)
        n++;
    return n;
}

struct names {
    char **names; /* owned */
    size_t n_names;
};

static void add_name(struct names *names, const char *name, size_t length) {
    char **grown = reallocarray(names->names, names->n_names + 1, sizeof(*grown));

    if (!grown)
        return;
    names->names = grown;
    grown[names->n_names] = strndup(name, length);
    names->n_names += grown[names->n_names] != NULL;
}

/* The names of the documents in a folder, without their ending. */
static void add_names(struct names *names, const char *folder) {
    cleanup_closedir DIR *directory = opendir(folder);
    struct dirent *entry;

    while (directory && (entry = readdir(directory))) {
        const char *ending = strstr(entry->d_name, ".json");

        if (ending && ending > entry->d_name && strcmp(ending, ".json") == 0)
            add_name(names, entry->d_name, (size_t)(ending - entry->d_name));
    }
}

/* "suites" -> "suite", "studies" -> "study". */
static void singular(const char *kind, char ret_word[static 32]) {
    size_t length = strlen(kind);
    bool ies = length > 3 && strcmp(kind + length - 3, "ies") == 0;

    (void)snprintf(ret_word, 32, "%.*s%s", (int)(length - (ies ? 3 : 1)), kind, ies ? "y" : "");
}

static void refuse(const char *kind, const char *name, char *const *folders, size_t n_folders,
                   struct vms_error *error) {
    struct names names = {0};
    const char *nearest;
    char word[32];

    for (size_t i = 0; i < n_folders; i++)
        add_names(&names, folders[i]);
    nearest = suggest_nearest(name, (const char *const *)names.names, names.n_names);
    singular(kind, word);
    (void)error_set(error, -ENOENT, "%s: no such file, and no %s of that name%s%s%s", name, word,
                    nearest ? "; did you mean \"" : "", nearest ? nearest : "", nearest ? "\"?" : "");
    for (size_t i = 0; i < names.n_names; i++)
        free(names.names[i]);
    free(names.names);
}

static char *find_document(char *const *folders, size_t n_folders, const char *name) {
    const char *ending = strstr(name, ".json") ? "" : ".json";

    for (size_t i = 0; i < n_folders; i++) {
        cleanup_free char *path = NULL;

        if (asprintf(&path, "%s/%s%s", folders[i], name, ending) >= 0 && access(path, R_OK) == 0)
            return TAKE(path);
    }
    return NULL;
}

char *locate_document(const char *kind, const char *name, struct vms_error *error) {
    char *folders[3] = {NULL}, *found = NULL;
    size_t n_folders;

    if (access(name, F_OK) == 0)
        return strdup(name);
    n_folders = document_folders(kind, folders);
    if (!strchr(name, '/'))
        found = find_document(folders, n_folders, name);
    if (!found)
        refuse(kind, name, folders, n_folders, error);
    for (size_t i = 0; i < n_folders; i++)
        free(folders[i]);
    return found;
}

char *locate_helper(const char *name, struct vms_error *error) {
    cleanup_free char *path = NULL;
    char folder[PATH_MAX];

    program_folder(folder);
    if (asprintf(&path, "%s%s/%s", in_build_tree(folder) ? folder : "",
                 in_build_tree(folder) ? "/guest/appliance/init" : VMSUITE_HELPER_FOLDER, name) < 0) {
        path = NULL;
        (void)error_memory(error);
    } else if (access(path, R_OK) < 0) {
        (void)error_set(error, -errno, "%s: %s: this installation is not whole", path, strerror(errno));
        return NULL;
    }
    return TAKE(path);
}
