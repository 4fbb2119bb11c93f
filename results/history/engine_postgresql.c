/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A store on a server. What is written is sent without waiting for each answer; what is read comes as a
 * whole, or row by row. */
#include "base/cleanup.h"
#include "base/error.h"
#include "base/number.h"
#include "history/engine.h"
#include "history/libpq.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#define QUEUE_MAX 512 /* statements that are sent before their answers are read */
#define SESSION "SET search_path = vmsuite; SET extra_float_digits = 3; "
#define VERSION_MIN 130000
#define NUMBER_SIZE 40
#define LOCK 0x766d7353 /* of the one that writes */

struct postgresql {
    struct database base;
    const struct libpq *pq;
    PGconn *connection;
    unsigned n_statements, n_queued;
    bool in_pipeline;
};

struct parameter {
    const char *value; /* NULL, or `text` or `number` */
    char *text;        /* owned */
    char number[NUMBER_SIZE];
};

struct postgresql_statement {
    struct statement base;
    struct postgresql *database;
    char name[16];
    unsigned n_parameters;
    struct parameter parameters[STATEMENT_PARAMETERS_MAX];
    PGresult *row; /* NULL: none; else of rows that */
    int at;        /* is the one */
    bool streams;  /* each row is an answer of its own */
    bool is_open;  /* more may come */
    bool failed;   /* no memory for a parameter */
};

static int fail(const struct postgresql *database, const char *message, struct vms_error *error) {
    const char *text = message && *message ? message : database->pq->PQerrorMessage(database->connection);

    return error_set(error, -EIO, "the store on PostgreSQL: %.*s", (int)strcspn(text, "\n"), text);
}

static int execute(const struct postgresql *database, const char *sql, struct vms_error *error) {
    PGresult *result = database->pq->PQexec(database->connection, sql);
    ExecStatusType status = database->pq->PQresultStatus(result);
    int code = 0;

    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        code = fail(database, database->pq->PQresultErrorMessage(result), error);
    database->pq->PQclear(result);
    return code;
}

/* Reads the answers to all that was sent. */
static int drain(struct postgresql *database, struct vms_error *error) {
    const struct libpq *pq = database->pq;
    bool synced = false;
    int code = 0;

    if (!database->in_pipeline)
        return 0;
    if (pq->PQpipelineSync(database->connection) == 0)
        code = fail(database, NULL, error);
    for (unsigned silent = 0; code != -EPIPE && !synced && silent <= database->n_queued + 1;) {
        PGresult *result = pq->PQgetResult(database->connection);
        ExecStatusType status = result ? pq->PQresultStatus(result) : PGRES_EMPTY_QUERY;

        silent += !result;
        synced = status == PGRES_PIPELINE_SYNC;
        if (code == 0 && status == PGRES_FATAL_ERROR)
            code = fail(database, pq->PQresultErrorMessage(result), error);
        pq->PQclear(result);
        if (pq->PQstatus(database->connection) != CONNECTION_OK)
            break;
    }
    database->n_queued = 0;
    database->in_pipeline = false;
    if (code == 0 && (!synced || pq->PQexitPipelineMode(database->connection) == 0))
        code = fail(database, NULL, error);
    else if (synced)
        (void)pq->PQexitPipelineMode(database->connection);
    return code;
}

static void postgresql_close(struct database *base) {
    struct postgresql *database = (struct postgresql *)base;

    if (database->connection)
        database->pq->PQfinish(database->connection);
    free(database);
}

static int postgresql_begin(struct database *base, struct vms_error *error) {
    struct postgresql *database = (struct postgresql *)base;
    char lock[64];
    int status = execute(database, "BEGIN", error);

    (void)snprintf(lock, sizeof(lock), "SELECT pg_advisory_xact_lock(%d)", LOCK);
    return status < 0 ? status : execute(database, lock, error);
}

static void postgresql_rollback(struct database *base) {
    struct postgresql *database = (struct postgresql *)base;

    (void)drain(database, NULL);
    (void)execute(database, "ROLLBACK", NULL);
}

/* Behind all that was sent. After a failure, only a rollback is done. */
static int postgresql_execute(struct database *base, const char *sql, struct vms_error *error) {
    struct postgresql *database = (struct postgresql *)base;
    bool undoes = strncmp(sql, "ROLLBACK", strlen("ROLLBACK")) == 0;
    int status = drain(database, undoes ? NULL : error);

    return status < 0 && !undoes ? status : execute(database, sql, error);
}

static int postgresql_commit(struct database *base, struct vms_error *error) {
    struct postgresql *database = (struct postgresql *)base;
    int status = drain(database, error);

    if (status == 0)
        return execute(database, "COMMIT", error);
    (void)execute(database, "ROLLBACK", NULL);
    return status;
}

