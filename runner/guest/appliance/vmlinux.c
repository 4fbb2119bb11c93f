/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/appliance/vmlinux.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "guest/tools/tool.h"

#include <endian.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

/* Places in the boot sector (boot.rst). */
#define SECTOR 512
#define SETUP_SECTORS 0x1f1
#define MAGIC 0x202
#define VERSION 0x206
#define PAYLOAD_OFFSET 0x248
#define PAYLOAD_LENGTH 0x24c

static const struct {
    char magic[6];
    unsigned length;
    const char *tool;
    unsigned tail; /* bytes after the compressed kernel: the length of what is in it (gzip has it within) */
} compressions[] = {{"\xfd"
                     "7zXZ",
                     6, "xz", 4},
                    {"\x28\xb5\x2f\xfd", 4, "zstd", 4},
                    {"\x1f\x8b", 2, "gzip", 0}};

static uint32_t number(const unsigned char *place) {
    uint32_t value;

    memcpy(&value, place, sizeof(value));
    return le32toh(value);
}

/* A memory file with the compressed kernel, read from its start. */
static int payload(FILE *image, const unsigned char *head, const char **ret_tool) {
    uint32_t offset = number(head + PAYLOAD_OFFSET), length = number(head + PAYLOAD_LENGTH);
    unsigned sectors = head[SETUP_SECTORS] ? head[SETUP_SECTORS] : 4;
    cleanup_free char *content = NULL;
    cleanup_close int file = -1;

    *ret_tool = NULL;
    if (length < 16 || length > UINT32_C(1) << 29 || !(content = malloc(length)) ||
        fseek(image, (long)(sectors + 1) * SECTOR + (long)offset, SEEK_SET) < 0 ||
        fread(content, length, 1, image) != 1)
        return -EINVAL;
    for (size_t i = 0; i < VMS_LENGTH(compressions); i++)
        if (memcmp(content, compressions[i].magic, compressions[i].length) == 0) {
            *ret_tool = compressions[i].tool;
            length -= compressions[i].tail;
        }
    if (!*ret_tool)
        return -EINVAL;
    file = memfd_create("kernel", MFD_CLOEXEC);
    if (file < 0 || write(file, content, length) != (ssize_t)length || lseek(file, 0, SEEK_SET) < 0)
        return -errno;
    return dup(file);
}

int vmlinux_extract(const char *image, const char *path, struct vms_error *error) {
    cleanup_fclose FILE *file = fopen(image, "re");
    cleanup_close int input = -1, output = -1;
    unsigned char head[1024];
    const char *tool;

    if (!file || fread(head, sizeof(head), 1, file) != 1)
        return error_set(error, -EINVAL, "%s cannot be read as a kernel", image);
    if (memcmp(head + MAGIC, "HdrS", 4) != 0 || (number(head + VERSION) & 0xffff) < 0x0208)
        return error_set(error, -EINVAL, "%s is not a bzImage", image);
    input = payload(file, head, &tool);
    if (input < 0)
        return error_set(error, -EINVAL, "%s: the kernel has an unknown compression", image);
    output = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (output < 0)
        return error_set(error, -errno, "%s cannot be written: %s", path, strerror(errno));
    return tool_run(
        &(struct tool){
            .argv = (const char *[]){tool, "-dc", NULL}, .input = input, .output = output, .deadline_s = 120},
        NULL, error);
}
