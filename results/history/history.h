/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A store of records: what was measured, run after run. docs/store.md. */
#ifndef VMSUITE_RESULTS_HISTORY_HISTORY_H
#define VMSUITE_RESULTS_HISTORY_HISTORY_H

#include "history/database/database.h"

struct history;

/* Opens a store as database_open() does; for writing, one that is not there is made when its first record is
 * added: here it is asked whether it can be. */
int history_open(const char *where, enum database_mode mode, struct history **ret_history,
                 struct vms_error *error);
/* Takes NULL. */
void history_close(struct history *history);

/* Adds a record, whole or not at all. Returns 1, or 0 where the store has this run already; negative errno
 * with a sentence. Several are added in one transaction, for which other writers wait at most a second and
 * the time that one record takes; what was added is there after history_keep(), and is forgotten by
 * history_close(). */
int history_import(struct history *history, const char *path, struct vms_error *error);
int history_keep(struct history *history, struct vms_error *error);
/* How many records were added, and are there. */
size_t history_n_added(const struct history *history);

/* The store's database. Borrowed. */
struct database *history_database(const struct history *history);

#endif
