/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "history/history.h"

#include "base/error.h"
#include "history/import.h"
#include "history/schema.h"

#include <stdlib.h>

struct history {
    struct database *database;
    struct import *import; /* NULL until the first record comes */
};

int history_open(const char *where, enum database_mode mode, struct history **ret_history,
                 struct vms_error *error) {
    struct history *history = calloc(1, sizeof(*history));
    int status;

    if (!history)
        return error_memory(error);
    status = database_open(where, mode, &history_schema, &history->database, error);
    if (status < 0)
        free(history);
    else
        *ret_history = history;
    return status;
}

void history_close(struct history *history) {
    if (!history)
        return;
    import_free(history->import);
    database_close(history->database);
    free(history);
}

int history_import(struct history *history, const char *path, struct vms_error *error) {
    int status = history->import ? 0 : import_new(history->database, &history->import, error);

    return status < 0 ? status : import_record(history->import, path, error);
}

struct database *history_database(const struct history *history) {
    return history->database;
}
