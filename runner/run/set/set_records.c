/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "run/set/set_records.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "files/listing.h"
#include "record/read/reader.h"
#include "record/write/journal.h"
#include "run/files/run_files.h"

#include <fnmatch.h>
#include <string.h>

/* What no set member is need not be a record at all. */
static bool is_of_set(const char *path, const char *set_id, const char *baseline, bool *ret_is_baseline) {
    struct reader *reader = NULL;
    const char *id;
    bool is_member = false;

    if (reader_open(path, &reader, NULL) < 0)
        return false;
    id = json_string_value(json_object_get(json_object_get(reader_document(reader), "run_set"), "id"));
    if (id && strcmp(id, set_id) == 0) {
        is_member = true;
        *ret_is_baseline = strcmp(reader_head(reader)->configuration, baseline) == 0;
    }
    reader_close(reader);
    return is_member;
}

/* Takes the path over. */
static int add(struct set_records *records, char *path, bool is_baseline) {
    char **grown = reallocarray(records->paths, records->n_paths + 1, sizeof(*grown));

    if (!grown) {
        free(path);
        return -ENOMEM;
    }
    records->paths = grown;
    grown[records->n_paths++] = path;
    if (is_baseline) {
        grown[records->n_paths - 1] = grown[records->n_baseline];
        grown[records->n_baseline++] = path;
    }
    return 0;
}

int set_records_find(const char *folder, const char *set_id, const char *baseline,
                     struct set_records *records, struct vms_error *error) {
    cleanup_closedir DIR *directory = NULL;
    int status = listing_open(folder, &directory);
    const char *name;

    while ((name = listing_next(directory, &status))) {
        cleanup_free char *path = NULL;
        bool is_baseline = false;

        if (fnmatch("*" RUN_FILES_RECORD_ENDING, name, FNM_EXTMATCH) != 0 ||
            !journal_is_trusted_at(dirfd(directory), name))
            continue;
        if (!(path = text_new("%s/%s", folder, name)))
            return error_memory(error);
        if (is_of_set(path, set_id, baseline, &is_baseline))
            status = add(records, TAKE(path), is_baseline);
    }
    return status < 0 ? error_unread(error, status, folder) : 0;
}

void set_records_done(struct set_records *records) {
    for (size_t i = 0; i < records->n_paths; i++)
        free(records->paths[i]);
    free(records->paths);
    *records = (struct set_records){0};
}
