/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "study/folder.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "files/private.h"
#include "output/output.h"
#include "output/way.h"
#include "record/file/store.h"
#include "record/write/journal.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

/* Where studies go unless --output says otherwise. */
#define STUDIES "vmsuite-study"

char *folder_name(const char *output, const char *name, struct vms_error *error) {
    time_t now = time(NULL);
    char moment[32], *folder;
    struct tm parts;

    (void)strftime(moment, sizeof(moment), "%Y%m%dT%H%M%SZ", gmtime_r(&now, &parts));
    if (output)
        folder = strdup(output);
    else
        folder = text_new(STUDIES "/%s-%s", name, moment);
    if (!folder)
        (void)error_memory(error);
    return folder;
}

static char *document_path(const char *folder, struct vms_error *error) {
    char *path = text_new("%s/study.json", folder);

    if (path)
        return path;
    (void)error_memory(error);
    return NULL;
}

/* Whoever may move what is in a folder above may do so between two looks. People who share a project's folder
 * may be careless of each other, but root may not. */
static int check_above(const char *folder, struct vms_error *error) {
    static const struct private_words words = {"what the study there says would be done with root's rights",
                                               "copy it to a folder of your own"};
    cleanup_free char *real = geteuid() == 0 ? realpath(folder, NULL) : NULL;

    return real ? private_check_above(real, &words, error) : 0;
}

/* What it says is done again with our rights. */
static int check_trusted(const char *path, struct vms_error *error) {
    const char *name;
    cleanup_close int folder = way_open_above(path, &name, error);
    struct stat info;

    if (folder == -EACCES && *error->text)
        return folder;
    if (folder < 0 || fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW) < 0)
        return error_set(error, folder < 0 ? folder : -errno, "%s: %s: there is no study to continue", path,
                         strerror(folder < 0 ? -folder : errno));
    if (journal_is_trusted(folder, &info))
        return 0;
    return error_set(error, -EPERM,
                     "%s is not yours: a study is continued only from a folder of its own user", path);
}

char *folder_document(const char *folder, struct vms_error *error) {
    cleanup_free char *path = document_path(folder, error);
    struct vms_error own = {""};

    if (path && (check_above(folder, &own) < 0 || check_trusted(path, &own) < 0)) {
        (void)error_set(error, -EPERM, "%s", own.text);
        return NULL;
    }
    return TAKE(path);
}

int folder_seed(const char *folder, uint64_t *ret_seed, struct vms_error *error) {
    cleanup_free char *path = folder_document(folder, error);
    json_auto_t *json = path ? store_read(path, error) : NULL;
    const json_t *seed = json_object_get(json, "seed");
    int status = json ? 0 : -EINVAL;

    if (json_is_integer(seed))
        *ret_seed = (uint64_t)json_integer_value(seed);
    else if (json)
        status = error_set(error, -EINVAL, "%.200s: has no \"seed\": it is not a study that was begun", path);
    return status;
}

/* What a study measures; what it is compared with may change, and where its records are kept. */
static json_t *measured(const json_t *study) {
    json_t *copy = json_deep_copy(study);

    (void)json_object_del(copy, "baseline");
    (void)json_object_del(copy, "store");
    return copy;
}

int folder_open(const char *folder, const struct study *study, bool resume, struct vms_error *error) {
    cleanup_free char *path = document_path(folder, error);
    json_auto_t *begun = NULL, *wanted = NULL;
    json_auto_t *there = NULL;
    int status = 0;

    if (!path)
        return -ENOMEM;
    if (access(path, F_OK) < 0) {
        status = output_make_folder(folder, error);
        return status < 0 ? status : store_write(path, study->json, error);
    }
    if (!resume)
        return error_set(error, -EEXIST,
                         "%.200s holds a study: continue it with --resume, or name another --output", folder);
    there = store_read(path, error);
    if (!there)
        return -EINVAL;
    begun = measured(there);
    wanted = measured(study->json);
    if (!json_equal(begun, wanted))
        status =
            error_set(error, -EINVAL,
                      "%.200s was begun with another suite, other configurations, rounds, clocks or labels: "
                      "give those, run `vmsuite study --resume --output %.200s` alone, or name another "
                      "--output",
                      path, folder);
    return status;
}
