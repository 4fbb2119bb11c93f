/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/error.h"
#include "history/database/address.h"
#include "history/database/engine.h"

#include <errno.h>
#include <string.h>

bool database_is_server(const char *where) {
    return strncmp(where, "postgresql://", strlen("postgresql://")) == 0 ||
           strncmp(where, "postgres://", strlen("postgres://")) == 0;
}

int database_open(const char *where, enum database_mode mode, const struct database_schema *schema,
                  struct database **ret_database, struct vms_error *error) {
    const struct database_engine *engine = database_is_server(where) ? engine_postgresql : engine_sqlite;
    int status;

    if (!*where)
        return error_set(error, -EINVAL,
                         "--store needs the path of a file, or the address of a server: postgresql://...");
    if (!engine)
        return error_set(error, -ENOTSUP, "this vmsuite was built without %s: build it with -D%s=enabled",
                         database_is_server(where) ? "PostgreSQL" : "SQLite",
                         database_is_server(where) ? "postgresql" : "sqlite");
    status = engine->open(where, mode, schema, ret_database, error);
    if (status < 0 && error)
        address_hide_in(error->text, where);
    return status;
}

void database_close(struct database *database) {
    if (database)
        database->engine->close(database);
}

int database_begin(struct database *database, struct vms_error *error) {
    return database->engine->begin(database, error);
}

int database_commit(struct database *database, struct vms_error *error) {
    return database->engine->commit(database, error);
}

void database_rollback(struct database *database) {
    database->engine->rollback(database);
}

int database_mark(struct database *database, struct vms_error *error) {
    return database->engine->execute(database, "SAVEPOINT mark", error);
}

int database_keep(struct database *database, struct vms_error *error) {
    return database->engine->execute(database, "RELEASE SAVEPOINT mark", error);
}

int database_undo(struct database *database, struct vms_error *error) {
    int status = database->engine->execute(database, "ROLLBACK TO SAVEPOINT mark", error);

    return status < 0 ? status : database_keep(database, error);
}

int database_prepare(struct database *database, const char *sql, struct statement **ret_statement,
                     struct vms_error *error) {
    return database->engine->prepare(database, sql, ret_statement, error);
}

void statement_free(struct statement *statement) {
    if (statement)
        statement->engine->free(statement);
}

void statement_stream(struct statement *statement) {
    if (statement->engine->stream)
        statement->engine->stream(statement);
}

void statement_set_text(struct statement *statement, unsigned parameter, const char *text) {
    statement->engine->set_text(statement, parameter, text);
}

void statement_set_whole(struct statement *statement, unsigned parameter, int64_t number) {
    statement->engine->set_whole(statement, parameter, number);
}

void statement_set_real(struct statement *statement, unsigned parameter, double number) {
    statement->engine->set_real(statement, parameter, number);
}

int statement_step(struct statement *statement, struct vms_error *error) {
    return statement->engine->step(statement, error);
}

void statement_reset(struct statement *statement) {
    statement->engine->reset(statement);
}

int statement_run(struct statement *statement, struct vms_error *error) {
    return statement->engine->run(statement, error);
}

const char *statement_text(const struct statement *statement, unsigned column) {
    return statement->engine->text(statement, column);
}

int64_t statement_whole(const struct statement *statement, unsigned column) {
    return statement->engine->whole(statement, column);
}

double statement_real(const struct statement *statement, unsigned column) {
    return statement->engine->real(statement, column);
}
