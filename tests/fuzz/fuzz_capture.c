/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libFuzzer target: whatever a captured tree holds, it is read, judged and captured again without a
 * crash, a hang or a way out of the tree. The input is a list of entries: path NUL kind length-low
 * length-high content; the kind makes a file, a huge file, a symbolic link, a folder, a FIFO or an
 * unreadable file of it. */
#include "check_machine.h"
#include "input.h"
#include "machine/capture.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_SIZE 256

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *walk) {
    (void)status;
    (void)type;
    (void)walk;
    return remove(path);
}

static void clear(const char *root) {
    (void)nftw(root, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

/* Only this program's own folder is written to, whatever the input says. */
static bool is_plain(const char *path) {
    return *path && !strstr(path, "..") && strlen(path) < PATH_SIZE - 64;
}

/* Folders are made without following links that an earlier entry left. */
static int open_parent(const char *root, char *path, char **ret_name) {
    int folder = open(root, O_RDONLY | O_DIRECTORY);
    char *part, *rest = path;

    while (folder >= 0 && (part = strsep(&rest, "/")) && rest) {
        int below;

        if (!*part)
            continue;
        (void)mkdirat(folder, part, 0777);
        below = openat(folder, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
        (void)close(folder);
        folder = below;
    }
    *ret_name = part;
    return folder;
}

static void make_file(int folder, const char *name, const uint8_t *content, size_t length, unsigned kind) {
    int fd =
        openat(folder, name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK, kind == 5 ? 0 : 0666);

    if (fd < 0)
        return;
    (void)!write(fd, content, length);
    if (kind == 1)
        (void)!ftruncate(fd, 1 << 20);
    (void)close(fd);
}

static void make_entry(const char *root, char *path, unsigned kind, const uint8_t *content, size_t length) {
    char target[PATH_SIZE] = "", *name;
    int folder = open_parent(root, path, &name);

    if (folder < 0)
        return;
    memcpy(target, content, length < sizeof(target) - 1 ? length : sizeof(target) - 1);
    if (name && *name && kind == 2)
        (void)!symlinkat(target, folder, name);
    else if (name && *name && kind == 3)
        (void)mkdirat(folder, name, 0777);
    else if (name && *name && kind == 4)
        (void)mkfifoat(folder, name, 0666);
    else if (name && *name)
        make_file(folder, name, content, length, kind);
    (void)close(folder);
}

static void make_tree(const char *root, const uint8_t *data, size_t size) {
    while (size > 0) {
        const uint8_t *end = memchr(data, 0, size);
        size_t path_length = end ? (size_t)(end - data) : size, length;
        char path[PATH_SIZE];

        if (!end || size < path_length + 4 || path_length >= sizeof(path))
            return;
        memcpy(path, data, path_length + 1);
        length = end[2] | (size_t)end[3] << 8;
        data = end + 4;
        size -= path_length + 4;
        length = length < size ? length : size;
        if (is_plain(path))
            make_entry(root, path, end[1] % 6, data, length);
        data += length;
        size -= length;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char root[] = "/dev/shm/vmsuite-fuzz-XXXXXX", tree[64], again[64];
    struct machine_source source;

    require(mkdtemp(root) != NULL);
    (void)snprintf(tree, sizeof(tree), "%s/tree", root);
    (void)snprintf(again, sizeof(again), "%s/again", root);
    require(mkdir(tree, 0777) == 0);
    make_tree(tree, data, size);
    source = machine_source_at(tree);
    check_machine(&source);
    if (machine_capture(&source, "/", again, NULL) == 0) {
        source = machine_source_at(again);
        check_machine(&source);
    }
    clear(root);
    return 0;
}
