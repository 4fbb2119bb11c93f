/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An open database of SQLite, and the calls that everything else is made of. */
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

/* Runs SQL that gives no rows. -errno with a sentence. */
int sqlite_command(const struct sqlite *database, const char *sql, struct vms_error *error);

/* The whole number that a literal statement gives. -errno with a sentence. */
int sqlite_ask(const struct sqlite *database, const char *sql, int64_t *ret, struct vms_error *error);

/* As the engine has them (database.h). */
int sqlite_open(const char *where, enum database_mode mode, const struct database_schema *schema,
                struct database **ret_database, struct vms_error *error);
void sqlite_close(struct database *base);

#endif
