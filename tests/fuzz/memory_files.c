/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "memory_files.h"

#include "input.h"
#include "source/files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ENTRIES_MAX 1024

struct entry {
    const char *path; /* in the input */
    enum { ENTRY_FILE, ENTRY_HUGE, ENTRY_LINK, ENTRY_FOLDER, ENTRY_FIFO, ENTRY_SECRET, ENTRY_KINDS } kind;
    const char *bytes; /* in the input */
    size_t size;
};

static struct entry entries[ENTRIES_MAX];
static size_t n_entries;

static int compare(const void *a, const void *b) {
    return strcmp(((const struct entry *)a)->path, ((const struct entry *)b)->path);
}

void memory_tree(const uint8_t *data, size_t size) {
    n_entries = 0;
    while (size > 0 && n_entries < ENTRIES_MAX) {
        const uint8_t *end = memchr(data, 0, size);
        size_t head = end ? (size_t)(end - data) + 4 : size, length;
        struct entry *entry = &entries[n_entries];

        if (!end || size < head)
            break;
        length = end[2] | (size_t)end[3] << 8;
        length = length < size - head ? length : size - head;
        *entry = (struct entry){(const char *)data, end[1] % ENTRY_KINDS, (const char *)data + head, length};
        n_entries += entry->path[0] == '/';
        data += head + length;
        size -= head + length;
    }
    qsort(entries, n_entries, sizeof(*entries), compare);
}

void memory_each_file(void (*look)(const char *path, const char *bytes, size_t size)) {
    for (size_t i = 0; i < n_entries; i++)
        if (entries[i].kind == ENTRY_FILE)
            look(entries[i].path, entries[i].bytes, entries[i].size);
}

/* A path as it stands in the tree: without empty parts, "." and "..". */
static void normalise(const char *path, char ret_path[static PATH_MAX]) {
    size_t length = 0;

    for (const char *part = path; *part; part += strcspn(part, "/")) {
        size_t size;

        part += strspn(part, "/");
        size = strcspn(part, "/");
        if (size == 0 || (size == 1 && part[0] == '.'))
            continue;
        if (size == 2 && part[0] == '.' && part[1] == '.') {
            while (length > 0 && ret_path[--length] != '/')
                continue;
            continue;
        }
        require(length + size + 2 < PATH_MAX);
        ret_path[length++] = '/';
        memcpy(ret_path + length, part, size);
        length += size;
    }
    ret_path[length] = '\0';
}

static const struct entry *find(const char *path) {
    char plain[PATH_MAX];
    struct entry key = {.path = plain};

    normalise(path, plain);
    return bsearch(&key, entries, n_entries, sizeof(*entries), compare);
}

/* The first entry that is not before `path`, or n_entries. */
static size_t first_from(const char *path) {
    size_t low = 0, high = n_entries;

    while (low < high) {
        size_t middle = (low + high) / 2;

        if (strcmp(entries[middle].path, path) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

int files_bytes(const struct machine_source *source, const char *path, size_t limit, char **ret_bytes,
                size_t *ret_size) {
    const struct entry *entry = find(path);
    size_t size = entry && entry->size < limit ? entry->size : limit;

    (void)source;
    if (!entry)
        return -ENOENT;
    if (entry->kind != ENTRY_FILE)
        return entry->kind == ENTRY_SECRET ? -EACCES : -EINVAL;
    *ret_bytes = malloc(size + 1);
    require(*ret_bytes != NULL);
    memcpy(*ret_bytes, entry->bytes, size);
    (*ret_bytes)[size] = '\0';
    *ret_size = size;
    return 0;
}

int files_stream(const struct machine_source *source, const char *path, FILE **ret_file) {
    const struct entry *entry = find(path);

    (void)source;
    if (!entry)
        return -ENOENT;
    if (entry->kind != ENTRY_FILE)
        return -EINVAL;
    *ret_file = fmemopen((void *)entry->bytes, entry->size, "r");
    return *ret_file ? 0 : -EINVAL; /* of an empty file */
}

int files_link(const struct machine_source *source, const char *path, char ret_target[static PATH_MAX]) {
    const struct entry *entry = find(path);
    size_t size = entry && entry->size < PATH_MAX - 1 ? entry->size : PATH_MAX - 1;

    (void)source;
    if (!entry || entry->kind != ENTRY_LINK)
        return entry ? -EINVAL : -ENOENT;
    memcpy(ret_target, entry->bytes, size);
    ret_target[size] = '\0';
    return 0;
}

static void add_name(struct source_names *names, const char *name, size_t length) {
    if (names->n_names == SOURCE_NAMES_MAX)
        return;
    names->names = reallocarray(names->names, names->n_names + 1, sizeof(*names->names));
    require(names->names != NULL);
    names->names[names->n_names++] = strndup(name, length);
}

/* Whether there are entries below a path; adds their names where `names` is not NULL. */
static bool look_below(const char *path, struct source_names *names) {
    char plain[PATH_MAX];
    size_t length, i;

    normalise(path, plain);
    length = strlen(plain);
    plain[length++] = '/';
    plain[length] = '\0';
    i = first_from(plain);
    if (i == n_entries || strncmp(entries[i].path, plain, length) != 0)
        return false;
    for (const char *last = ""; names && i < n_entries && strncmp(entries[i].path, plain, length) == 0; i++) {
        const char *name = entries[i].path + length;
        size_t size = strcspn(name, "/");

        if (size > 0 && (strncmp(last, name, size) != 0 || (last[size] && last[size] != '/')))
            add_name(names, name, size);
        last = name;
    }
    return true;
}

int files_exists(const struct machine_source *source, const char *path) {
    (void)source;
    return find(path) || look_below(path, NULL) ? 0 : -ENOENT;
}

int files_inode(const struct machine_source *source, const char *path, uint64_t *ret_inode) {
    *ret_inode = 1;
    return files_exists(source, path);
}

int files_names(const struct machine_source *source, const char *path, struct source_names *names) {
    const struct entry *entry = find(path);

    (void)source;
    return look_below(path, names) || (entry && entry->kind == ENTRY_FOLDER) ? 0 : -ENOENT;
}
