/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A file line by line. This machine's has no limit of its size (/proc/self/mountinfo of a busy one has
 * megabytes), a capture's has that of recording: a sparse file there may be said to have a terabyte. */
#ifndef VMSUITE_CORE_SOURCE_LINES_H
#define VMSUITE_CORE_SOURCE_LINES_H

#include "source/source.h"

#include <stdio.h>

struct source_lines {
    const struct machine_source *source;
    const char *path; /* borrowed */
    FILE *file;
    char *bytes; /* owned: what `file` reads of a capture; NULL */
    char *line;  /* owned: the last one */
    size_t capacity;
};

/* Errors as source_bytes has them. The caller closes after success; `path` stays until then. */
int source_lines_open(const struct machine_source *source, const char *path, struct source_lines *ret_lines);

/* The next line without its end, as it is (source_clean_text makes it fit to be shown); NULL: the end. Valid
 * until the next call. */
char *source_lines_next(struct source_lines *lines);
void source_lines_close(struct source_lines *lines);

#endif
