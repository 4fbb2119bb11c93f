/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mistakes in the files that a user gave, collected so that all are reported at once. */
#ifndef VMSUITE_RUNNER_JSON_PROBLEMS_H
#define VMSUITE_RUNNER_JSON_PROBLEMS_H

#include <stddef.h>
#include <stdio.h>

#define PROBLEMS_SHOWN 50

struct problem {
    char *text; /* owned: "FILE:LINE: JSON path: sentence"; NULL: there was no memory */
};

struct problems {
    struct problem problems[PROBLEMS_SHOWN]; /* the first ones */
    size_t n_problems;                       /* all */
    char *file;                              /* owned: of the first that is only counted; NULL */
};

/* Adds a problem. `line` 0 and `path` NULL are left out of the text. Those behind PROBLEMS_SHOWN others are
 * counted. */
void problems_add(struct problems *problems, const char *file, int line, const char *path, const char *format,
                  ...) __attribute__((format(printf, 5, 6)));

/* Prints one line per problem, and how many more there are. */
void problems_print(const struct problems *problems, FILE *file);

/* Frees what it owns. */
void problems_done(struct problems *problems);

#endif
