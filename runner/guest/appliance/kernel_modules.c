/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/appliance/kernel_modules.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "guest/tools/files.h"

#include <fts.h>
#include <string.h>
#include <sys/stat.h>

#define NAME_SIZE 64

/* The drivers of a tree: file names, whose '-' and '_' are the same (modprobe(8)). */
struct drivers {
    char **files;
    size_t n_files;
};

struct loading {
    struct archive *archive;
    struct drivers drivers;
    char *order; /* names so far, one a line */
};

static void normalise(char *name) {
    for (; *name; name++)
        if (*name == '-')
            *name = '_';
}

/* The name of a driver's file: "/x/virtio-gpu.ko" is "virtio_gpu". */
static void driver_name(const char *file, char ret_name[static NAME_SIZE]) {
    const char *base = strrchr(file, '/');

    (void)snprintf(ret_name, NAME_SIZE, "%.*s", (int)strcspn(base ? base + 1 : file, "."),
                   base ? base + 1 : file);
    normalise(ret_name);
}

static int add_driver(struct drivers *drivers, const char *path) {
    char **files = reallocarray(drivers->files, drivers->n_files + 1, sizeof(*files));

    if (!files)
        return -ENOMEM;
    drivers->files = files;
    files[drivers->n_files] = strdup(path);
    return files[drivers->n_files++] ? 0 : -ENOMEM;
}

static int list_drivers(const char *tree, struct drivers *drivers, struct vms_error *error) {
    char *roots[] = {(char *)tree, NULL};
    FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOSTAT | FTS_NOCHDIR, NULL);
    FTSENT *entry;
    int status = 0;

    if (!walk)
        return error_unread(error, -errno, tree);
    while (status == 0 && (entry = fts_read(walk))) {
        if (entry->fts_info == FTS_DNR || entry->fts_info == FTS_ERR)
            status = error_unread(error, -entry->fts_errno, entry->fts_path);
        else if (entry->fts_info != FTS_D && entry->fts_info != FTS_DP && strstr(entry->fts_name, ".ko"))
            status = add_driver(drivers, entry->fts_path) < 0 ? error_memory(error) : 0;
    }
    if (status == 0 && errno != 0)
        status = error_unread(error, -errno, tree);
    (void)fts_close(walk);
    if (status < 0)
        return status;
    return drivers->n_files > 0 ? 0 : error_set(error, -ENOENT, "%s holds no drivers (*.ko)", tree);
}

static const char *find_driver(const struct drivers *drivers, const char *name) {
    char other[NAME_SIZE];

    for (size_t i = 0; i < drivers->n_files; i++) {
        driver_name(drivers->files[i], other);
        if (strcmp(other, name) == 0)
            return drivers->files[i];
    }
    return NULL;
}

/* The value of "depends=" in the section .modinfo, where texts end in 0 bytes. The caller frees. */
static char *dependencies(const char *file, struct vms_error *error) {
    static const char key[] = "\0depends=";
    cleanup_fclose FILE *driver = fopen(file, "re");
    cleanup_free char *content = NULL;
    struct stat status;
    size_t size;
    char *found;

    if (!driver || fstat(fileno(driver), &status) < 0) {
        (void)error_unread(error, -errno, file);
        return NULL;
    }
    size = (size_t)status.st_size;
    content = calloc(1, size + 1);
    if (!content || fread(content, 1, size, driver) != size) {
        (void)error_set(error, -EIO, "%s cannot be read", file);
        return NULL;
    }
    found = memmem(content, size, key, sizeof(key) - 1);
    return strdup(found ? found + sizeof(key) - 1 : "");
}

static bool is_ordered(const struct loading *loading, const char *name) {
    char line[NAME_SIZE + 2];

    (void)snprintf(line, sizeof(line), "\n%s\n", name);
    return strstr(loading->order, line);
}

static int append(struct loading *loading, const char *name, const char *file) {
    cleanup_free char *place = NULL;
    char *longer = NULL;

    if (!(place = text_new("modules/%s.ko", name)))
        return -ENOMEM;
    if (!(longer = text_new("%s%s\n", loading->order, name)))
        return -ENOMEM;
    free(loading->order);
    loading->order = longer;
    return archive_add_file(loading->archive, place, file, 0644);
}

/* What it needs first, then itself. */
static int load(struct loading *loading, const char *wanted, unsigned depth, struct vms_error *error) {
    cleanup_free char *needed = NULL;
    char name[NAME_SIZE], *rest;
    const char *file;
    int status = 0;

    driver_name(wanted, name);
    file = find_driver(&loading->drivers, name);
    if (!file || depth > 16 || is_ordered(loading, name))
        return 0;
    if (strcmp(strrchr(file, '.'), ".ko") != 0)
        return error_set(error, -ENOTSUP, "%s is compressed: decompress the drivers of this kernel first",
                         file);
    needed = dependencies(file, error);
    if (!needed)
        return -EIO;
    for (char *other = strtok_r(needed, ",", &rest); status == 0 && other; other = strtok_r(NULL, ",", &rest))
        status = load(loading, other, depth + 1, error);
    if (status == 0 && append(loading, name, file) < 0)
        status = error_memory(error);
    return status;
}

int kernel_modules_add(struct archive *archive, const char *tree, const char *list, const char *const *names,
                       struct vms_error *error) {
    struct loading loading = {.archive = archive, .order = strdup("\n")};
    cleanup_free char *place = NULL;
    int status = loading.order ? list_drivers(tree, &loading.drivers, error) : -ENOMEM;

    for (; status == 0 && *names; names++)
        status = load(&loading, *names, 0, error);
    if (status == 0 && (!(place = text_new("modules/%s.order", list)) ||
                        archive_add_text(archive, place, loading.order + 1, 0644) < 0))
        status = error_memory(error);
    for (size_t i = 0; i < loading.drivers.n_files; i++)
        free(loading.drivers.files[i]);
    free(loading.drivers.files);
    free(loading.order);
    return status;
}

char *kernel_modules_tree(const char *package, struct vms_error *error) {
    cleanup_free char *folder = NULL, *tree = NULL;

    folder = text_new("%s/lib/modules", package);
    if (!folder) {
        (void)error_memory(error);
        return NULL;
    }
    tree = files_find(folder, "", "");
    if (!tree)
        (void)error_set(error, -ENOENT, "%s holds no drivers", package);
    return TAKE(tree);
}
