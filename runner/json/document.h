/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A JSON file that a user wrote: its values, the lines they stand on, and the rules of strict reading. */
#ifndef VMSUITE_RUNNER_JSON_DOCUMENT_H
#define VMSUITE_RUNNER_JSON_DOCUMENT_H

#include "json/json_lines.h"
#include "json/problems.h"

#include <jansson.h>

struct document {
    char *file;
    json_t *json; /* an object */
    struct json_lines lines;
    struct problems *problems; /* borrowed: where mistakes are collected */
    const char *root; /* borrowed: the place of `json` in the file, "$.configurations[2]"; NULL: "$" */
};

/* The largest file that is read. */
#define DOCUMENT_MAX (16 * 1024 * 1024)

/* Reads `file`. What is wrong (no such file, no JSON, no object, a duplicate key) is added to `problems`;
 * -EINVAL where no document came of it, and then there is nothing to free. */
int document_read(const char *file, struct problems *problems, struct document *ret_document);
/* The same for a file that another document names. Open files of this program ("/dev/stdin") may be named
 * only by its user, and are refused here: reading one might wait for ever. */
int document_read_named(const char *file, struct problems *problems, struct document *ret_document);
void document_done(struct document *document);

/* A file that a document names is looked for beside it first: its path, or NULL where it is not there. The
 * caller frees. */
char *document_beside(const char *file, const char *name);

/* Adds a problem at a place of the document. */
void document_problem(const struct document *document, const char *path, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Adds a problem for each key of `object` that is not in `known` (ended by NULL), with the nearest one. */
void document_check_keys(const struct document *document, const char *path, const json_t *object,
                         const char *const *known);

/* The member `key` of `object` at `path`: fills `ret_path` with its own path. NULL where it is absent; where
 * it is not of the wanted type, a problem is added and NULL returned. */
json_t *document_get(const struct document *document, const char *path, const json_t *object, const char *key,
                     json_type type, char ret_path[static JSON_PATH_SIZE]);

/* What a value is, for problems: "an object", "a whole number". Static. */
const char *document_type_name(const json_t *value);

/* What a whole number may be, and what it is where it is absent or wrong. */
struct document_limits {
    json_int_t min, max, fallback;
};

/* A whole number within limits at `key`. Where it is wrong, a problem is added. */
json_int_t document_get_integer(const struct document *document, const char *path, const json_t *object,
                                const char *key, const struct document_limits *limits);

#endif
