/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/appliance/vmlinux.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "guest/appliance/bzimage.h"
#include "guest/tools/tool.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

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

/* A memory file with the compressed kernel, read from its start. */
static int payload(const struct bzimage *image, const char **ret_tool) {
    cleanup_close int file = -1;
    size_t length = image->payload_size;

    *ret_tool = NULL;
    if (length < 16)
        return -EINVAL;
    for (size_t i = 0; i < VMS_LENGTH(compressions); i++)
        if (memcmp(image->payload, compressions[i].magic, compressions[i].length) == 0) {
            *ret_tool = compressions[i].tool;
            length -= compressions[i].tail;
        }
    if (!*ret_tool)
        return -EINVAL;
    file = memfd_create("kernel", MFD_CLOEXEC);
    if (file < 0 || write(file, image->payload, length) != (ssize_t)length || lseek(file, 0, SEEK_SET) < 0)
        return -errno;
    return dup(file);
}

int vmlinux_extract(const char *image, const char *path, struct vms_error *error) {
    cleanup_close int input = -1, output = -1;
    struct bzimage kernel;
    const char *tool;
    int status = bzimage_read(image, &kernel, error);

    if (status < 0)
        return status;
    input = payload(&kernel, &tool);
    bzimage_done(&kernel);
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
