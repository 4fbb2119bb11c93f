/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A connection to PostgreSQL, and the calls that everything else is made of. */
#ifndef VMSUITE_RESULTS_HISTORY_DATABASE_POSTGRESQL_DATABASE_H
#define VMSUITE_RESULTS_HISTORY_DATABASE_POSTGRESQL_DATABASE_H

#include "history/database/engine.h"
#include "history/database/libpq.h"

struct postgresql {
    struct database base;
    const struct libpq *pq;
    PGconn *connection;
    unsigned n_statements, n_queued;
    bool in_pipeline;
};

/* A sentence for what went wrong: `message`, or, where that is NULL or "", what the connection says. -EIO. */
int postgresql_fail(const struct postgresql *database, const char *message, struct vms_error *error);

/* Runs SQL whose rows are not wanted. -errno with a sentence. */
int postgresql_command(const struct postgresql *database, const char *sql, struct vms_error *error);

/* Reads the answers to all that was sent. -errno with a sentence. */
int postgresql_drain(struct postgresql *database, struct vms_error *error);

/* As the engine has them (database.h). */
int postgresql_open(const char *where, enum database_mode mode, const struct database_schema *schema,
                    struct database **ret_database, struct vms_error *error);
void postgresql_close(struct database *base);
int postgresql_begin(struct database *base, struct vms_error *error);

#endif
