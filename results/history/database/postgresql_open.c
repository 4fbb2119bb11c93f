/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opening a store on a server. */
#include "history/database/postgresql_database.h"

#include "base/error.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define SESSION "SET search_path = vmsuite; SET extra_float_digits = 3; "
#define VERSION_MIN 130000

void postgresql_close(struct database *base) {
    struct postgresql *database = (struct postgresql *)base;

    if (database->connection)
        database->pq->PQfinish(database->connection);
    free(database);
}

/* A whole number that a literal statement gives; -1: it gives no row. */
static int ask(const struct postgresql *database, const char *sql, int64_t *ret, struct vms_error *error) {
    const struct libpq *pq = database->pq;
    PGresult *result = pq->PQexec(database->connection, sql);
    int status = 0;

    if (pq->PQresultStatus(result) != PGRES_TUPLES_OK)
        status = postgresql_fail(database, pq->PQresultErrorMessage(result), error);
    else
        *ret = pq->PQntuples(result) == 1 ? strtoll(pq->PQgetvalue(result, 0, 0), NULL, 10) : -1;
    pq->PQclear(result);
    return status;
}

static int make_schema(struct postgresql *database, const struct database_schema *schema,
                       struct vms_error *error) {
    char version[64];
    int status = postgresql_command(database, "CREATE TABLE version (version INTEGER NOT NULL)", error);

    for (size_t i = 0; status == 0 && schema->statements[i]; i++)
        status = postgresql_command(database, schema->statements[i], error);
    (void)snprintf(version, sizeof(version), "INSERT INTO version VALUES (%u)", schema->version);
    return status < 0 ? status : postgresql_command(database, version, error);
}

/* There is none; and for writing, whether one could be made. */
static int refuse(const struct postgresql *database, enum database_mode mode, struct vms_error *error) {
    int64_t may = 1;
    int status = mode == DATABASE_WRITE
                     ? ask(database,
                           "SELECT (has_database_privilege(current_database(), 'CREATE') OR "
                           "(SELECT has_schema_privilege(oid, 'CREATE') FROM pg_catalog.pg_namespace "
                           "WHERE nspname = 'vmsuite'))::int",
                           &may, error)
                     : 0;

    if (status < 0)
        return status;
    return may ? error_set(error, -ENOENT,
                           "there is no store in that PostgreSQL database: `vmsuite store import` makes one")
               : error_set(error, -EACCES,
                           "there is no store in that PostgreSQL database, and its user may not make one: "
                           "grant it CREATE on the database");
}

static int check_schema(struct postgresql *database, enum database_mode mode,
                        const struct database_schema *schema, struct vms_error *error) {
    int64_t tables = 0, version = 0;
    int status = ask(database, "SELECT COUNT(*) FROM pg_catalog.pg_tables WHERE schemaname = 'vmsuite'",
                     &tables, error);

    if (status == 0 && tables == 0)
        return mode == DATABASE_MAKE ? make_schema(database, schema, error) : refuse(database, mode, error);
    if (status == 0)
        status = ask(database, "SELECT version FROM version", &version, error);
    if (status == 0 && version != schema->version)
        return error_set(error, -EINVAL,
                         "the store on PostgreSQL has version %" PRId64 ", and this vmsuite reads version %u",
                         version, schema->version);
    return status;
}

/* Names are looked for in the schema "vmsuite" alone, where nobody else's functions or tables come between;
 * figures come with all their digits, whatever PGOPTIONS or the role's settings would have. */
static int settle(struct postgresql *database, enum database_mode mode, const struct database_schema *schema,
                  struct vms_error *error) {
    bool writes = mode != DATABASE_READ;
    int64_t present = 0;
    int status = 0;

    if (database->pq->PQserverVersion(database->connection) < VERSION_MIN)
        return error_set(error, -ENOTSUP, "the PostgreSQL server is older than version 13");
    if (database->pq->PQsetClientEncoding(database->connection, "UTF8") != 0)
        return postgresql_fail(database, NULL, error);
    status = postgresql_command(database,
                                writes ? SESSION "SET client_min_messages = warning"
                                       : SESSION "SET default_transaction_read_only = on",
                                error);
    if (status == 0)
        status = postgresql_begin(&database->base, error);
    if (status == 0)
        status = ask(database, "SELECT COUNT(*) FROM pg_catalog.pg_namespace WHERE nspname = 'vmsuite'",
                     &present, error);
    if (status == 0 && mode == DATABASE_MAKE && present == 0)
        status = postgresql_command(database, "CREATE SCHEMA vmsuite", error);
    if (status == 0)
        status = check_schema(database, mode, schema, error);
    return status < 0 ? status : postgresql_command(database, "COMMIT", error);
}

int postgresql_open(const char *where, enum database_mode mode, const struct database_schema *schema,
                    struct database **ret_database, struct vms_error *error) {
    const struct libpq *pq = libpq_load(error);
    struct postgresql *database = pq ? calloc(1, sizeof(*database)) : NULL;
    int status;

    if (!pq)
        return -ENOTSUP;
    if (!database)
        return error_memory(error);
    *database =
        (struct postgresql){.base.engine = engine_postgresql, .pq = pq, .connection = pq->PQconnectdb(where)};
    if (!database->connection)
        status = error_memory(error);
    else if (pq->PQstatus(database->connection) != CONNECTION_OK)
        status = postgresql_fail(database, NULL, error);
    else
        status = settle(database, mode, schema, error);
    if (status < 0)
        postgresql_close(&database->base);
    else
        *ret_database = &database->base;
    return status;
}
