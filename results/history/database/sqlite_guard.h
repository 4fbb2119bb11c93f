/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The files that SQLite opens beside a store: in a shared folder another user may have made them, also at the
 * last moment, after sqlite_file_find() looked. SQLite believes them: by a journal it changes the store, and
 * removes a file that the journal names. */
#ifndef VMSUITE_RESULTS_HISTORY_DATABASE_SQLITE_GUARD_H
#define VMSUITE_RESULTS_HISTORY_DATABASE_SQLITE_GUARD_H

/* The name of SQLite's usual file system (sqlite3_open_v2), with these limits: a journal is opened only where
 * it belongs to the store's owner or to us; a file that a journal names is never opened, and so never
 * removed; nor is a log of the mode WAL (sqlite_file.c has why). What is refused is SQLITE_CANTOPEN. NULL
 * without SQLite's own. */
const char *sqlite_guard(void);

#endif
