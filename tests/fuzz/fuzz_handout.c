/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libFuzzer target: whatever a guest writes to the record's disk, it is read, or refused with a sentence, and
 * what is read is checked as a record, without a crash. The first byte of the input says whether the rest is
 * the disk, or a record's text that gets a right head, since no mutation would find its checksum. */
#include "guest/exchange/handout.h"
#include "input.h"
#include "record/read/record_check.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void write_all(int fd, const void *bytes, size_t size, off_t place) {
    require(pwrite(fd, bytes, size, place) == (ssize_t)size);
}

static void write_head(int fd, const uint8_t *content, size_t size) {
    unsigned char digest[crypto_hash_sha256_BYTES];
    char head[HANDOUT_SECTOR] = "", text[sizeof(digest) * 2 + 1];

    (void)crypto_hash_sha256(digest, content, size);
    (void)sodium_bin2hex(text, sizeof(text), digest, sizeof(digest));
    (void)snprintf(head, sizeof(head), HANDOUT_MAGIC "%zu %s\n", size, text);
    write_all(fd, head, sizeof(head), 0);
}

static void look(void *context, const char *path, const char *sentence) {
    (void)context;
    require(path && sentence && *sentence);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static int fd = -1;
    struct vms_error error = {""};
    json_t *record = NULL;
    char path[32];
    int status;

    if (size < 1)
        return 0;
    if (fd < 0)
        fd = memfd_create("disk", MFD_CLOEXEC);
    require(fd >= 0 && ftruncate(fd, 0) == 0);
    write_all(fd, data + 1, size - 1, data[0] % 2 ? HANDOUT_SECTOR : 0);
    if (data[0] % 2 && size > 1)
        write_head(fd, data + 1, size - 1);
    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    status = handout_read(path, &record, &error);
    require((status == 0) == (record != NULL) && (status == 0) == (error.text[0] == '\0'));
    if (record)
        record_check(record, look, NULL);
    json_decref(record);
    return 0;
}
