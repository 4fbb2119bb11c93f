/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "history/history.h"

#include "base/clock.h"
#include "base/error.h"
#include "history/import.h"
#include "history/schema.h"
#include "record/read/walk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What one transaction holds at the most: each waits for the disk. */
#define PENDING_MAX 32
#define PENDING_NS NS_PER_S
/* Then others have their turn, who ask every 100 ms (SQLite). */
#define PAUSE_US 20000

struct history {
    struct database *database; /* NULL: there is none until the first record comes */
    struct import *import;     /* NULL until then */
    char *where;
    size_t n_added, n_pending;
    uint64_t begun_ns; /* the transaction; 0: there is none */
};

int history_open(const char *where, enum database_mode mode, struct history **ret_history,
                 struct vms_error *error) {
    struct history *history = calloc(1, sizeof(*history));
    int status;

    if (!history || !(history->where = strdup(where))) {
        free(history);
        return error_memory(error);
    }
    status = database_open(where, mode, &history_schema, &history->database, error);
    if (status == -ENOENT && mode == DATABASE_WRITE)
        status = 0;
    if (status < 0)
        history_close(history);
    else
        *ret_history = history;
    return status;
}

void history_close(struct history *history) {
    if (!history)
        return;
    import_free(history->import);
    database_close(history->database);
    free(history->where);
    free(history);
}

static int look_at(void *context, const struct walk_case *at, struct vms_error *error) {
    (void)context;
    (void)at;
    (void)error;
    return 0;
}

/* Before a store is made, the record is read to its end: what is broken leaves none. */
static int settle(struct history *history, struct reader *reader, struct vms_error *error) {
    int status = history->database ? 0 : walk_cases(reader, look_at, NULL, error);

    if (status == 0 && !history->database)
        status = database_open(history->where, DATABASE_MAKE, &history_schema, &history->database, error);
    if (status == 0 && !history->import)
        status = import_new(history->database, &history->import, error);
    if (status == 0 && history->begun_ns == 0) {
        status = database_begin(history->database, error);
        history->begun_ns = status == 0 ? clock_now_ns() : 0;
    }
    return status;
}

/* What the transaction has is lost. */
static void forget(struct history *history) {
    database_rollback(history->database);
    history->n_pending = 0;
    history->begun_ns = 0;
}

static int add_marked(struct history *history, struct reader *reader, struct vms_error *error) {
    int status = database_mark(history->database, error);

    if (status < 0) {
        forget(history);
        return status;
    }
    status = import_record(history->import, reader, error);
    if (status >= 0) {
        int kept = database_keep(history->database, error);

        status = kept < 0 ? kept : status;
    }
    if (status < 0 && database_undo(history->database, NULL) < 0)
        forget(history);
    return status;
}

/* Whether the transaction, if there is one, has lasted long enough. */
static bool is_due(const struct history *history) {
    return history->begun_ns > 0 &&
           (history->n_pending >= PENDING_MAX || clock_now_ns() - history->begun_ns >= PENDING_NS);
}

int history_import(struct history *history, const char *path, struct vms_error *error) {
    struct reader *reader = NULL;
    int status = import_open(path, &reader, error), kept;

    if (status == 0)
        status = settle(history, reader, error);
    if (status == 0)
        status = add_marked(history, reader, error);
    reader_close(reader);
    history->n_pending += status == 1;
    if (!is_due(history)) /* also where this record is broken: the next ones may be, too */
        return status;
    kept = history_keep(history, error);
    (void)usleep(PAUSE_US);
    return kept < 0 ? kept : status;
}

int history_keep(struct history *history, struct vms_error *error) {
    int status;

    if (history->begun_ns == 0)
        return 0;
    status = database_commit(history->database, error);
    if (status < 0) {
        forget(history);
        return status;
    }
    history->n_added += history->n_pending;
    history->n_pending = 0;
    history->begun_ns = 0;
    return 0;
}

size_t history_n_added(const struct history *history) {
    return history->n_added;
}

struct database *history_database(const struct history *history) {
    return history->database;
}
