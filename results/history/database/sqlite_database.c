/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "history/database/sqlite_database.h"

#include "base/error.h"

#include <errno.h>

static int code_of(int result) {
    switch (result & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return 0;
    case SQLITE_NOMEM:
        return -ENOMEM;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return -EBUSY;
    case SQLITE_FULL:
        return -ENOSPC;
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
        return -EACCES;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_FORMAT:
    case SQLITE_TOOBIG:
    case SQLITE_MISMATCH:
    case SQLITE_ERROR:
        return -EINVAL;
    default:
        return -EIO;
    }
}

/* What can be done about it. */
static const char *mend(int result) {
    switch (result & 0xff) {
    case SQLITE_BUSY:
        return "another program holds it; try again when that has ended";
    case SQLITE_FULL:
        return "make room on that file system";
    case SQLITE_READONLY:
        return result == SQLITE_READONLY_ROLLBACK
                   ? "an import was interrupted: let its owner run `vmsuite store query` once"
                   : "use a store that you may write to";
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_ERROR:
        return "it is damaged or not a store: import the records into a new one";
    default:
        return "check the file and its folder";
    }
}

int sqlite_fail(const struct sqlite *database, int result, struct vms_error *error) {
    if (code_of(result) == -ENOMEM)
        return error_memory(error);
    return error_set(error, code_of(result), "store %s: %s; %s", database->where,
                     sqlite3_errmsg(database->handle), mend(result));
}

int sqlite_command(const struct sqlite *database, const char *sql, struct vms_error *error) {
    int result = sqlite3_exec(database->handle, sql, NULL, NULL, NULL);

    return result == SQLITE_OK ? 0 : sqlite_fail(database, result, error);
}

int sqlite_ask(const struct sqlite *database, const char *sql, int64_t *ret, struct vms_error *error) {
    sqlite3_stmt *statement = NULL;
    int result = sqlite3_prepare_v2(database->handle, sql, -1, &statement, NULL);

    if (result == SQLITE_OK)
        result = sqlite3_step(statement);
    if (result == SQLITE_ROW)
        *ret = sqlite3_column_int64(statement, 0);
    (void)sqlite3_finalize(statement);
    return result == SQLITE_ROW ? 0 : sqlite_fail(database, result, error);
}
