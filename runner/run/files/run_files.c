/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "run/files/run_files.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/name.h"
#include "base/text.h"
#include "files/listing.h"
#include "record/read/reader.h"
#include "record/write/journal.h"
#include "record/write/record.h"
#include "run/files/run_identity.h"

#include <fnmatch.h>
#include <string.h>

#define JOURNAL_ENDING ".journal.jsonl"

static int from_base(const char *folder, const char *base, struct run_files *ret_files) {
    struct run_files files = {0};

    if (!(files.record = text_new("%s/%s.json", folder, base)))
        return -ENOMEM;
    if (!(files.journal = text_new("%s/%s" JOURNAL_ENDING, folder, base))) {
        free(files.record);
        return -ENOMEM;
    }
    *ret_files = files;
    return 0;
}

int run_files_name(const char *folder, const char *configuration, time_t started_at, const char *run_id,
                   struct run_files *ret_files) {
    cleanup_free char *base = NULL;
    char moment[32];
    struct tm parts;

    if (!name_is_safe(configuration) || !name_is_uuid(run_id))
        return -EINVAL;
    (void)strftime(moment, sizeof(moment), "%Y%m%dT%H%M%SZ", gmtime_r(&started_at, &parts));
    if (!(base = text_new("%s-%s-%.8s", configuration, moment, run_id)))
        return -ENOMEM;
    return from_base(folder, base, ret_files);
}

/* An unfinished run. */
struct candidate {
    char name[NAME_MAX + 1]; /* of its journal; "": none */
    bool is_of_set;
    double elapsed_s; /* since it began, by the clock of this boot; 0: of an earlier boot, or unknown */
};

static struct candidate look_at(const char *folder, const char *name, const struct outcome_set *set) {
    json_auto_t *header = NULL, *lines = NULL;
    struct candidate candidate = {.name = ""};
    cleanup_free char *path = NULL;
    int status;

    (void)snprintf(candidate.name, sizeof(candidate.name), "%s", name);
    path = text_new("%s/%s", folder, name);
    if (!path)
        return candidate;
    status = journal_read(path, &header, &lines, NULL);
    if (status == -EPERM || status == -ELOOP)
        *candidate.name = '\0'; /* planted */
    if (status == 0) {
        candidate.is_of_set = set->id[0] && run_identity_is_of_set(header, set);
        candidate.elapsed_s = run_identity_elapsed(header);
    }
    return candidate;
}

static bool is_newer(const struct candidate *a, const struct candidate *b) {
    if (!*b->name || a->is_of_set != b->is_of_set)
        return !*b->name || a->is_of_set;
    if (a->elapsed_s > 0 && b->elapsed_s > 0)
        return a->elapsed_s < b->elapsed_s;
    if (a->elapsed_s > 0 || b->elapsed_s > 0)
        return a->elapsed_s > 0;
    return strcmp(a->name, b->name) > 0;
}

int run_files_find(const char *folder, const char *configuration, const struct outcome_set *set,
                   struct run_files *ret_files, struct vms_error *error) {
    cleanup_closedir DIR *directory = NULL;
    int status = listing_open(folder, &directory);
    struct candidate newest = {.name = ""};
    cleanup_free char *pattern = NULL;
    const char *name;

    if (!(pattern = text_new("%s-[0-9]*Z-????????" JOURNAL_ENDING, configuration)))
        return error_memory(error);
    while ((name = listing_next(directory, &status))) {
        struct candidate candidate;

        if (fnmatch(pattern, name, 0) != 0)
            continue;
        candidate = look_at(folder, name, set);
        if (*candidate.name && is_newer(&candidate, &newest))
            newest = candidate;
    }
    if (status < 0 && status != -ENOENT)
        return error_unread(error, status, folder);
    if (!*newest.name)
        return error_set(error, -ENOENT,
                         "there is nothing to resume: %s holds no journal of an unfinished run of \"%s\"",
                         folder, configuration);
    newest.name[strlen(newest.name) - strlen(JOURNAL_ENDING)] = '\0';
    return from_base(folder, newest.name, ret_files);
}

static bool is_of_set(const char *path, const json_t *given, const struct outcome_set *set) {
    json_auto_t *wanted = record_set(set);
    struct reader *reader = NULL;
    bool same = wanted && reader_open(path, &reader, NULL) == 0 &&
                json_equal(json_object_get(reader_document(reader), "run_set"), wanted) &&
                json_equal(json_object_get(reader_document(reader), "configuration_given"), given) &&
                strcmp(reader_text(reader, "status"), outcome_status_name(OUTCOME_INTERRUPTED)) != 0;

    reader_close(reader);
    return same;
}

int run_files_hold(const char *folder, const char *configuration, const json_t *given,
                   const struct outcome_set *set, struct vms_error *error) {
    cleanup_closedir DIR *directory = NULL;
    int status = listing_open(folder, &directory);
    cleanup_free char *pattern = NULL;
    const char *name;

    if (!(pattern = text_new("%s" RUN_FILES_RECORD_ENDING, configuration)))
        return error_memory(error);
    while ((name = listing_next(directory, &status))) {
        cleanup_free char *path = NULL;

        if (fnmatch(pattern, name, FNM_EXTMATCH) == 0 && journal_is_trusted_at(dirfd(directory), name) &&
            (path = text_new("%s/%s", folder, name)))
            status = is_of_set(path, given, set);
    }
    return status < 0 ? error_unread(error, status, folder) : status;
}

int run_files_pack(struct run_files *files) {
    char *packed = text_new("%s.zst", files->record);

    if (!packed)
        return -ENOMEM;
    free(files->record);
    files->record = packed;
    return 0;
}

void run_files_done(struct run_files *files) {
    free(files->record);
    free(files->journal);
    *files = (struct run_files){0};
}
