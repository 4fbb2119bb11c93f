/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mistakes in the files that a user gave, collected so that all are reported at once. */
#ifndef VMSUITE_RUNNER_JSON_PROBLEMS_H
#define VMSUITE_RUNNER_JSON_PROBLEMS_H

#include <stddef.h>
#include <stdio.h>

struct problem {
    char *text; /* "FILE:LINE: JSON path: sentence" */
};

struct problems {
    struct problem *problems;
    size_t n_problems;
};

/* Adds a problem. `line` 0 and `path` NULL are left out of the text. Without memory for its text it is
 * counted all the same. */
void problems_add(struct problems *problems, const char *file, int line, const char *path, const char *format,
                  ...) __attribute__((format(printf, 5, 6)));

/* Prints one line per problem. */
void problems_print(const struct problems *problems, FILE *file);

/* Frees what it owns. */
void problems_done(struct problems *problems);

#endif
