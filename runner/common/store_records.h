/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Records that go into a store. */
#ifndef VMSUITE_RUNNER_COMMON_STORE_RECORDS_H
#define VMSUITE_RUNNER_COMMON_STORE_RECORDS_H

#include "common/exit_status.h"
#include "history/runs.h"

#include <stdbool.h>
#include <stddef.h>

/* Whether a text is a time that runs can be chosen by: a day, or a time as records have it. True for NULL,
 * which chooses nothing. */
bool store_is_time(const char *text);
#define STORE_TIME_RULE "--since and --until take a day or a time in UTC: 2026-01-31, or 2026-01-31T12:00:00Z"

/* Splits "NAME=VALUE" of argv, or takes "NAME"; NULL: nothing is chosen. */
void store_take_label(const char *label, struct history_choice *choice);

/* The store that a document names: a server, or a path, relative to the folder of the document's `file`; from
 * where we are where that is no file with a folder of its own, such as /dev/stdin. A path is made absolute.
 * NULL with errno set. The caller frees. */
char *store_named(const char *file, const char *name);

/* Whether a store can be written, asked before the work. Says on stderr as `vmsuite COMMAND` what is wrong.
 * Returns the exit status. */
int store_check(const char *command, const char *where);

/* Adds records to a store, and says on stderr how many; a record that cannot be read is named, and the others
 * go on. Returns the exit status. */
int store_records(const char *command, const char *where, char *const *paths, size_t n_paths);

#endif
