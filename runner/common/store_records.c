/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/store_records.h"

#include "base/cleanup.h"
#include "base/text.h"
#include "history/history.h"
#include "output/terminal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

/* Whether there is such a day: strptime takes the 30th of February. */
static bool is_in_calendar(const char *text, const char *format) {
    struct tm parts = {0}, same;

    if (!strptime(text, format, &parts))
        return false;
    same = parts;
    return timegm(&same) != -1 && same.tm_mday == parts.tm_mday;
}

bool store_is_time(const char *text) {
    static const char shape[] = "0000-00-00T00:00:00Z";
    size_t length = text ? strlen(text) : 0;

    for (size_t i = 0; i < length && i < sizeof(shape); i++)
        if (shape[i] == '0' ? text[i] < '0' || text[i] > '9' : text[i] != shape[i])
            return false;
    if (!text || length == strlen("0000-00-00"))
        return !text || is_in_calendar(text, "%Y-%m-%d");
    return length == strlen(shape) && is_in_calendar(text, "%Y-%m-%dT%H:%M:%SZ");
}

void store_take_label(const char *label, struct history_choice *choice) {
    const char *equals = label ? strchr(label, '=') : NULL;

    choice->label = label;
    if (!equals)
        return;
    *(char *)equals = '\0'; /* argv is ours */
    choice->value = equals + 1;
}

char *store_named(const char *file, const char *name) {
    const char *slash = strrchr(file, '/');
    struct stat info;
    bool has_folder = slash && stat(file, &info) == 0 && S_ISREG(info.st_mode);
    cleanup_free char *folder = has_folder ? strndup(file, (size_t)(slash + 1 - file)) : strdup(".");
    cleanup_free char *real = NULL;

    if (database_is_server(name) || *name == '/')
        return strdup(name);
    real = folder ? realpath(folder, NULL) : NULL;
    return real ? text_new("%s/%s", real, name) : NULL;
}

static int complain(const char *command, int status, const struct vms_error *error) {
    terminal_print(stderr, "vmsuite %s: %s\n", command, error->text);
    return (int)exit_status_of(status);
}

static int open_store(const char *command, const char *where, struct history **ret_history) {
    struct vms_error error = {""};
    int status = history_open(where, DATABASE_WRITE, ret_history, &error);

    return status == 0 ? EXIT_DONE : complain(command, status, &error);
}

int store_check(const char *command, const char *where) {
    struct history *history = NULL;
    int status = open_store(command, where, &history);

    history_close(history);
    return status;
}

/* Whether a failure is the record's, so that the next may do better. */
static bool is_of_record(int status) {
    return status == -EINVAL || status == -ENOENT || status == -EACCES || status == -EFBIG;
}

static int add(const char *command, struct history *history, char *const *paths, size_t n_paths) {
    struct vms_error error = {""};
    int status = EXIT_DONE, kept;
    size_t known = 0;

    for (size_t i = 0; i < n_paths; i++) {
        int result = history_import(history, paths[i], &error);

        known += result == 0;
        if (result >= 0)
            continue;
        status = complain(command, result, &error);
        if (!is_of_record(result))
            break;
    }
    kept = history_keep(history, &error);
    if (kept < 0)
        status = complain(command, kept, &error);
    terminal_print(stderr, "store: %zu run%s added, %zu already there\n", history_n_added(history),
                   history_n_added(history) == 1 ? "" : "s", known);
    return status;
}

int store_records(const char *command, const char *where, char *const *paths, size_t n_paths) {
    struct history *history = NULL;
    int status = open_store(command, where, &history);

    if (status == EXIT_DONE)
        status = add(command, history, paths, n_paths);
    history_close(history);
    return status;
}
