/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a record's file to rows. */
#ifndef VMSUITE_RESULTS_HISTORY_IMPORT_H
#define VMSUITE_RESULTS_HISTORY_IMPORT_H

#include "history/database/database.h"
#include "record/read/reader.h"

#define IMPORT_FIND_WORK "SELECT id FROM works WHERE hash = $1 AND identity = $2"

/* The statements of an import. */
enum import_statement {
    FIND_RUN,
    FIND_ENVIRONMENT,
    FIND_WORK,
    FIND_SERIES,
    ADD_ENVIRONMENT,
    ADD_RUN,
    ADD_LABEL,
    ADD_WORK,
    ADD_SERIES,
    ADD_FIGURE,
    ADD_SAMPLE,
    IMPORT_STATEMENTS
};

/* The tables that number their rows. */
enum import_table { ENVIRONMENTS, RUNS, WORKS, SERIES, FIGURES, IMPORT_TABLES };

struct import {
    struct database *database; /* borrowed */
    struct statement *statements[IMPORT_STATEMENTS], *last[IMPORT_TABLES];
    int64_t next[IMPORT_TABLES]; /* numbers of rows to come, under the writer's lock */
};

/* Prepares the statements. -errno with a sentence. Freed with import_free. */
int import_new(struct database *database, struct import **ret_import, struct vms_error *error);
/* Takes NULL. */
void import_free(struct import *import);

/* Opens a record that can be added. -EINVAL with a sentence: it cannot. */
int import_open(const char *path, struct reader **ret_reader, struct vms_error *error);
/* Adds it within the caller's transaction. 1, or 0 where the store has the run already; after a failure some
 * of its rows are there. */
int import_record(struct import *import, struct reader *reader, struct vms_error *error);

/* A table whose rows are found by a text. */
struct import_texts {
    enum import_table table;
    enum import_statement find, add;
};

/* A row that has `hash` and `text`, added where there is none: its number. The other parameters of the
 * statement that adds, from the fourth on, are set. */
int import_settle(struct import *import, const struct import_texts *of, const char *text, int64_t *ret_id,
                  struct vms_error *error);

/* Adds the rows of a run, without its cases. */
int import_head(struct import *import, const struct view_head *head, const char *path, int64_t *ret_run,
                struct vms_error *error);
/* Adds the rows of a case. */
int import_case(struct import *import, int64_t run, const struct view_head *head,
                const struct view_case *outcome, const char *label, struct vms_error *error);

#endif
