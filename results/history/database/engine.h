/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What each kind of database does: see database.h. */
#ifndef VMSUITE_RESULTS_HISTORY_DATABASE_ENGINE_H
#define VMSUITE_RESULTS_HISTORY_DATABASE_ENGINE_H

#include "history/database/database.h"

struct database_engine {
    const char *name; /* for people */
    int (*open)(const char *where, enum database_mode mode, const struct database_schema *schema,
                struct database **ret_database, struct vms_error *error);
    void (*close)(struct database *database);
    int (*begin)(struct database *database, struct vms_error *error);
    int (*commit)(struct database *database, struct vms_error *error);
    void (*rollback)(struct database *database);
    int (*execute)(struct database *database, const char *sql, struct vms_error *error);
    int (*prepare)(struct database *database, const char *sql, struct statement **ret_statement,
                   struct vms_error *error);
    void (*free)(struct statement *statement);
    void (*stream)(struct statement *statement); /* NULL: rows come one by one in any case */
    void (*set_text)(struct statement *statement, unsigned parameter, const char *text);
    void (*set_whole)(struct statement *statement, unsigned parameter, int64_t number);
    void (*set_real)(struct statement *statement, unsigned parameter, double number);
    int (*step)(struct statement *statement, struct vms_error *error);
    void (*reset)(struct statement *statement);
    int (*run)(struct statement *statement, struct vms_error *error);
    const char *(*text)(const struct statement *statement, unsigned column);
    int64_t (*whole)(const struct statement *statement, unsigned column);
    double (*real)(const struct statement *statement, unsigned column);
};

/* The first member of each engine's own. */
struct database {
    const struct database_engine *engine;
};

struct statement {
    const struct database_engine *engine;
};

/* NULL: built without it. */
extern const struct database_engine *const engine_sqlite, *const engine_postgresql;

#endif
