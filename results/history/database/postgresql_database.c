/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "history/database/postgresql_database.h"

#include "base/error.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define LOCK 0x766d7353 /* of the one that writes */

int postgresql_fail(const struct postgresql *database, const char *message, struct vms_error *error) {
    const char *text = message && *message ? message : database->pq->PQerrorMessage(database->connection);

    return error_set(error, -EIO, "the store on PostgreSQL: %.*s", (int)strcspn(text, "\n"), text);
}

int postgresql_command(const struct postgresql *database, const char *sql, struct vms_error *error) {
    PGresult *result = database->pq->PQexec(database->connection, sql);
    ExecStatusType status = database->pq->PQresultStatus(result);
    int code = 0;

    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        code = postgresql_fail(database, database->pq->PQresultErrorMessage(result), error);
    database->pq->PQclear(result);
    return code;
}

int postgresql_drain(struct postgresql *database, struct vms_error *error) {
    const struct libpq *pq = database->pq;
    bool synced = false;
    int code = 0;

    if (!database->in_pipeline)
        return 0;
    if (pq->PQpipelineSync(database->connection) == 0)
        code = postgresql_fail(database, NULL, error);
    for (unsigned silent = 0; code != -EPIPE && !synced && silent <= database->n_queued + 1;) {
        PGresult *result = pq->PQgetResult(database->connection);
        ExecStatusType status = result ? pq->PQresultStatus(result) : PGRES_EMPTY_QUERY;

        silent += !result;
        synced = status == PGRES_PIPELINE_SYNC;
        if (code == 0 && status == PGRES_FATAL_ERROR)
            code = postgresql_fail(database, pq->PQresultErrorMessage(result), error);
        pq->PQclear(result);
        if (pq->PQstatus(database->connection) != CONNECTION_OK)
            break;
    }
    database->n_queued = 0;
    database->in_pipeline = false;
    if (code == 0 && (!synced || pq->PQexitPipelineMode(database->connection) == 0))
        code = postgresql_fail(database, NULL, error);
    else if (synced)
        (void)pq->PQexitPipelineMode(database->connection);
    return code;
}

int postgresql_begin(struct database *base, struct vms_error *error) {
    struct postgresql *database = (struct postgresql *)base;
    char lock[64];
    int status = postgresql_command(database, "BEGIN", error);

    (void)snprintf(lock, sizeof(lock), "SELECT pg_advisory_xact_lock(%d)", LOCK);
    return status < 0 ? status : postgresql_command(database, lock, error);
}
