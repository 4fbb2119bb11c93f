/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "study/records.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "files/listing.h"
#include "record/file/store.h"
#include "record/read/reader.h"
#include "record/read/record_check.h"
#include "record/write/journal.h"

#include <errno.h>
#include <fnmatch.h>
#include <string.h>

static void count(void *context, const char *path, const char *sentence) {
    (void)path;
    (void)sentence;
    (*(size_t *)context)++;
}

/* What is recorded of a place is its configuration, and which place that was. */
static bool is_given(json_t *given, const struct study_entry *entry, enum study_clock clock) {
    const json_t *wanted = entry->configurations[clock].json;
    const char *place = json_string_value(json_object_get(given, "place"));
    json_auto_t *rest = NULL;

    if (!entry->place.kind)
        return json_equal(given, wanted);
    rest = json_copy(given);
    (void)json_object_del(rest, "place");
    return place && strcmp(place, entry->place.text) == 0 && json_equal(rest, wanted);
}

static bool is_record_of(const char *path, const struct study_entry *entry, enum study_clock clock) {
    json_auto_t *record = store_read(path, NULL);
    const char *status = json_string_value(json_object_get(record, "status"));
    size_t n_wrong = 0;
    bool right = status && strcmp(status, outcome_status_name(OUTCOME_INTERRUPTED)) != 0 &&
                 is_given(json_object_get(record, "configuration_given"), entry, clock);

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

/* Whether another user has put the folder there, before there was a study. */
static bool is_planted(int folder) {
    struct stat own, above;

    return fstat(folder, &own) == 0 && fstatat(folder, "..", &above, 0) == 0 && own.st_uid != geteuid() &&
           own.st_uid != 0 && own.st_uid != above.st_uid;
}

static int compare_paths(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

int records_find(const char *folder, const struct study_entry *wanted, enum study_clock clock,
                 struct record_list *list, struct vms_error *error) {
    cleanup_closedir DIR *directory = NULL;
    int status = listing_open(folder, &directory);
    cleanup_free char *pattern = NULL;
    size_t before = list->n_paths;
    const char *name;

    /* "here" is measured under the name of what is detected. */
    if (!(pattern = text_new("%s*.json?(.zst)", strcmp(wanted->name, "here") == 0 ? "" : wanted->name)))
        return error_memory(error);
    if (status == 0 && is_planted(dirfd(directory)))
        return error_set(error, -EPERM, "%s belongs to another user: name another --output", folder);
    while ((name = listing_next(directory, &status))) {
        char *path = NULL;

        if (fnmatch(pattern, name, FNM_PERIOD | FNM_EXTMATCH) != 0 ||
            !journal_is_trusted_at(dirfd(directory), name))
            continue;
        if (!(path = text_new("%s/%s", folder, name)))
            return error_memory(error);
        if (is_record_of(path, wanted, clock))
            status = add(list, path);
        else
            free(path);
    }
    if (list->n_paths > before)
        qsort(list->paths + before, list->n_paths - before, sizeof(*list->paths), compare_paths);
    return status < 0 && status != -ENOENT ? error_unread(error, status, folder) : 0;
}

unsigned records_round(const char *path, enum outcome_status *ret_status) {
    struct reader *reader = NULL;
    unsigned round = 0;

    if (reader_open(path, &reader, NULL) == 0) {
        round = (unsigned)reader_head(reader)->run_set.run;
        if (ret_status)
            *ret_status = reader_head(reader)->status;
    }
    reader_close(reader);
    return round;
}

void records_done(struct record_list *list) {
    for (size_t i = 0; i < list->n_paths; i++)
        free(list->paths[i]);
    free(list->paths);
    *list = (struct record_list){0};
}
