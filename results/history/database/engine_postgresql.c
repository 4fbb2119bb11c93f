/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A store on a server. What is written is sent without waiting for each answer; what is read comes as a
 * whole, or row by row. */
#include "history/database/postgresql_database.h"

#include "base/error.h"
#include "base/number.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define QUEUE_MAX 512 /* statements that are sent before their answers are read */
#define NUMBER_SIZE 40

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

static void postgresql_rollback(struct database *base) {
    struct postgresql *database = (struct postgresql *)base;

    (void)postgresql_drain(database, NULL);
    (void)postgresql_command(database, "ROLLBACK", NULL);
}

/* Behind all that was sent. After a failure, only a rollback is done. */
static int postgresql_execute(struct database *base, const char *sql, struct vms_error *error) {
    struct postgresql *database = (struct postgresql *)base;
    bool undoes = strncmp(sql, "ROLLBACK", strlen("ROLLBACK")) == 0;
    int status = postgresql_drain(database, undoes ? NULL : error);

    return status < 0 && !undoes ? status : postgresql_command(database, sql, error);
}

static int postgresql_commit(struct database *base, struct vms_error *error) {
    struct postgresql *database = (struct postgresql *)base;
    int status = postgresql_drain(database, error);

    if (status == 0)
        return postgresql_command(database, "COMMIT", error);
    (void)postgresql_command(database, "ROLLBACK", NULL);
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
    int status = statement ? postgresql_drain(database, error) : error_memory(error);

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
        status = postgresql_fail(database, database->pq->PQresultErrorMessage(result), error);
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
        return postgresql_fail(statement->database, NULL, error);
    return 0;
}

static int postgresql_run(struct statement *base, struct vms_error *error) {
    struct postgresql_statement *statement = (struct postgresql_statement *)base;
    struct postgresql *database = statement->database;
    int status;

    if (!database->in_pipeline && database->pq->PQenterPipelineMode(database->connection) == 0)
        return postgresql_fail(database, NULL, error);
    database->in_pipeline = true;
    status = send_statement(statement, error);
    if (status == 0 && ++database->n_queued == QUEUE_MAX)
        status = postgresql_drain(database, error);
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
    int status = postgresql_drain(database, error);

    if (status == 0)
        status = send_statement(statement, error);
    if (status == 0 && statement->streams && database->pq->PQsetSingleRowMode(database->connection) == 0)
        status = postgresql_fail(database, NULL, error);
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
        code = postgresql_fail(statement->database, pq->PQresultErrorMessage(statement->row), error);
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
