/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/appliance/archive.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "output/way.h"

#include <string.h>
#include <sys/stat.h>

static struct archive_entry *find(const struct archive *archive, const char *name) {
    for (size_t i = 0; i < archive->n_entries; i++)
        if (strcmp(archive->entries[i].name, name) == 0)
            return &archive->entries[i];
    return NULL;
}

static void empty(struct archive_entry *entry) {
    free(entry->name);
    free(entry->source);
    free(entry->text);
    *entry = (struct archive_entry){0};
}

/* Takes over the texts of `entry`, also on failure. */
static int put(struct archive *archive, struct archive_entry entry, bool content) {
    struct archive_entry *place;

    if (!entry.name || (content && !entry.source && !entry.text)) {
        empty(&entry);
        return -ENOMEM;
    }
    place = find(archive, entry.name);
    if (place) {
        empty(place);
    } else {
        place = reallocarray(archive->entries, archive->n_entries + 1, sizeof(*place));
        if (!place) {
            empty(&entry);
            return -ENOMEM;
        }
        archive->entries = place;
        place += archive->n_entries++;
    }
    *place = entry;
    return 0;
}

static int add_parents(struct archive *archive, const char *name) {
    cleanup_free char *folder = strdup(name);
    char *slash = folder ? strrchr(folder, '/') : NULL;
    int status;

    if (!folder)
        return -ENOMEM;
    if (!slash)
        return 0;
    *slash = '\0';
    if (find(archive, folder))
        return 0;
    status = add_parents(archive, folder);
    return status < 0
               ? status
               : put(archive, (struct archive_entry){.name = TAKE(folder), .mode = S_IFDIR | 0755}, false);
}

int archive_add_file(struct archive *archive, const char *name, const char *source, unsigned permissions) {
    struct archive_entry entry = {.mode = S_IFREG | permissions};
    int status = add_parents(archive, name);

    if (status < 0)
        return status;
    entry.name = strdup(name);
    entry.source = strdup(source);
    return put(archive, entry, true);
}

int archive_add_text(struct archive *archive, const char *name, const char *text, unsigned permissions) {
    struct archive_entry entry = {.mode = S_IFREG | permissions, .length = strlen(text)};
    int status = add_parents(archive, name);

    if (status < 0)
        return status;
    entry.name = strdup(name);
    entry.text = strdup(text);
    return put(archive, entry, true);
}

bool archive_has(const struct archive *archive, const char *name) {
    return find(archive, name);
}

static int by_name(const void *a, const void *b) {
    return strcmp(((const struct archive_entry *)a)->name, ((const struct archive_entry *)b)->name);
}

static void pad(FILE *file, size_t unit) {
    while (ftell(file) % (long)unit != 0 && !ferror(file))
        (void)fputc(0, file);
}

static void write_head(FILE *file, const char *name, size_t number, unsigned mode, size_t length) {
    /* magic, inode, mode, uid, gid, links, mtime, size, device (2), of what device (2), name's size, check */
    (void)fprintf(file, "070701%08zX%08X%08X%08X%08X%08X%08zX%08X%08X%08X%08X%08zX%08X", number, mode, 0, 0,
                  S_ISDIR(mode) ? 2 : 1, 0, length, 0, 0, 0, 0, strlen(name) + 1, 0);
    (void)fwrite(name, strlen(name) + 1, 1, file);
    pad(file, 4);
}

static int write_source(FILE *file, const struct archive_entry *entry, size_t number,
                        struct vms_error *error) {
    cleanup_fclose FILE *source = fopen(entry->source, "re");
    size_t left, count;
    struct stat status;
    char block[65536];

    if (!source || fstat(fileno(source), &status) < 0)
        return error_set(error, -errno, "%s cannot be read: %s", entry->source, strerror(errno));
    if (status.st_size > UINT32_MAX)
        return error_set(error, -EFBIG, "%s is too large for the appliance", entry->source);
    left = (size_t)status.st_size;
    write_head(file, entry->name, number, entry->mode, left);
    while (left > 0 && (count = fread(block, 1, left < sizeof(block) ? left : sizeof(block), source)) > 0) {
        (void)fwrite(block, 1, count, file);
        left -= count;
    }
    return left == 0 ? 0 : error_set(error, -EIO, "%s became shorter while it was read", entry->source);
}

static int open_new(const char *path, FILE **ret_file, struct vms_error *error) {
    int fd = way_create_instead(path, error);

    *ret_file = fd < 0 ? NULL : fdopen(fd, "w");
    if (fd >= 0 && !*ret_file) {
        (void)close(fd);
        return error_memory(error);
    }
    return fd < 0 ? fd : 0;
}

/* All that is in the buffer is in the file, which is as long as it has to be. */
static int finish(const struct archive *archive, FILE *file) {
    if (fflush(file) != 0 || ferror(file))
        return -EIO;
    return (uint64_t)ftell(file) < archive->least && ftruncate(fileno(file), (off_t)archive->least) < 0
               ? -errno
               : 0;
}

int archive_write(struct archive *archive, const char *path, struct vms_error *error) {
    cleanup_fclose FILE *file = NULL;
    int status = open_new(path, &file, error);

    if (status < 0)
        return status;
    if (archive->n_entries > 0)
        qsort(archive->entries, archive->n_entries, sizeof(*archive->entries), by_name);
    for (size_t i = 0; status == 0 && i < archive->n_entries; i++) {
        const struct archive_entry *entry = &archive->entries[i];

        if (entry->source) {
            status = write_source(file, entry, i + 1, error);
        } else {
            write_head(file, entry->name, i + 1, entry->mode, entry->length);
            (void)fwrite(entry->text ? entry->text : "", 1, entry->length, file);
        }
        pad(file, 4);
    }
    write_head(file, "TRAILER!!!", 0, 0, 0);
    pad(file, 512);
    if (status == 0 && finish(archive, file) < 0)
        status = error_set(error, -EIO, "%s cannot be written: %s", path, strerror(errno));
    return status;
}

void archive_done(struct archive *archive) {
    for (size_t i = 0; i < archive->n_entries; i++)
        empty(&archive->entries[i]);
    free(archive->entries);
    *archive = (struct archive){0};
}
