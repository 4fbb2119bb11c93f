/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opening a store in a file. It may come from a stranger: of its schema only our own tables count, and only
 * as we make them. */
#include "history/database/sqlite_database.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "history/database/sqlite_file.h"
#include "history/database/sqlite_guard.h"

#include <errno.h>
#include <string.h>

#define APPLICATION_ID 0x766d7353 /* "vmsS" */
#define TEXT_MAX (64 << 20)       /* bytes of a value */
#define STATEMENT_MAX 4096        /* bytes of SQL */
#define WAIT_MS 60000             /* for another import */
#define ATTEMPTS 8                /* at a file that others make and take back */
/* What a transaction changes stays in memory until it ends, and so does what may be undone of a run: 32 MB,
 * in KiB. */
#define WRITER_MEMORY "PRAGMA cache_size = -32768; PRAGMA temp_store = MEMORY"

/* Texts in the order of their bytes: SQLite's own, by the name that it has in PostgreSQL. */
static int compare_bytes(void *context, int n_a, const void *a, int n_b, const void *b) {
    int order = memcmp(a, b, (size_t)(n_a < n_b ? n_a : n_b));

    (void)context;
    return order != 0 ? order : (n_a > n_b) - (n_a < n_b);
}

/* Nothing that a file says may do more than hold rows. */
static int harden(const struct sqlite *database, enum database_mode mode, struct vms_error *error) {
    static const struct {
        int option, value;
    } options[] = {{SQLITE_DBCONFIG_DEFENSIVE, 1},      {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
                   {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0}, {SQLITE_DBCONFIG_ENABLE_VIEW, 0},
                   {SQLITE_DBCONFIG_DQS_DDL, 0},        {SQLITE_DBCONFIG_DQS_DML, 0}};
    static const struct {
        int limit, value;
    } limits[] = {
        {SQLITE_LIMIT_LENGTH, TEXT_MAX},      {SQLITE_LIMIT_SQL_LENGTH, STATEMENT_MAX},
        {SQLITE_LIMIT_ATTACHED, 0},           {SQLITE_LIMIT_EXPR_DEPTH, 100},
        {SQLITE_LIMIT_TRIGGER_DEPTH, 1},      {SQLITE_LIMIT_VARIABLE_NUMBER, STATEMENT_PARAMETERS_MAX},
        {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1}};
    int result = SQLITE_OK;

    for (size_t i = 0; result == SQLITE_OK && i < VMS_LENGTH(options); i++)
        result = sqlite3_db_config(database->handle, options[i].option, options[i].value, NULL);
    for (size_t i = 0; i < VMS_LENGTH(limits); i++)
        (void)sqlite3_limit(database->handle, limits[i].limit, limits[i].value);
    if (result == SQLITE_OK)
        result = sqlite3_busy_timeout(database->handle, WAIT_MS);
    if (result == SQLITE_OK)
        result = sqlite3_create_collation(database->handle, "C", SQLITE_UTF8, NULL, compare_bytes);
    if (result != SQLITE_OK)
        return sqlite_fail(database, result, error);
    return sqlite_command(database,
                          mode != DATABASE_READ
                              ? "PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0; " WRITER_MEMORY
                              : "PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0; PRAGMA query_only = ON",
                          error);
}

static int make_schema(const struct sqlite *database, const struct database_schema *schema,
                       struct vms_error *error) {
    char marks[96];
    int status = 0;

    (void)snprintf(marks, sizeof(marks), "PRAGMA application_id = %d; PRAGMA user_version = %u",
                   APPLICATION_ID, schema->version);
    for (size_t i = 0; status == 0 && schema->statements[i]; i++)
        status = sqlite_command(database, schema->statements[i], error);
    return status < 0 ? status : sqlite_command(database, marks, error);
}

/* Whether the file has this of ours just as we make it: "CREATE TABLE name (...". */
static int check_statement(const struct sqlite *database, const char *made, struct vms_error *error) {
    sqlite3_stmt *statement = NULL;
    int result = sqlite3_prepare_v2(database->handle, "SELECT 1 FROM sqlite_schema WHERE sql = $1", -1,
                                    &statement, NULL);

    if (result == SQLITE_OK)
        result = sqlite3_bind_text(statement, 1, made, -1, SQLITE_STATIC);
    if (result == SQLITE_OK)
        result = sqlite3_step(statement);
    (void)sqlite3_finalize(statement);
    if (result == SQLITE_ROW)
        return 0;
    if (result != SQLITE_DONE)
        return sqlite_fail(database, result, error);
    return error_set(
        error, -EINVAL,
        "store %s: its tables are not those of a store (docs/store.md); import the records into a new one",
        database->where);
}

static int check_schema(const struct sqlite *database, const struct database_schema *schema, int64_t id,
                        struct vms_error *error) {
    int64_t version;
    int status = sqlite_ask(database, "PRAGMA user_version", &version, error);

    if (status < 0)
        return status;
    if (id != APPLICATION_ID)
        return error_set(error, -EINVAL, "%s is a database, but not a store of vmsuite", database->where);
    if (version != schema->version)
        return error_set(
            error, -EINVAL,
            "store %s has version %lld, and this vmsuite reads version %u: import the records into a new one",
            database->where, (long long)version, schema->version);
    for (size_t i = 0; status == 0 && schema->statements[i]; i++)
        status = check_statement(database, schema->statements[i], error);
    return status;
}

/* Whether the file has lost its name since it was opened: the import that had made it took it back. */
static bool has_moved(const struct sqlite *database) {
    int moved = 0;

    return sqlite3_file_control(database->handle, "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK &&
           moved;
}

static int fail_as_removed(const struct sqlite *database, struct vms_error *error) {
    return error_set(error, -ESTALE, "store %s was removed while it was opened; try again", database->where);
}

/* Under the lock of a writer, so that two imports do not both make it. -ESTALE: what is locked is no store
 * any more. */
static int settle_schema(const struct sqlite *database, enum database_mode mode,
                         const struct database_schema *schema, struct vms_error *error) {
    bool writes = mode != DATABASE_READ, is_empty;
    int64_t id = 0, count = 0;
    int status = sqlite_command(database, writes ? "BEGIN IMMEDIATE" : "BEGIN", error);
    bool has_begun = status == 0;

    if (writes && has_moved(database)) /* which may be why SQLite failed */
        status = fail_as_removed(database, error);
    if (!has_begun)
        return status;
    if (status == 0)
        status = sqlite_ask(database, "PRAGMA application_id", &id, error);
    if (status == 0)
        status = sqlite_ask(database, "SELECT COUNT(*) FROM sqlite_schema", &count, error);
    is_empty = id == 0 && count == 0; /* an import was killed that made it */
    if (status == 0 && is_empty && mode != DATABASE_MAKE)
        status = sqlite_file_missing(database->where, error);
    else if (status == 0)
        status = is_empty ? make_schema(database, schema, error) : check_schema(database, schema, id, error);
    if (status == 0)
        return sqlite_command(database, "COMMIT", error);
    (void)sqlite3_exec(database->handle, "ROLLBACK", NULL, NULL, NULL);
    return status;
}

void sqlite_close(struct database *base) {
    struct sqlite *database = (struct sqlite *)base;

    (void)sqlite3_close(database->handle);
    free(database->where);
    free(database);
}

static int open_handle(struct sqlite *database, const struct sqlite_file *file, enum database_mode mode,
                       struct vms_error *error) {
    int flags = mode != DATABASE_READ || file->is_ours ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
    const char *guard = sqlite_guard();
    int result =
        guard
            ? sqlite3_open_v2(file->path, &database->handle,
                              flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE,
                              guard)
            : SQLITE_NOMEM;

    if (!database->handle)
        return error_memory(error);
    return result == SQLITE_OK ? harden(database, mode, error) : sqlite_fail(database, result, error);
}

/* Takes back a file that was made for nothing, under the lock of a writer: an import that opened it meanwhile
 * either has the lock, and the file stays, or gets it later, and sees that the file has gone. */
static void undo(const struct sqlite *database, const struct sqlite_file *file) {
    if (!file->is_new || !database->handle)
        return;
    (void)sqlite3_busy_timeout(database->handle, 0);
    if (sqlite3_exec(database->handle, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK)
        return;
    if (!has_moved(database))
        sqlite_file_undo(file);
    (void)sqlite3_exec(database->handle, "ROLLBACK", NULL, NULL, NULL);
}

static int try_open(struct sqlite *database, enum database_mode mode, const struct database_schema *schema,
                    struct vms_error *error) {
    struct sqlite_file file;
    int status = sqlite_file_find(database->where, mode, &file, error);

    if (status == 0) {
        status = open_handle(database, &file, mode, error);
        if (status == 0)
            status = settle_schema(database, mode, schema, error);
        else if (mode != DATABASE_READ && sqlite_file_is_gone(&file))
            status = fail_as_removed(database, error);
        if (status < 0)
            undo(database, &file);
    }
    sqlite_file_done(&file);
    return status;
}

int sqlite_open(const char *where, enum database_mode mode, const struct database_schema *schema,
                struct database **ret_database, struct vms_error *error) {
    struct sqlite *database = calloc(1, sizeof(*database));
    int status = -ESTALE;

    if (!database)
        return error_memory(error);
    database->base.engine = engine_sqlite;
    database->where = strdup(where);
    if (!database->where)
        status = error_memory(error);
    for (int attempt = 0; status == -ESTALE && attempt < ATTEMPTS; attempt++) {
        (void)sqlite3_close(database->handle);
        database->handle = NULL;
        status = try_open(database, mode, schema, error);
    }
    if (status < 0)
        sqlite_close(&database->base);
    else
        *ret_database = &database->base;
    return status;
}
