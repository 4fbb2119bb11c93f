/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A captured machine in memory, in the place of source/files.c. */
#ifndef VMSUITE_TESTS_FUZZ_MEMORY_FILES_H
#define VMSUITE_TESTS_FUZZ_MEMORY_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Takes the tree that an input describes, a list of entries: path NUL kind length-low length-high content.
 * The kind makes a file, a symbolic link, a folder or something else of it. Of entries of one path, one
 * counts. The input must stay as long as the tree is read. */
void memory_tree(const uint8_t *data, size_t size);

/* Calls `look` with each file of the tree. */
void memory_each_file(void (*look)(const char *path, const char *bytes, size_t size));

#endif
