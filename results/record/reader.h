/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads a record case by case, so that memory does not grow with the number of samples: the file is mapped,
 * the places of its cases are noted, and each case is parsed when it is asked for. */
#ifndef VMSUITE_RESULTS_RECORD_READER_H
#define VMSUITE_RESULTS_RECORD_READER_H

#include <jansson.h>
#include <vmsuite/module.h>

struct reader; /* an open record */

/* Opens `path` and checks its outline: one JSON object of schema "vmsuite.record/1" with the texts "run_id",
 * "configuration", "started_at", "status" and an array "cases". Members that this version does not know are
 * kept and ignored. The sentence names file and cause; *ret_reader is the caller's, freed by reader_close. */
int reader_open(const char *path, struct reader **ret_reader, struct vms_error *error);

/* All members but "cases". Borrowed. */
const json_t *reader_head(const struct reader *reader);
/* A text of the head; "" where it is null or absent. Borrowed. */
const char *reader_text(const struct reader *reader, const char *key);
/* The path as it was given. Borrowed. */
const char *reader_path(const struct reader *reader);
/* The number of cases. */
size_t reader_n_cases(const struct reader *reader);

/* Parses one case into a new reference: an object with the texts "group", "module", "resource", "status", the
 * objects "params", the arrays "trials" and "summary". -EINVAL with a sentence where it is something else. */
int reader_case(const struct reader *reader, size_t index, json_t **ret_case, struct vms_error *error);

/* Takes NULL. */
void reader_close(struct reader *reader);

/* Opens several; on failure none is left open. The caller frees with reader_close_all. */
int reader_open_all(char *const *paths, size_t n_paths, struct reader ***ret_readers,
                    struct vms_error *error);
/* Closes them and frees the array; takes NULL. */
void reader_close_all(struct reader **readers, size_t n_readers);

#endif
