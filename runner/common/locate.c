/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/locate.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/suggest.h"
#include "base/text.h"
#include "files/listing.h"
#include "output/terminal.h"
#include "json/document.h"

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

/* The loader of a bundle, which is what the kernel runs, lies in a folder of it. */
static bool is_bundle(const char *folder) {
    char path[PATH_MAX + 32];

    (void)snprintf(path, sizeof(path), "%s/../" LOCATE_BUNDLE_MARK, folder);
    return access(path, R_OK) == 0;
}

bool locate_in_bundle(void) {
    char folder[PATH_MAX];

    program_folder(folder);
    return is_bundle(folder);
}

char *locate_program(struct vms_error *error) {
    char folder[PATH_MAX], path[PATH_MAX] = "/proc/self/exe";
    char *program;

    program_folder(folder);
    if (is_bundle(folder) &&
        snprintf(path, sizeof(path), "%s/../" LOCATE_BUNDLE_RUN, folder) >= (int)sizeof(path))
        path[0] = '\0';
    program = realpath(path, NULL);
    if (!program)
        (void)error_set(error, -errno, "this program's own file is not found: %s", strerror(errno));
    return program;
}

/* What was passed over, and what is not what it seems: neither may be silent. */
static void report_modules(const struct module_list *list) {
    for (size_t i = 0; i < list->n_refusals; i++)
        terminal_print(stderr, "vmsuite: %s is left out: %s\n", list->refusals[i].path,
                       list->refusals[i].reason);
    for (size_t i = 0; i < list->n_modules; i++)
        if (list->modules[i].hides)
            terminal_print(stderr,
                           "vmsuite: module \"%s\" is taken from %s; VMSUITE_MODULE_PATH puts it before %s\n",
                           list->modules[i].module->name, list->modules[i].path, list->modules[i].hides);
}

int locate_modules(struct module_list *ret_list, struct vms_error *error) {
    const char *given = getenv("VMSUITE_MODULE_PATH");
    cleanup_free char *shipped = NULL;
    char folder[PATH_MAX];
    int status;

    program_folder(folder);
    if (is_bundle(folder))
        shipped = text_new("%s/../" LOCATE_BUNDLE_MODULES, folder);
    else
        shipped = text_new("%s%s", in_build_tree(folder) ? folder : VMSUITE_MODULE_FOLDER,
                           in_build_tree(folder) ? "/../modules" : "");
    if (!shipped)
        return error_memory(error);
    status = loader_list(given ? given : "", shipped, ret_list, error);
    if (status == 0)
        report_modules(ret_list);
    return status;
}

/* The folders that documents of a kind are looked for in, one after the other; the caller frees each. */
static size_t document_folders(const char *kind, char *ret_folders[static 3]) {
    const char *given = getenv("VMSUITE_DATA_PATH");
    char folder[PATH_MAX];
    size_t n = 0;

    program_folder(folder);
    if (given && *given && (ret_folders[n] = text_new("%s/%s", given, kind)))
        n++;
    if (in_build_tree(folder) && (ret_folders[n] = text_new("%s/%s", folder, kind)))
        n++;
    else if (is_bundle(folder) && (ret_folders[n] = text_new("%s/../%s", folder, kind)))
        n++;
    if ((ret_folders[n] = text_new("%s/%s", VMSUITE_DATA_FOLDER, kind)))
        n++;
    return n;
}

static bool is_listed(const struct located_list *list, const char *name, size_t length) {
    for (size_t i = 0; i < list->n_items; i++)
        if (strlen(list->items[i].name) == length && strncmp(list->items[i].name, name, length) == 0)
            return true;
    return false;
}

static void add_name(struct located_list *list, const char *folder, const char *name, size_t length) {
    struct located *grown = reallocarray(list->items, list->n_items + 1, sizeof(*grown));
    struct located item = {.name = strndup(name, length)};

    if (grown)
        list->items = grown;
    if (grown && item.name && (item.path = text_new("%s/%s.json", folder, item.name)))
        grown[list->n_items++] = item;
    else
        free(item.name);
}

/* The documents in a folder, named without their ending. */
static int add_names(struct located_list *list, const char *folder, struct vms_error *error) {
    cleanup_closedir DIR *directory = NULL;
    int status = listing_open(folder, &directory);
    const char *name;

    if (status == -ENOENT || status == -ENOTDIR)
        return 0;
    while ((name = listing_next(directory, &status))) {
        const char *ending = strstr(name, ".json");
        size_t length = ending ? (size_t)(ending - name) : 0;

        if (length > 0 && strcmp(ending, ".json") == 0 && !is_listed(list, name, length))
            add_name(list, folder, name, length);
    }
    return status < 0 ? error_unread(error, status, folder) : 0;
}

static int by_name(const void *a, const void *b) {
    return strcmp(((const struct located *)a)->name, ((const struct located *)b)->name);
}

