/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads a record case by case, so that memory does not grow with the number of samples: opening notes the
 * places of its cases, and each is read when it is asked for. */
#ifndef VMSUITE_RESULTS_RECORD_READ_READER_H
#define VMSUITE_RESULTS_RECORD_READ_READER_H

#include "record/view/view.h"

struct reader; /* an open record */

/* Opens `path` and checks its outline: one JSON object of schema "vmsuite.record/1" with the texts "run_id",
 * "configuration", "started_at", "status" and an array "cases". Members that this version does not know are
 * passed over. The sentence names file and cause, with line and column; *ret_reader is the caller's, freed by
 * reader_close. */
int reader_open(const char *path, struct reader **ret_reader, struct vms_error *error);

/* All but the cases. Borrowed. */
const struct view_head *reader_head(const struct reader *reader);
/* The path as it was given. Borrowed. */
const char *reader_path(const struct reader *reader);
/* The number of cases. */
size_t reader_n_cases(const struct reader *reader);

/* Reads one case into `outcome`, which is zeroed before its first use, may be used for one case after the
 * other, and is freed with reader_case_done, also after a failure. -EINVAL with a sentence where it is not a
 * valid case. */
int reader_case(struct reader *reader, size_t index, struct view_case *outcome, struct vms_error *error);
/* Reads it only as far as its parameters are known. */
int reader_case_params(struct reader *reader, size_t index, struct view_case *outcome,
                       struct vms_error *error);
void reader_case_done(struct view_case *outcome);

/* The record's document without its cases, and a text of it. Borrowed. */
const json_t *reader_document(const struct reader *reader);
const char *reader_text(const struct reader *reader, const char *key);

/* Takes NULL. */
void reader_close(struct reader *reader);

/* Opens several; on failure none is left open. The caller frees with reader_close_all. */
int reader_open_all(char *const *paths, size_t n_paths, struct reader ***ret_readers,
                    struct vms_error *error);
/* Closes them and frees the array; takes NULL. */
void reader_close_all(struct reader **readers, size_t n_readers);

#endif
