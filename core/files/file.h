/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads files that others may have made: never waits for a pipe that nobody writes to, and survives a file
 * that is truncated while it is read. */
#ifndef VMSUITE_CORE_FILES_FILE_H
#define VMSUITE_CORE_FILES_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <vmsuite/module.h>

/* Whether a path is that of one of our own descriptors. */
bool file_is_descriptor(const char *path);

/* Whether two paths lead to one file or folder. */
bool file_is_same(const char *a, const char *b);

/* Opens a regular file for reading. A pipe is taken where the path is that of one of our own descriptors
 * (/dev/stdin, /dev/fd/N): the descriptor, or a negative errno with a sentence. */
int file_open(const char *path, struct vms_error *error);

/* Reads all of a file into a NUL-terminated text, which the caller frees. -EFBIG where it has more than `max`
 * bytes. */
int file_read(const char *path, size_t max, char **ret_text, size_t *ret_length, struct vms_error *error);

/* Calls `take` with the bytes of a file of any size, piece by piece. 0, or a negative errno with a
 * sentence. */
typedef void file_take(void *user, const unsigned char *bytes, size_t n);
int file_pieces(const char *path, file_take *take, void *user, struct vms_error *error);

#endif
