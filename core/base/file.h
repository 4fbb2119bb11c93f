/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files of others, read: never waits for a pipe that nobody writes to, and outlives a file that is cut while it
 * is read. */
#ifndef VMSUITE_CORE_BASE_FILE_H
#define VMSUITE_CORE_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <vmsuite/module.h>

/* Opens a regular file for reading. A pipe is taken where the path is that of one of our own descriptors
 * (/dev/stdin, /dev/fd/N): the descriptor, or a negative errno with a sentence. */
int file_open(const char *path, struct vms_error *error);

/* Reads all of a file into a NUL-terminated text, which the caller frees. -EFBIG where it has more than `max`
 * bytes. */
int file_read(const char *path, size_t max, char **ret_text, size_t *ret_length, struct vms_error *error);

/* A file in memory. */
struct file_map {
    const char *text; /* not NUL-terminated */
    size_t length;
    struct file_guard *guard; /* file.c's own */
};

/* Maps a regular file; -EINVAL where it is empty. What is cut off it afterwards reads as zeros instead of ending
 * the process by SIGBUS, whose handler is set with the first file: use file_map_is_whole. */
int file_map(const char *path, struct file_map *ret_map, struct vms_error *error);

/* Whether all that was read from the map so far was the file's. */
bool file_map_is_whole(const struct file_map *map);

/* Takes one that was never made. */
void file_unmap(struct file_map *map);

#endif
