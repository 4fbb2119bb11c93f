/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "history/import.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "record/read/walk.h"
#include "record/text/hash.h"

#include <string.h>

#define RUN_ID_MAX 64

static const char *const statements[IMPORT_STATEMENTS] = {
    [FIND_RUN] = "SELECT id FROM runs WHERE run_id = $1",
    [FIND_ENVIRONMENT] = "SELECT id FROM environments WHERE hash = $1 AND facts = $2",
    [FIND_WORK] = IMPORT_FIND_WORK,
    [FIND_SERIES] =
        "SELECT id FROM series WHERE work = $1 AND metric = $2 AND unit = $3 AND better = $4 AND side = $5",
    [ADD_ENVIRONMENT] = "INSERT INTO environments (id, hash, facts) VALUES ($1, $2, $3)",
    [ADD_RUN] =
        "INSERT INTO runs (id, run_id, configuration, started_at, duration_s, status, record, machine, "
        "virtualization, kernel, hypervisor, version, environment) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
    [ADD_LABEL] = "INSERT INTO labels (run, name, value) VALUES ($1, $2, $3)",
    [ADD_WORK] = "INSERT INTO works (id, hash, identity, label, module, resource, workload_version) "
                 "VALUES ($1, $2, $3, $4, $5, $6, $7)",
    [ADD_SERIES] = "INSERT INTO series (id, work, metric, unit, better, side, headline) "
                   "VALUES ($1, $2, $3, $4, $5, $6, $7)",
    [ADD_FIGURE] =
        "INSERT INTO figures (id, series, run, number, trials, noisy, log, mean, sd, minimum, median, "
        "maximum) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    [ADD_SAMPLE] = "INSERT INTO samples (figure, trial, value) VALUES ($1, $2, $3)",
};

static const char *const last[IMPORT_TABLES] = {
    [ENVIRONMENTS] = "SELECT MAX(id) FROM environments",
    [RUNS] = "SELECT MAX(id) FROM runs",
    [WORKS] = "SELECT MAX(id) FROM works",
    [SERIES] = "SELECT MAX(id) FROM series",
    [FIGURES] = "SELECT MAX(id) FROM figures",
};

int import_new(struct database *database, struct import **ret_import, struct vms_error *error) {
    struct import *import = calloc(1, sizeof(*import));
    int status = import ? 0 : error_memory(error);

    if (import)
        import->database = database;
    for (size_t i = 0; status == 0 && i < IMPORT_STATEMENTS; i++)
        status = database_prepare(database, statements[i], &import->statements[i], error);
    for (size_t i = 0; status == 0 && i < IMPORT_TABLES; i++)
        status = database_prepare(database, last[i], &import->last[i], error);
    if (status < 0)
        import_free(import);
    else
        *ret_import = import;
    return status;
}

void import_free(struct import *import) {
    if (!import)
        return;
    for (size_t i = 0; i < IMPORT_STATEMENTS; i++)
        statement_free(import->statements[i]);
    for (size_t i = 0; i < IMPORT_TABLES; i++)
        statement_free(import->last[i]);
    free(import);
}

/* The first column of the first row. 1, or 0 where there is none. */
static int find_whole(struct statement *statement, int64_t *ret, struct vms_error *error) {
    int status = statement_step(statement, error);

    if (status == 1) {
        *ret = statement_whole(statement, 0);
        statement_reset(statement);
    }
    return status;
}

int import_settle(struct import *import, const struct import_texts *of, const char *text, int64_t *ret_id,
                  struct vms_error *error) {
    struct statement *find = import->statements[of->find], *add = import->statements[of->add];
    int64_t hash = (int64_t)hash_text(HASH_START, text);
    int status;

    statement_set_whole(find, 1, hash);
    statement_set_text(find, 2, text);
    status = find_whole(find, ret_id, error);
    if (status != 0)
        return status < 0 ? status : 0;
    *ret_id = import->next[of->table]++;
    statement_set_whole(add, 1, *ret_id);
    statement_set_whole(add, 2, hash);
    statement_set_text(add, 3, text);
    return statement_run(add, error);
}

static int count_rows(struct import *import, struct vms_error *error) {
    int status = 0;

    for (size_t i = 0; status >= 0 && i < IMPORT_TABLES; i++) {
        import->next[i] = 0;
        status = find_whole(import->last[i], &import->next[i], error);
        if (import->next[i] < 0 || import->next[i] >= INT32_MAX)
            return error_set(error, -EINVAL, "the store is full: rows have no numbers left");
        import->next[i]++;
    }
    return status < 0 ? status : 0;
}

/* A run, while its cases are added. */
struct adding {
    struct import *import;
    const struct view_head *head;
    int64_t run;
};

static int add_case(void *context, const struct walk_case *at, struct vms_error *error) {
    const struct adding *adding = context;

    return import_case(adding->import, adding->run, adding->head, at->outcome, at->label, error);
}

int import_record(struct import *import, struct reader *reader, struct vms_error *error) {
    struct adding adding = {import, reader_head(reader), 0};
    int status;

    statement_set_text(import->statements[FIND_RUN], 1, adding.head->run_id);
    status = find_whole(import->statements[FIND_RUN], &adding.run, error);
    if (status != 0)
        return status < 0 ? status : 0;
    status = count_rows(import, error);
    if (status == 0)
        status = import_head(import, adding.head, reader_path(reader), &adding.run, error);
    if (status == 0)
        status = walk_cases(reader, add_case, &adding, error);
    return status < 0 ? status : 1;
}

int import_open(const char *path, struct reader **ret_reader, struct vms_error *error) {
    struct reader *reader = NULL;
    int status = reader_open(path, &reader, error);

    if (status < 0)
        return status;
    if (!*reader_head(reader)->run_id || strlen(reader_head(reader)->run_id) > RUN_ID_MAX)
        status =
            error_set(error, -EINVAL, "%s: its \"run_id\" must have 1 to %d characters", path, RUN_ID_MAX);
    else if (reader_head(reader)->status == OUTCOME_INTERRUPTED)
        status =
            error_set(error, -EINVAL, "%s: its run was interrupted; resume it, then import the record", path);
    if (status < 0)
        reader_close(reader);
    else
        *ret_reader = reader;
    return status;
}
