/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The journal of a run: one fsync'ed JSON line per finished trial, so that a killed run can be resumed. Line
 * 1 is the header: {"schema": "vmsuite.journal/1", "run_id", "configuration", "suite", "seed", "started_at",
 * "boot_id" and "boot_s": when it began by the clock of that boot}; each further line {"case": N, ...trial as
 * in the record..., "case_facts": [...], "case_path": "loopback"}, or {"case": N, "case_status": "crashed",
 * "reason": "..."}. A torn last line (the run was killed while writing it) is passed over. */
#ifndef VMSUITE_RESULTS_RECORD_WRITE_JOURNAL_H
#define VMSUITE_RESULTS_RECORD_WRITE_JOURNAL_H

#include "record/write/record.h"

#include <sys/stat.h>

#define JOURNAL_SCHEMA "vmsuite.journal/1"

struct journal; /* an open journal */

/* Creates `path` (it must not exist), writes and fsyncs the header. *ret_journal is the caller's, freed with
 * journal_close. */
int journal_create(const char *path, const json_t *header, struct journal **ret_journal,
                   struct vms_error *error);

/* Whether a run may be resumed from what is in the folder: a regular file of ours, of root's or of the
 * folder's owner. */
bool journal_is_trusted(int folder, const struct stat *info);
/* The same of a file by its name in the folder, and of a record: others may have put theirs beside ours. */
bool journal_is_trusted_at(int folder, const char *name);

/* Reads the header and every whole trial line into a new array of new references. -ENODATA where the run was
 * killed while it wrote the header; -EPERM or -ELOOP where it is not to be trusted. */
int journal_read(const char *path, json_t **ret_header, json_t **ret_lines, struct vms_error *error);

/* Opens `path` to go on: a torn last line is cut off first. -EPERM and -ELOOP as above. */
int journal_open(const char *path, struct journal **ret_journal, struct vms_error *error);

/* Appends a line and fsyncs; one that does not fit is taken back. */
int journal_append_line(struct journal *journal, const json_t *json, struct vms_error *error);

/* Appends one finished trial and fsyncs. */
int journal_append(struct journal *journal, const struct outcome_case *outcome,
                   const struct outcome_trial *trial, struct vms_error *error);

/* Appends what became of a case beside its trials (its clean-up crashed): status and reason. */
int journal_append_case(struct journal *journal, const struct outcome_case *outcome, struct vms_error *error);

/* Puts a line of journal_read back into the run: finds the case by its number, adds trial and case facts, or
 * sets its status and reason. */
int journal_apply(struct outcome_run *run, const json_t *line, struct vms_error *error);

/* Closes; takes NULL. The file stays. */
void journal_close(struct journal *journal);

#endif
