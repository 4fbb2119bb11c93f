/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A text of unknown length: a short one in memory, a long one in a temporary file. */
#ifndef VMSUITE_RESULTS_RECORD_FILE_SPOOL_H
#define VMSUITE_RESULTS_RECORD_FILE_SPOOL_H

#include <stddef.h>
#include <stdint.h>

#define SPOOL_MEMORY ((size_t)1 << 20) /* bytes at the most in memory */

/* Begun with SPOOL_EMPTY. */
struct spool {
    char *text;      /* owned, with a NUL behind it; NULL: in the file */
    int fd;          /* owned; -1: in memory */
    uint64_t length; /* so far */
    uint64_t max;    /* at the most */
};
#define SPOOL_EMPTY(most) ((struct spool){.fd = -1, .max = (most)})

/* Appends. -EFBIG: more than max; -ENOMEM; or what the temporary file says. */
int spool_add(struct spool *spool, const char *text, size_t length);
void spool_done(struct spool *spool);

#endif
