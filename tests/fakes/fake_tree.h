/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A made-up machine in a temporary folder. */
#ifndef VMSUITE_TESTS_FAKES_FAKE_TREE_H
#define VMSUITE_TESTS_FAKES_FAKE_TREE_H

#include "machine/machine.h"

struct fake_tree {
    char root[64];
    struct machine_source source; /* reads the tree */
};

/* Set-up and tear-down of cmocka: *state becomes a struct fake_tree *. */
int fake_tree_set_up(void **state);
int fake_tree_tear_down(void **state);

/* Writes a file ("/proc/stat") and the folders above it; fails the test where that fails. */
void fake_tree_write(const struct fake_tree *tree, const char *path, const char *text);
void fake_tree_write_bytes(const struct fake_tree *tree, const char *path, const void *bytes, size_t size);
/* Makes a symbolic link. */
void fake_tree_link(const struct fake_tree *tree, const char *path, const char *target);
/* Removes a file. */
void fake_tree_remove(const struct fake_tree *tree, const char *path);

#endif
