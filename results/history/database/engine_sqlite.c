/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A store in a file: its transactions and statements. */
#include "history/database/sqlite_database.h"

#include "base/error.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct sqlite_statement {
    struct statement base;
    struct sqlite *database;
    sqlite3_stmt *handle;
    int status; /* the first thing that went wrong while parameters were set */
};

static int sqlite_begin(struct database *base, struct vms_error *error) {
    return sqlite_command((struct sqlite *)base, "BEGIN IMMEDIATE", error);
}

static int sqlite_commit(struct database *base, struct vms_error *error) {
    return sqlite_command((struct sqlite *)base, "COMMIT", error);
}

static int sqlite_execute(struct database *base, const char *sql, struct vms_error *error) {
    return sqlite_command((struct sqlite *)base, sql, error);
}

static void sqlite_rollback(struct database *base) {
    (void)sqlite3_exec(((struct sqlite *)base)->handle, "ROLLBACK", NULL, NULL, NULL);
}

static void sqlite_free(struct statement *base) {
    struct sqlite_statement *statement = (struct sqlite_statement *)base;

    (void)sqlite3_finalize(statement->handle);
    free(statement);
}

/* $1 is SQLite's first parameter where it appears first. */
static bool is_in_order(sqlite3_stmt *handle) {
    for (int i = 1; i <= sqlite3_bind_parameter_count(handle); i++) {
        char name[16];

        (void)snprintf(name, sizeof(name), "$%d", i);
        if (strcmp(sqlite3_bind_parameter_name(handle, i), name) != 0)
            return false;
    }
    return true;
}

static int sqlite_prepare(struct database *base, const char *sql, struct statement **ret_statement,
                          struct vms_error *error) {
    struct sqlite *database = (struct sqlite *)base;
    struct sqlite_statement *statement = calloc(1, sizeof(*statement));
    int result;

    if (!statement)
        return error_memory(error);
    statement->base.engine = engine_sqlite;
    statement->database = database;
    result =
        sqlite3_prepare_v3(database->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement->handle, NULL);
    if (result == SQLITE_OK && is_in_order(statement->handle)) {
        *ret_statement = &statement->base;
        return 0;
    }
    sqlite_free(&statement->base);
    return result == SQLITE_OK ? error_set(error, -EINVAL, "its parameters are not in order: %.400s", sql)
                               : sqlite_fail(database, result, error);
}

static void note(struct sqlite_statement *statement, int result) {
    if (statement->status == SQLITE_OK)
        statement->status = result;
}

static void set_text(struct statement *base, unsigned parameter, const char *text) {
    struct sqlite_statement *statement = (struct sqlite_statement *)base;

    note(statement, sqlite3_bind_text(statement->handle, (int)parameter, text, -1, SQLITE_TRANSIENT));
}

static void set_whole(struct statement *base, unsigned parameter, int64_t number) {
    struct sqlite_statement *statement = (struct sqlite_statement *)base;

    note(statement, sqlite3_bind_int64(statement->handle, (int)parameter, number));
}

static void set_real(struct statement *base, unsigned parameter, double number) {
    struct sqlite_statement *statement = (struct sqlite_statement *)base;

    note(statement, isnan(number) ? sqlite3_bind_null(statement->handle, (int)parameter)
                                  : sqlite3_bind_double(statement->handle, (int)parameter, number));
}

static int sqlite_step(struct statement *base, struct vms_error *error) {
    struct sqlite_statement *statement = (struct sqlite_statement *)base;
    int result = statement->status == SQLITE_OK ? sqlite3_step(statement->handle) : statement->status;
    int status = result == SQLITE_ROW    ? 1
                 : result == SQLITE_DONE ? 0
                                         : sqlite_fail(statement->database, result, error);

    if (status < 1) {
        (void)sqlite3_reset(statement->handle);
        statement->status = SQLITE_OK;
    }
    return status;
}

static void sqlite_reset(struct statement *base) {
    (void)sqlite3_reset(((struct sqlite_statement *)base)->handle);
}

static int sqlite_run(struct statement *base, struct vms_error *error) {
    int status = sqlite_step(base, error);

    if (status == 1)
        sqlite_reset(base);
    return status < 0 ? status : 0;
}

static const char *sqlite_text(const struct statement *base, unsigned column) {
    const unsigned char *text =
        sqlite3_column_text(((const struct sqlite_statement *)base)->handle, (int)column);

    return text ? (const char *)text : "";
}

static int64_t sqlite_whole(const struct statement *base, unsigned column) {
    return sqlite3_column_int64(((const struct sqlite_statement *)base)->handle, (int)column);
}

static double sqlite_real(const struct statement *base, unsigned column) {
    sqlite3_stmt *handle = ((const struct sqlite_statement *)base)->handle;
    int type = sqlite3_column_type(handle, (int)column);

    return type == SQLITE_FLOAT || type == SQLITE_INTEGER ? sqlite3_column_double(handle, (int)column) : NAN;
}

static const struct database_engine engine = {.name = "SQLite",
                                              .open = sqlite_open,
                                              .close = sqlite_close,
                                              .begin = sqlite_begin,
                                              .commit = sqlite_commit,
                                              .rollback = sqlite_rollback,
                                              .execute = sqlite_execute,
                                              .prepare = sqlite_prepare,
                                              .free = sqlite_free,
                                              .set_text = set_text,
                                              .set_whole = set_whole,
                                              .set_real = set_real,
                                              .step = sqlite_step,
                                              .reset = sqlite_reset,
                                              .run = sqlite_run,
                                              .text = sqlite_text,
                                              .whole = sqlite_whole,
                                              .real = sqlite_real};
const struct database_engine *const engine_sqlite = &engine;
