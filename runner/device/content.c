/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "device/content.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "files/transfer.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#define SECTOR 512u
#define PIECE (UINT64_C(1) << 20)
#define EDGE (8 * PIECE) /* bytes of the beginning and of the end of which all is read */
#define GLANCE (UINT64_C(64) << 10)
#define OURS_SECTORS 8u /* too many for chance */
#define SHARES 1024u
#define GROUPS 32u /* in as many, or a whole part of as many, does mkfs.xfs divide a device */

struct look {
    int fd;
    const char *path;
    uint64_t size;
    unsigned char *bytes; /* PIECE of them */
    uint64_t at;          /* where something was found */
};

static int read_piece(const struct look *look, uint64_t at, size_t length, struct vms_error *error) {
    size_t done;
    int status = transfer_read_at(look->fd, look->bytes, length, (off_t)at, &done);

    if (status == 0)
        return 0;
    return error_set(error, status == -ENODATA ? -EIO : status,
                     "what is on %s cannot be read at byte %" PRIu64 ": %s; nothing was written", look->path,
                     at + done, status == -ENODATA ? "it ends there" : strerror(-status));
}

/* Erased flash may read as ones. */
static bool is_blank(const unsigned char *bytes, size_t length) {
    return (bytes[0] == 0x00 || bytes[0] == 0xff) && memcmp(bytes, bytes + 1, length - 1) == 0;
}

/* 1, with look->at, where one of these bytes is not blank. */
static int look_at(struct look *look, uint64_t at, uint64_t length, struct vms_error *error) {
    uint64_t end = at >= look->size ? at : length < look->size - at ? at + length : look->size;

    while (at < end) {
        size_t n = (size_t)(end - at < PIECE ? end - at : PIECE);
        int status = read_piece(look, at, n, error);

        if (status < 0)
            return status;
        for (size_t i = 0; i < n; i += SECTOR) {
            if (!is_blank(look->bytes + i, n - i < SECTOR ? n - i : SECTOR)) {
                look->at = at + i;
                return 1;
            }
        }
        at += n;
    }
    return 0;
}

/* Where ext2, ext3 and ext4 keep copies of the superblock for whatever size of block (in groups 1, 3, 5 and
 * 7, which have eight times as many blocks as a block has bytes), and btrfs its mirrors. */
static int look_at_copies(struct look *look, struct vms_error *error) {
    int status = 0;

    for (uint64_t at = EDGE; status == 0 && at < look->size && at < UINT64_C(1) << 60; at *= 2) {
        for (uint64_t group = 1; status == 0 && group <= 7; group += 2)
            status = look_at(look, at * group, GLANCE, error);
    }
    return status;
}

static int look_at_shares(struct look *look, struct vms_error *error) {
    int status = 0;

    for (uint64_t i = 1; status == 0 && i < SHARES; i++) {
        uint64_t at = (look->size / SHARES * i + look->size % SHARES * i / SHARES) / SECTOR * SECTOR;

        status = look_at(look, at, i % (SHARES / GROUPS) == 0 ? PIECE : GLANCE, error);
    }
    return status;
}

/* 1 where the device begins with sectors of which each holds its own place first, as those of modules/block
 * do (target/pool.h): it was given up before, with all that is left behind them. */
static int begins_with_ours(const struct look *look, struct vms_error *error) {
    size_t length = OURS_SECTORS * SECTOR;
    int status = look->size < length ? 0 : read_piece(look, 0, length, error);

    if (look->size < length || status < 0)
        return status;
    for (uint64_t at = 0; at < length; at += SECTOR) {
        uint64_t place;

        memcpy(&place, look->bytes + at, sizeof(place));
        if (place != at)
            return 0;
    }
    return 1;
}

static int look_everywhere(struct look *look, struct vms_error *error) {
    int status = begins_with_ours(look, error);

    if (status != 0)
        return status < 0 ? status : 0;
    status = look_at(look, 0, EDGE, error);
    if (status == 0 && look->size > EDGE)
        status = look_at(look, look->size - EDGE, EDGE, error);
    if (status == 0)
        status = look_at_copies(look, error);
    return status == 0 ? look_at_shares(look, error) : status;
}

int content_find(int fd, const char *path, uint64_t size, uint64_t *ret_at, struct vms_error *error) {
    cleanup_free unsigned char *bytes = malloc(PIECE);
    struct look look = {.fd = fd, .path = path, .size = size, .bytes = bytes};
    int status;

    if (!bytes)
        return error_memory(error);
    (void)posix_fadvise(fd, 0, 0, POSIX_FADV_RANDOM); /* nothing beside what is looked at is read */
    status = look_everywhere(&look, error);
    if (status > 0)
        *ret_at = look.at;
    return status;
}
