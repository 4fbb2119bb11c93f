/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The text of a record's file, within bounded memory: a small one is read as a whole, of a large one the
 * parts that are asked for. It is never mapped, so that a file that shrinks meanwhile is an error and not the
 * end of the program. */
#ifndef VMSUITE_RESULTS_RECORD_FILE_RECORD_FILE_H
#define VMSUITE_RESULTS_RECORD_FILE_RECORD_FILE_H

#include "record/file/outline.h"

#include <vmsuite/module.h>

#define RECORD_FILE_SMALL ((size_t)1 << 20) /* bytes that are kept in memory */
#define RECORD_FILE_MAX_GIB 4               /* of what is packed, or comes through a pipe */
#define RECORD_FILE_MAX ((uint64_t)RECORD_FILE_MAX_GIB << 30)
#define RECORD_FILE_UNWATCHED ((uint64_t)64 << 20) /* what may be packed however well */
#define RECORD_FILE_RATIO_MAX 1000                 /* of what is larger, unpacked bytes for one */

struct record_file {
    char *path; /* owned, as it was given */
    uint64_t size;
    char *text;    /* owned, with a NUL behind it; NULL: large */
    int fd;        /* of a large one, else -1 */
    uint64_t most; /* bytes of what is packed, or comes through a pipe */
};

/* Where a part of a large file is read to. Zeroed: empty. */
struct record_buffer {
    char *bytes; /* owned */
    size_t size;
};

/* Opens `path` as file_open() does. A failure's sentence names it. The caller frees with record_file_done,
 * also after a failure. */
int record_file_open(struct record_file *file, const char *path, struct vms_error *error);
void record_file_done(struct record_file *file);

/* The bytes of `extent`, with a NUL or the byte behind them; in the file's memory or in `buffer`, until it is
 * used again. -EIO where the file has become shorter. -ENOMEM. */
int record_file_read(const struct record_file *file, struct extent extent, struct record_buffer *buffer,
                     const char **ret_text, struct vms_error *error);
void record_buffer_done(struct record_buffer *buffer);

/* Reads all of it into a new NUL-terminated text, which the caller frees. -EFBIG: more than `max` bytes. */
int record_file_load(const char *path, size_t max, char **ret_text, size_t *ret_length,
                     struct vms_error *error);

/* Finds the members and cases. -EINVAL with a sentence that names the line. The caller frees the outline,
 * also after a failure. */
int record_file_outline(const struct record_file *file, struct outline *outline, struct vms_error *error);

/* Makes "PATH:LINE:COLUMN: SENTENCE" of a byte's place. Returns `status`. */
int record_file_refuse(const struct record_file *file, uint64_t at, int status, const char *sentence,
                       struct vms_error *error);

#endif
