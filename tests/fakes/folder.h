/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A folder of a test's own, and files in it. */
#ifndef VMSUITE_TESTS_FAKES_FOLDER_H
#define VMSUITE_TESTS_FAKES_FOLDER_H

#include "files/tree.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

struct folder {
    char path[64];
};

static inline const char *folder_join(char ret_path[static PATH_MAX], const struct folder *folder,
                                      const char *name) {
    (void)snprintf(ret_path, PATH_MAX, "%s/%s", folder->path, name);
    return ret_path;
}

/* Set-up and tear-down of cmocka: *state becomes a struct folder *. */
static inline int folder_set_up(void **state) {
    struct folder *folder = calloc(1, sizeof(*folder));

    strcpy(folder->path, "/tmp/vmsuite-test-XXXXXX");
    *state = folder;
    return mkdtemp(folder->path) ? 0 : -1;
}

static inline int folder_tear_down(void **state) {
    struct folder *folder = *state;
    int status = tree_remove(folder->path);

    free(folder);
    return status;
}

/* Writes the file ROOT/PATH, and makes the folders above it. */
static inline void folder_write(const char *root, const char *path, const char *text) {
    char whole[512];
    FILE *file;

    (void)snprintf(whole, sizeof(whole), "%s%s", root, path);
    for (char *at = strchr(whole + strlen(root) + 1, '/'); at; at = strchr(at + 1, '/')) {
        *at = '\0';
        (void)mkdir(whole, 0700);
        *at = '/';
    }
    file = fopen(whole, "we");
    assert_non_null(file);
    (void)fputs(text, file);
    (void)fclose(file);
}

#endif