/* A whole number that a literal statement gives; -1: it gives no row. */
static int ask(const struct postgresql *database, const char *sql, int64_t *ret, struct vms_error *error) {
    const struct libpq *pq = database->pq;
    PGresult *result = pq->PQexec(database->connection, sql);
    int status = 0;

    if (pq->PQresultStatus(result) != PGRES_TUPLES_OK)
        status = fail(database, pq->PQresultErrorMessage(result), error);
    else
        *ret = pq->PQntuples(result) == 1 ? strtoll(pq->PQgetvalue(result, 0, 0), NULL, 10) : -1;
    pq->PQclear(result);
    return status;
}

static int make_schema(struct postgresql *database, const struct database_schema *schema,
                       struct vms_error *error) {
    char version[64];
    int status = execute(database, "CREATE TABLE version (version INTEGER NOT NULL)", error);

    for (size_t i = 0; status == 0 && schema->statements[i]; i++)
        status = execute(database, schema->statements[i], error);
    (void)snprintf(version, sizeof(version), "INSERT INTO version VALUES (%u)", schema->version);
    return status < 0 ? status : execute(database, version, error);
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
        return fail(database, NULL, error);
    status = execute(database,
                     writes ? SESSION "SET client_min_messages = warning"
                            : SESSION "SET default_transaction_read_only = on",
                     error);
    if (status == 0)
        status = postgresql_begin(&database->base, error);
    if (status == 0)
        status = ask(database, "SELECT COUNT(*) FROM pg_catalog.pg_namespace WHERE nspname = 'vmsuite'",
                     &present, error);
    if (status == 0 && mode == DATABASE_MAKE && present == 0)
        status = execute(database, "CREATE SCHEMA vmsuite", error);
    if (status == 0)
        status = check_schema(database, mode, schema, error);
    return status < 0 ? status : execute(database, "COMMIT", error);
}

static int postgresql_open(const char *where, enum database_mode mode, const struct database_schema *schema,
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
        status = fail(database, NULL, error);
    else
        status = settle(database, mode, schema, error);
    if (status < 0)
        postgresql_close(&database->base);
    else
        *ret_database = &database->base;
    return status;
}

static void postgresql_free(struct statement *base) {
    struct postgresql_statement *statement = (struct postgresql_statement *)base;

    base->engine->reset(base);
    for (size_t i = 0; i < STATEMENT_PARAMETERS_MAX; i++)
        free(statement->parameters[i].text);
    free(statement);
}

static int postgresql_prepare(struct database *base, const char *sql, struct statement **ret_statement,
                              struct vms_error *error) {
    struct postgresql *database = (struct postgresql *)base;
    struct postgresql_statement *statement = calloc(1, sizeof(*statement));
    PGresult *result;
    int status = statement ? drain(database, error) : error_memory(error);

    if (status < 0) {
        free(statement);
        return status;
    }
    statement->base.engine = engine_postgresql;
    statement->database = database;
    for (const char *at = sql; (at = strchr(at, '$')); at++) {
        unsigned number = (unsigned)strtoul(at + 1, NULL, 10);

        statement->n_parameters = number > statement->n_parameters ? number : statement->n_parameters;
    }
    (void)snprintf(statement->name, sizeof(statement->name), "s%u", database->n_statements++);
    result = database->pq->PQprepare(database->connection, statement->name, sql, 0, NULL);
    if (database->pq->PQresultStatus(result) != PGRES_COMMAND_OK)
        status = fail(database, database->pq->PQresultErrorMessage(result), error);
    database->pq->PQclear(result);
    if (status < 0)
        postgresql_free(&statement->base);
    else
        *ret_statement = &statement->base;
    return status;
}

static struct parameter *parameter_of(struct statement *base, unsigned parameter) {
    return &((struct postgresql_statement *)base)->parameters[parameter - 1];
}

static void set_text(struct statement *base, unsigned parameter, const char *text) {
    struct parameter *set = parameter_of(base, parameter);

    free(set->text);
    set->text = text ? strdup(text) : NULL;
    set->value = set->text;
    if (text && !set->text)
        ((struct postgresql_statement *)base)->failed = true;
}

static void set_whole(struct statement *base, unsigned parameter, int64_t number) {
    struct parameter *set = parameter_of(base, parameter);

    (void)snprintf(set->number, sizeof(set->number), "%" PRId64, number);
    set->value = set->number;
}

static void set_real(struct statement *base, unsigned parameter, double number) {
    struct parameter *set = parameter_of(base, parameter);

    set->value = NULL;
    if (isnan(number))
        return;
    if (isinf(number))
        (void)snprintf(set->number, sizeof(set->number), "%sInfinity", number < 0 ? "-" : "");
    else
        (void)number_write(number, set->number);
    set->value = set->number;
}