int locate_names(const char *kind, struct located_list *ret_list, struct vms_error *error) {
    char *folders[3] = {NULL};
    size_t n_folders = document_folders(kind, folders);
    struct located_list list = {0};
    int status = 0;

    for (size_t i = 0; i < n_folders; i++) {
        if (status == 0)
            status = add_names(&list, folders[i], error);
        free(folders[i]);
    }
    if (status < 0) {
        located_list_done(&list);
        return status;
    }
    if (list.n_items > 0)
        qsort(list.items, list.n_items, sizeof(*list.items), by_name);
    *ret_list = list;
    return 0;
}

void located_list_done(struct located_list *list) {
    for (size_t i = 0; i < list->n_items; i++) {
        free(list->items[i].name);
        free(list->items[i].path);
    }
    free(list->items);
    *list = (struct located_list){0};
}

/* "suites" -> "suite", "studies" -> "study". */
static void singular(const char *kind, char ret_word[static 32]) {
    size_t length = strlen(kind);
    bool ies = length > 3 && strcmp(kind + length - 3, "ies") == 0;

    (void)snprintf(ret_word, 32, "%.*s%s", (int)(length - (ies ? 3 : 1)), kind, ies ? "y" : "");
}

/* A document of another kind that has the name, as "; it is the name of a suite", or "". */
static void name_other_kind(const char *kind, const char *name, char ret_phrase[static SUGGEST_SIZE]) {
    static const char *const kinds[] = {"configurations", "suites", "studies", "policies"};

    ret_phrase[0] = '\0';
    for (size_t i = 0; i < VMS_LENGTH(kinds) && !ret_phrase[0]; i++) {
        struct located_list list;
        char word[32];

        if (strcmp(kinds[i], kind) == 0 || locate_names(kinds[i], &list, NULL) < 0)
            continue;
        singular(kinds[i], word);
        if (is_listed(&list, name, strlen(name)))
            (void)snprintf(ret_phrase, SUGGEST_SIZE, "; it is the name of a %s", word);
        located_list_done(&list);
    }
}

static void refuse(const char *kind, const char *name, struct vms_error *error) {
    cleanup_free const char **names = NULL;
    struct located_list list = {0};
    char word[32], phrase[SUGGEST_SIZE];

    (void)locate_names(kind, &list, NULL);
    names = calloc(list.n_items + 1, sizeof(*names));
    for (size_t i = 0; names && i < list.n_items; i++)
        names[i] = list.items[i].name;
    singular(kind, word);
    name_other_kind(kind, name, phrase);
    (void)error_set(error, -ENOENT, "%s: no such file, and no %s of that name%s", name, word,
                    phrase[0] ? phrase : suggest_phrase(name, names, names ? list.n_items : 0, phrase));
    located_list_done(&list);
}

static char *find_document(char *const *folders, size_t n_folders, const char *name) {
    const char *ending = strstr(name, ".json") ? "" : ".json";

    for (size_t i = 0; i < n_folders; i++) {
        cleanup_free char *path = NULL;

        if ((path = text_new("%s/%s%s", folders[i], name, ending)) && access(path, R_OK) == 0)
            return TAKE(path);
    }
    return NULL;
}

static char *find_shipped(const char *kind, const char *name) {
    char *folders[3] = {NULL}, *found;
    size_t n_folders;

    if (strchr(name, '/'))
        return NULL;
    n_folders = document_folders(kind, folders);
    found = find_document(folders, n_folders, name);
    for (size_t i = 0; i < n_folders; i++)
        free(folders[i]);
    return found;
}

/* A name is looked up before it is taken for a file: where others may make files, one of theirs may be called
 * so. Only what is written as a file's name is a file first. */
char *locate_document(const char *kind, const char *by, const char *name, struct vms_error *error) {
    bool is_file_name = strstr(name, ".json");
    char *found = is_file_name ? NULL : find_shipped(kind, name);

    if (!found && by)
        found = document_beside(by, name);
    if (!found && access(name, F_OK) == 0)
        found = strdup(name);
    if (!found && is_file_name)
        found = find_shipped(kind, name);
    if (!found)
        refuse(kind, name, error);
    return found;
}

char *locate_helper(const char *name, struct vms_error *error) {
    cleanup_free char *path = NULL;
    char folder[PATH_MAX];

    program_folder(folder);
    path = text_new("%s%s/%s", in_build_tree(folder) ? folder : "",
                    in_build_tree(folder) ? "/guest/appliance/init" : VMSUITE_HELPER_FOLDER, name);
    if (!path) {
        (void)error_memory(error);
    } else if (access(path, R_OK) < 0) {
        (void)error_set(error, -errno, "%s: %s: this installation is incomplete", path, strerror(errno));
        return NULL;
    }
    return TAKE(path);
}
