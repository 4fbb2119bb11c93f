/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A database of SQLite that is open: what everything that is done with it is done by. */
#ifndef VMSUITE_RESULTS_HISTORY_DATABASE_SQLITE_DATABASE_H
#define VMSUITE_RESULTS_HISTORY_DATABASE_SQLITE_DATABASE_H

#include "history/database/engine.h"

#include <sqlite3.h>

struct sqlite {
    struct database base;
    sqlite3 *handle;
    char *where;
};

/* A sentence for what SQLite's result says, with its mend; returns its errno. */
int sqlite_fail(const struct sqlite *database, int result, struct vms_error *error);

/* Runs SQL that gives no rows. */
int sqlite_command(const struct sqlite *database, const char *sql, struct vms_error *error);

/* The whole number that a literal statement gives. */
int sqlite_ask(const struct sqlite *database, const char *sql, int64_t *ret, struct vms_error *error);

/* As the engine has them (database.h). */
int sqlite_open(const char *where, enum database_mode mode, const struct database_schema *schema,
                struct database **ret_database, struct vms_error *error);
void sqlite_close(struct database *base);

#endif
