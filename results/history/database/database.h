/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A database that a store lies in: a file of SQLite or a PostgreSQL server, by the same statements. What they
 * hold may come from others: values are only ever bound, and what comes back is read by its type. */
#ifndef VMSUITE_RESULTS_HISTORY_DATABASE_DATABASE_H
#define VMSUITE_RESULTS_HISTORY_DATABASE_DATABASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <vmsuite/module.h>

/* DATABASE_WRITE takes one that is there, or says that it could be made; DATABASE_MAKE makes it. */
enum database_mode { DATABASE_READ, DATABASE_WRITE, DATABASE_MAKE };

/* What the database is to hold: checked when it is opened, made where it is empty and DATABASE_MAKE. */
struct database_schema {
    const char *const *statements; /* "CREATE TABLE ...", ended by NULL */
    unsigned version;
};

struct database;
struct statement;

/* Whether `where` is a server's address, "postgresql://..." or "postgres://...", not a file's path. */
bool database_is_server(const char *where);

/* Opens `where`: a server, or a file. -ENOENT: there is none, and it is not to be made. -EINVAL: it is no
 * store, or one of another version. -ENOTSUP: built without. -EACCES, -EBUSY, -EIO, all with a sentence that
 * names it. */
int database_open(const char *where, enum database_mode mode, const struct database_schema *schema,
                  struct database **ret_database, struct vms_error *error);
/* Takes NULL. What was not committed is undone. */
void database_close(struct database *database);

/* A transaction; one writer at a time: the others wait for it. */
int database_begin(struct database *database, struct vms_error *error);
int database_commit(struct database *database, struct vms_error *error);
void database_rollback(struct database *database);
/* Marks a place in a transaction; from there on all is kept, or undone. What went wrong since then is said by
 * database_keep at the latest. */
int database_mark(struct database *database, struct vms_error *error);
int database_keep(struct database *database, struct vms_error *error);
int database_undo(struct database *database, struct vms_error *error);

/* Prepares a statement whose parameters are $1, $2, ..., in the order in which they first appear. `sql` is a
 * literal. Freed with statement_free. While the rows of one are read, no other may be run. */
int database_prepare(struct database *database, const char *sql, struct statement **ret_statement,
                     struct vms_error *error);
void statement_free(struct statement *statement); /* takes NULL */
/* Before it is run: its rows are too many to be held in memory. */
void statement_stream(struct statement *statement);

/* Sets a parameter (from 1), of which there are at most STATEMENT_PARAMETERS_MAX; each is set before each
 * run. Texts are copied; NULL and NaN are null. */
#define STATEMENT_PARAMETERS_MAX 16
void statement_set_text(struct statement *statement, unsigned parameter, const char *text);
void statement_set_whole(struct statement *statement, unsigned parameter, int64_t number);
void statement_set_real(struct statement *statement, unsigned parameter, double number);

/* Runs it as far as its next row: 1, or 0 at the end, from where it may be run anew. */
int statement_step(struct statement *statement, struct vms_error *error);
/* Drops the remaining rows. */
void statement_reset(struct statement *statement);
/* Runs one without rows. What goes wrong may be said by a later call, by database_commit at the latest. */
int statement_run(struct statement *statement, struct vms_error *error);

/* A column of the row (from 0). A text is borrowed until the next step, "" for null; numbers that are none
 * are 0 and NaN. */
const char *statement_text(const struct statement *statement, unsigned column);
int64_t statement_whole(const struct statement *statement, unsigned column);
double statement_real(const struct statement *statement, unsigned column);

#endif
