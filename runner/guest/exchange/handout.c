/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/exchange/handout.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "files/transfer.h"
#include "output/way.h"

#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>

#define DIGEST_TEXT_SIZE (crypto_hash_sha256_BYTES * 2 + 1)

static void digest_text(const unsigned char *content, size_t size, char ret_text[static DIGEST_TEXT_SIZE]) {
    unsigned char digest[crypto_hash_sha256_BYTES];

    (void)crypto_hash_sha256(digest, content, size);
    (void)sodium_bin2hex(ret_text, DIGEST_TEXT_SIZE, digest, sizeof(digest));
}

int handout_write(const char *file, const char *disk, struct vms_error *error) {
    cleanup_close int from = open(file, O_RDONLY | O_CLOEXEC), to = open(disk, O_WRONLY | O_CLOEXEC);
    char head[HANDOUT_SECTOR] = "", digest[DIGEST_TEXT_SIZE];
    cleanup_free unsigned char *content = NULL;
    struct stat status;
    size_t size;
    int result;

    if (from < 0 || fstat(from, &status) < 0)
        return error_set(error, -errno, "%s cannot be read: %s", file, strerror(errno));
    if (to < 0)
        return error_set(error, -errno, "%s cannot be written: %s", disk, strerror(errno));
    size = (size_t)status.st_size;
    if (size == 0 || size > HANDOUT_DISK_SIZE - HANDOUT_SECTOR)
        return error_set(error, -EFBIG, "%s has %zu bytes; the disk holds 1 to %d", file, size,
                         HANDOUT_DISK_SIZE - HANDOUT_SECTOR);
    content = malloc(size);
    result = content ? transfer_read_at(from, content, size, 0, NULL) : -ENOMEM;
    if (result < 0)
        return error_set(error, result, "%s cannot be read: %s", file, strerror(-result));
    digest_text(content, size, digest);
    (void)snprintf(head, sizeof(head), HANDOUT_MAGIC "%zu %s\n", size, digest);
    result = transfer_write_at(to, content, size, HANDOUT_SECTOR);
    if (result == 0 && fsync(to) < 0)
        result = -errno;
    if (result == 0)
        result = transfer_write_at(to, head, sizeof(head), 0);
    if (result == 0 && fsync(to) < 0)
        result = -errno;
    return result < 0 ? error_set(error, result, "%s cannot be written: %s", disk, strerror(-result)) : 0;
}

int handout_prepare(const char *disk, struct vms_error *error) {
    cleanup_close int fd = way_create_instead(disk, error);
    int status;

    if (fd < 0)
        return fd;
    status = fchmod(fd, 0600) < 0 || ftruncate(fd, HANDOUT_DISK_SIZE) < 0 ? -errno : 0;
    if (status == 0)
        status = transfer_write_at(fd, HANDOUT_EMPTY, strlen(HANDOUT_EMPTY), 0);
    return status < 0 ? error_set(error, status, "%s cannot be written: %s", disk, strerror(-status)) : 0;
}

int handout_read(const char *disk, json_t **ret_record, struct vms_error *error) {
    cleanup_close int fd = open(disk, O_RDONLY | O_NONBLOCK | O_CLOEXEC); /* a FIFO is not waited for */
    char head[HANDOUT_SECTOR + 1] = "", again[HANDOUT_SECTOR + 1], said[DIGEST_TEXT_SIZE];
    char digest[DIGEST_TEXT_SIZE];
    cleanup_free unsigned char *content = NULL;
    json_error_t where;
    json_t *record;
    size_t size;

    if (fd < 0 || transfer_read_at(fd, head, HANDOUT_SECTOR, 0, NULL) < 0)
        return error_set(error, -ENODATA, "the record's disk cannot be read");
    if (strcmp(head, HANDOUT_EMPTY) == 0)
        return error_set(error, -ENODATA, "the guest did not hand out a record");
    if (sscanf(head, HANDOUT_MAGIC "%zu %64s", &size, said) != 2 || size == 0 ||
        size > HANDOUT_DISK_SIZE - HANDOUT_SECTOR)
        return error_set(error, -EBADMSG, "the guest's record has no valid header");
    (void)snprintf(again, sizeof(again), HANDOUT_MAGIC "%zu %s\n", size, said);
    if (strcmp(head, again) != 0) /* signs, spaces and zeros that scanf passes over */
        return error_set(error, -EBADMSG, "the guest's record has no valid header");
    content = malloc(size);
    if (!content || transfer_read_at(fd, content, size, HANDOUT_SECTOR, NULL) < 0)
        return error_set(error, -EBADMSG, "the guest's record was cut short");
    digest_text(content, size, digest);
    if (strcmp(said, digest) != 0)
        return error_set(error, -EBADMSG,
                         "the guest's record was cut short or changed on its way: its checksum "
                         "is not the one that the guest reported");
    record = json_loadb((const char *)content, size, JSON_REJECT_DUPLICATES, &where);
    if (!record)
        return error_set(error, -EBADMSG, "the guest's record is not JSON: %s", where.text);
    *ret_record = record;
    return 0;
}
