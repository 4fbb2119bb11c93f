/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "study/records.h"

#include "base/cleanup.h"
#include "module/outcome.h"
#include "record/record_check.h"
#include "record/store.h"

#include <errno.h>
#include <fnmatch.h>
#include <string.h>

static void count(void *context, const char *path, const char *sentence) {
    (void)path;
    (void)sentence;
    (*(size_t *)context)++;
}

static bool is_record_of(const char *path, const struct configuration *configuration) {
    json_auto_t *record = store_read(path, NULL);
    const char *status = json_string_value(json_object_get(record, "status"));
    size_t n_wrong = 0;
    bool right = status && strcmp(status, outcome_status_name(OUTCOME_INTERRUPTED)) != 0 &&
                 json_equal(json_object_get(record, "configuration_given"), configuration->json);

    if (right)
        record_check(record, count, &n_wrong);
    return right && n_wrong == 0;
}

static int add(struct record_list *list, char *path) {
    char **grown = reallocarray(list->paths, list->n_paths + 1, sizeof(*grown));

    if (!grown) {
        free(path);
        return -ENOMEM;
    }
    list->paths = grown;
    grown[list->n_paths++] = path;
    return 0;
}

static int compare_paths(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

int records_find(const char *folder, const struct configuration *configuration, struct record_list *list) {
    cleanup_closedir DIR *directory = opendir(folder);
    cleanup_free char *pattern = NULL;
    size_t before = list->n_paths;
    struct dirent *entry;
    int status = 0;

    /* "here" is measured under the name of what is detected. */
    if (asprintf(&pattern, "%s*.json?(.zst)",
                 strcmp(configuration->name, "here") == 0 ? "" : configuration->name) < 0)
        return -ENOMEM;

    while (status == 0 && directory && (entry = readdir(directory))) {
        char *path = NULL;

        if (fnmatch(pattern, entry->d_name, FNM_PERIOD | FNM_EXTMATCH) != 0)
            continue;
        if (asprintf(&path, "%s/%s", folder, entry->d_name) < 0)
            return -ENOMEM;
        if (is_record_of(path, configuration))
            status = add(list, path);
        else
            free(path);
    }
    if (list->n_paths > before)
        qsort(list->paths + before, list->n_paths - before, sizeof(*list->paths), compare_paths);
    return status;
}

void records_done(struct record_list *list) {
    for (size_t i = 0; i < list->n_paths; i++)
        free(list->paths[i]);
    free(list->paths);
    *list = (struct record_list){0};
}
