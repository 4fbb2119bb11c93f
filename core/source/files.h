/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a source reads files with: all of its calls to the system, so that a program can be linked with a tree
 * that lies in memory. Paths begin with '/' and are below the source's root. Errors as source.h has them. */
#ifndef VMSUITE_CORE_SOURCE_FILES_H
#define VMSUITE_CORE_SOURCE_FILES_H

#include "source/source.h"

#include <limits.h>
#include <stdio.h>

/* The bytes of a regular file, at most `limit`, and a NUL behind them. *ret_bytes is the caller's to free. */
int files_bytes(const struct machine_source *source, const char *path, size_t limit, char **ret_bytes,
                size_t *ret_size);

/* A regular file as a stream, which the caller closes. */
int files_stream(const struct machine_source *source, const char *path, FILE **ret_file);

/* What a symbolic link leads to, cut to PATH_MAX. */
int files_link(const struct machine_source *source, const char *path, char ret_target[static PATH_MAX]);

/* Looks whether something is there, whatever it is. */
int files_exists(const struct machine_source *source, const char *path);

/* A file's inode. */
int files_inode(const struct machine_source *source, const char *path, uint64_t *ret_inode);

/* Adds the entries of a folder without "." and "..", in any order. What was added is the caller's, also after
 * a failure. */
int files_names(const struct machine_source *source, const char *path, struct source_names *names);

#endif
