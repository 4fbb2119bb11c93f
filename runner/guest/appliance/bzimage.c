/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/appliance/bzimage.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "files/file.h"

#include <endian.h>
#include <string.h>

#define SIZE_MAX_KERNEL ((size_t)1 << 29)
#define SECTOR ((size_t)512)
#define SETUP_SECTORS 0x1f1
#define SETUP_SECTORS_OLD 4 /* where the head says 0 */
#define MAGIC 0x202
#define VERSION 0x206
#define RELOCATABLE 0x234
#define PAYLOAD_OFFSET 0x248
#define PAYLOAD_LENGTH 0x24c
#define PREFERRED 0x258
#define SPACE 0x260
#define HEAD_SIZE 0x264

static uint32_t number(const char *place) {
    uint32_t value;

    memcpy(&value, place, sizeof(value));
    return le32toh(value);
}

static void find_payload(struct bzimage *image) {
    uint64_t offset = image->setup_size + (uint64_t)number(image->content + PAYLOAD_OFFSET);
    uint32_t length = number(image->content + PAYLOAD_LENGTH);

    if (offset + length > image->size)
        return;
    image->payload = image->content + offset;
    image->payload_size = length;
}

int bzimage_read(const char *path, struct bzimage *ret_image, struct vms_error *error) {
    cleanup_free char *content = NULL;
    struct bzimage image = {0};
    unsigned char sectors;
    int status = file_read(path, SIZE_MAX_KERNEL, &content, &image.size, error);

    if (status < 0)
        return status;
    if (image.size < HEAD_SIZE || memcmp(content + MAGIC, "HdrS", 4) != 0 ||
        (image.version = number(content + VERSION) & 0xffff) < 0x0208)
        return error_set(error, -EINVAL, "%s is not a bzImage", path);
    sectors = (unsigned char)content[SETUP_SECTORS];
    image.setup_size = (1 + (sectors > 0 ? sectors : SETUP_SECTORS_OLD)) * SECTOR;
    if (image.setup_size > image.size)
        return error_set(error, -EINVAL, "%s is cut: it is shorter than its head says", path);
    image.relocatable = content[RELOCATABLE] != 0;
    if (image.version >= 0x020a) {
        image.preferred = number(content + PREFERRED) | (uint64_t)number(content + PREFERRED + 4) << 32;
        image.space = number(content + SPACE);
    }
    image.content = TAKE(content);
    find_payload(&image);
    *ret_image = image;
    return 0;
}

void bzimage_done(struct bzimage *image) {
    free(image->content);
    *image = (struct bzimage){0};
}