static int send_statement(struct postgresql_statement *statement, struct vms_error *error) {
    const struct libpq *pq = statement->database->pq;
    const char *values[STATEMENT_PARAMETERS_MAX];

    if (statement->failed)
        return error_memory(error);
    for (unsigned i = 0; i < statement->n_parameters; i++)
        values[i] = statement->parameters[i].value;
    if (pq->PQsendQueryPrepared(statement->database->connection, statement->name,
                                (int)statement->n_parameters, values, NULL, NULL, 0) == 0)
        return fail(statement->database, NULL, error);
    return 0;
}

static int postgresql_run(struct statement *base, struct vms_error *error) {
    struct postgresql_statement *statement = (struct postgresql_statement *)base;
    struct postgresql *database = statement->database;
    int status;

    if (!database->in_pipeline && database->pq->PQenterPipelineMode(database->connection) == 0)
        return fail(database, NULL, error);
    database->in_pipeline = true;
    status = send_statement(statement, error);
    if (status == 0 && ++database->n_queued == QUEUE_MAX)
        status = drain(database, error);
    return status;
}

static void postgresql_stream(struct statement *base) {
    ((struct postgresql_statement *)base)->streams = true;
}

static void postgresql_reset(struct statement *base) {
    struct postgresql_statement *statement = (struct postgresql_statement *)base;
    const struct libpq *pq = statement->database->pq;

    pq->PQclear(statement->row);
    statement->row = NULL;
    while (statement->is_open) {
        PGresult *result = pq->PQgetResult(statement->database->connection);

        statement->is_open = result != NULL;
        pq->PQclear(result);
    }
}

static int begin_rows(struct postgresql_statement *statement, struct vms_error *error) {
    struct postgresql *database = statement->database;
    int status = drain(database, error);

    if (status == 0)
        status = send_statement(statement, error);
    if (status == 0 && statement->streams && database->pq->PQsetSingleRowMode(database->connection) == 0)
        status = fail(database, NULL, error);
    statement->is_open = status == 0;
    return status;
}

static int postgresql_step(struct statement *base, struct vms_error *error) {
    struct postgresql_statement *statement = (struct postgresql_statement *)base;
    const struct libpq *pq = statement->database->pq;
    ExecStatusType status;
    int code = statement->is_open ? 0 : begin_rows(statement, error);

    if (code < 0)
        return code;
    if (statement->row && ++statement->at < pq->PQntuples(statement->row))
        return 1;
    pq->PQclear(statement->row);
    statement->row = pq->PQgetResult(statement->database->connection);
    statement->at = 0;
    status = pq->PQresultStatus(statement->row);
    if (status == PGRES_SINGLE_TUPLE || (status == PGRES_TUPLES_OK && pq->PQntuples(statement->row) > 0))
        return 1;
    if (statement->row && status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
        code = fail(statement->database, pq->PQresultErrorMessage(statement->row), error);
    postgresql_reset(base);
    return code;
}

static const char *value_of(const struct statement *base, unsigned column) {
    const struct postgresql_statement *statement = (const struct postgresql_statement *)base;
    const struct libpq *pq = statement->database->pq;

    if (!statement->row || column >= (unsigned)pq->PQnfields(statement->row) ||
        pq->PQgetisnull(statement->row, statement->at, (int)column))
        return NULL;
    return pq->PQgetvalue(statement->row, statement->at, (int)column);
}

static const char *postgresql_text(const struct statement *base, unsigned column) {
    const char *value = value_of(base, column);

    return value ? value : "";
}

static int64_t postgresql_whole(const struct statement *base, unsigned column) {
    const char *value = value_of(base, column);

    return value ? strtoll(value, NULL, 10) : 0;
}

static double postgresql_real(const struct statement *base, unsigned column) {
    const char *value = value_of(base, column);
    char *end;
    double number = value ? strtod(value, &end) : (double)NAN;

    return value && end > value ? number : (double)NAN;
}

static const struct database_engine engine = {.name = "PostgreSQL",
                                              .open = postgresql_open,
                                              .close = postgresql_close,
                                              .begin = postgresql_begin,
                                              .commit = postgresql_commit,
                                              .rollback = postgresql_rollback,
                                              .execute = postgresql_execute,
                                              .prepare = postgresql_prepare,
                                              .free = postgresql_free,
                                              .stream = postgresql_stream,
                                              .set_text = set_text,
                                              .set_whole = set_whole,
                                              .set_real = set_real,
                                              .step = postgresql_step,
                                              .reset = postgresql_reset,
                                              .run = postgresql_run,
                                              .text = postgresql_text,
                                              .whole = postgresql_whole,
                                              .real = postgresql_real};
const struct database_engine *const engine_postgresql = &engine;
