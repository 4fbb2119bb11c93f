/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "places/bundle/tar.h"

#include "base/cleanup.h"
#include "base/error.h"

#include <string.h>
#include <sys/stat.h>

#define BLOCK 512
#define END_BLOCKS 2

struct header {
    char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8], type, link[100], magic[6],
        version[2], user[32], group[32], major[8], minor[8], prefix[155], rest[12];
};
_Static_assert(sizeof(struct header) == BLOCK, "a header is one block");

static int by_name(const void *a, const void *b) {
    return strcmp(((const struct archive_entry *)a)->name, ((const struct archive_entry *)b)->name);
}

static void write_header(FILE *file, const struct archive_entry *entry, size_t length) {
    struct header header = {
        .type = S_ISDIR(entry->mode) ? '5' : '0', .magic = "ustar", .version = {'0', '0'}};
    unsigned sum = 0;

    (void)memcpy(header.name, entry->name, strnlen(entry->name, sizeof(header.name)));
    (void)snprintf(header.mode, sizeof(header.mode), "%07o", entry->mode & 07777);
    (void)snprintf(header.uid, sizeof(header.uid), "%07o", 0);
    (void)snprintf(header.gid, sizeof(header.gid), "%07o", 0);
    (void)snprintf(header.size, sizeof(header.size), "%011zo", length);
    (void)snprintf(header.mtime, sizeof(header.mtime), "%011o", 0);
    memset(header.checksum, ' ', sizeof(header.checksum));
    for (size_t i = 0; i < sizeof(header); i++)
        sum += ((const unsigned char *)&header)[i];
    (void)snprintf(header.checksum, sizeof(header.checksum), "%06o", sum);
    (void)fwrite(&header, sizeof(header), 1, file);
}

static void fill(FILE *file, size_t length) {
    for (; length % BLOCK != 0; length++)
        (void)fputc(0, file);
}

static int write_source(FILE *file, const struct archive_entry *entry, struct vms_error *error) {
    cleanup_fclose FILE *source = fopen(entry->source, "re");
    char bytes[65536];
    struct stat info;
    size_t left, count;

    if (!source || fstat(fileno(source), &info) < 0)
        return error_set(error, -errno, "%s cannot be read: %s", entry->source, strerror(errno));
    left = (size_t)info.st_size;
    write_header(file, entry, left);
    while (left > 0 && (count = fread(bytes, 1, left < sizeof(bytes) ? left : sizeof(bytes), source)) > 0) {
        (void)fwrite(bytes, 1, count, file);
        left -= count;
    }
    fill(file, (size_t)info.st_size);
    return left == 0 ? 0 : error_set(error, -EIO, "%s became shorter while it was read", entry->source);
}

static int write_entry(FILE *file, const struct archive_entry *entry, struct vms_error *error) {
    if (strlen(entry->name) > sizeof(((struct header *)0)->name))
        return error_set(error, -ENAMETOOLONG, "the name %s is too long for the archive", entry->name);
    if (entry->source)
        return write_source(file, entry, error);
    write_header(file, entry, entry->length);
    if (entry->length > 0)
        (void)fwrite(entry->text, 1, entry->length, file);
    fill(file, entry->length);
    return 0;
}

int tar_write(struct archive *archive, FILE *file, struct vms_error *error) {
    int status = 0;

    if (archive->n_entries > 0)
        qsort(archive->entries, archive->n_entries, sizeof(*archive->entries), by_name);
    for (size_t i = 0; status == 0 && i < archive->n_entries; i++)
        status = write_entry(file, &archive->entries[i], error);
    for (size_t i = 0; i < (size_t)END_BLOCKS * BLOCK; i++)
        (void)fputc(0, file);
    if (status == 0 && (fflush(file) != 0 || ferror(file)))
        status = error_set(error, -EIO, "the archive cannot be written: %s", strerror(errno));
    return status;
}
