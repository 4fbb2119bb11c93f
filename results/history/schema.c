/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "history/schema.h"

/* What SQLite and PostgreSQL both understand. A store is opened only where its tables are these, to the
 * letter: a change makes another version. */
static const char *const statements[] = {
    "CREATE TABLE environments (id INTEGER PRIMARY KEY, hash BIGINT NOT NULL, facts TEXT NOT NULL)",

    "CREATE TABLE runs (id INTEGER PRIMARY KEY, run_id TEXT NOT NULL UNIQUE, configuration TEXT NOT NULL, "
    "started_at TEXT NOT NULL, duration_s DOUBLE PRECISION, status TEXT NOT NULL, record TEXT NOT NULL, "
    "machine TEXT NOT NULL, virtualization TEXT NOT NULL, kernel TEXT NOT NULL, hypervisor TEXT NOT NULL, "
    "version TEXT NOT NULL, environment INTEGER NOT NULL REFERENCES environments (id))",

    "CREATE TABLE labels (run INTEGER NOT NULL REFERENCES runs (id), name TEXT NOT NULL, value TEXT NOT "
    "NULL, "
    "PRIMARY KEY (run, name))",

    "CREATE TABLE works (id INTEGER PRIMARY KEY, hash BIGINT NOT NULL, identity TEXT NOT NULL, label TEXT "
    "NOT NULL, "
    "module TEXT NOT NULL, resource TEXT NOT NULL, workload_version INTEGER NOT NULL)",

    "CREATE TABLE series (id INTEGER PRIMARY KEY, work INTEGER NOT NULL REFERENCES works (id), metric TEXT "
    "NOT NULL, "
    "unit TEXT NOT NULL, better TEXT NOT NULL, side TEXT NOT NULL, headline INTEGER NOT NULL, "
    "UNIQUE (work, metric, unit, better, side))",

    "CREATE TABLE figures (id INTEGER PRIMARY KEY, series INTEGER NOT NULL REFERENCES series (id), "
    "run INTEGER NOT NULL REFERENCES runs (id), number INTEGER NOT NULL, trials INTEGER NOT NULL, "
    "noisy INTEGER NOT NULL, log DOUBLE PRECISION, mean DOUBLE PRECISION NOT NULL, sd DOUBLE PRECISION, "
    "minimum DOUBLE PRECISION NOT NULL, median DOUBLE PRECISION NOT NULL, maximum DOUBLE PRECISION NOT NULL, "
    "UNIQUE (series, run, number))",

    "CREATE TABLE samples (figure INTEGER NOT NULL REFERENCES figures (id), trial INTEGER NOT NULL, "
    "value DOUBLE PRECISION NOT NULL, PRIMARY KEY (figure, trial))",

    "CREATE INDEX environments_hash ON environments (hash)",
    "CREATE INDEX works_hash ON works (hash)",
    "CREATE INDEX figures_run ON figures (run)",
    /* All that a history shows of a series, side by side: each row of the table lies elsewhere. */
    "CREATE INDEX figures_history ON figures (series, run, number, log, mean, median, sd, trials, noisy)",
    NULL,
};

const struct database_schema history_schema = {statements, 2};
