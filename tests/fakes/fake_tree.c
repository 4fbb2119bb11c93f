/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fakes/fake_tree.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static _Noreturn void die(const char *what) {
    perror(what);
    abort();
}

int fake_tree_set_up(void **state) {
    struct fake_tree *tree = calloc(1, sizeof(*tree));

    if (!tree)
        return -1;
    (void)snprintf(tree->root, sizeof(tree->root), "/tmp/vmsuite-tree-XXXXXX");
    if (!mkdtemp(tree->root)) {
        free(tree);
        return -1;
    }
    tree->source = machine_source_at(tree->root);
    *state = tree;
    return 0;
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *walk) {
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

int fake_tree_tear_down(void **state) {
    struct fake_tree *tree = *state;
    int status = nftw(tree->root, remove_entry, 16, FTW_DEPTH | FTW_PHYS);

    free(tree);
    return status;
}

/* The path below the root, with the folders above it made. */
static void place(const struct fake_tree *tree, const char *path, char full[static 512]) {
    (void)snprintf(full, 512, "%s%s", tree->root, path);
    for (char *slash = strchr(full + strlen(tree->root) + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)mkdir(full, 0777);
        *slash = '/';
    }
}

void fake_tree_write_bytes(const struct fake_tree *tree, const char *path, const void *bytes, size_t size) {
    char full[512];
    FILE *file;

    place(tree, path, full);
    file = fopen(full, "w");
    if (!file || fwrite(bytes, 1, size, file) != size || fclose(file) != 0)
        die(full);
}

void fake_tree_write(const struct fake_tree *tree, const char *path, const char *text) {
    fake_tree_write_bytes(tree, path, text, strlen(text));
}

void fake_tree_link(const struct fake_tree *tree, const char *path, const char *target) {
    char full[512];

    place(tree, path, full);
    if (symlink(target, full) < 0)
        die(full);
}

void fake_tree_remove(const struct fake_tree *tree, const char *path) {
    char full[512];

    (void)snprintf(full, sizeof(full), "%s%s", tree->root, path);
    if (remove(full) < 0)
        die(full);
}
