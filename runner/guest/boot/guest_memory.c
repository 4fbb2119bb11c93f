/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/boot/guest_memory.h"

#include "base/error.h"

#include <errno.h>
#include <sys/stat.h>

#define MIB (UINT64_C(1) << 20)
/* What a kernel keeps for itself: Debian's 6.1 keeps 56 MiB, one of one's own may be smaller. */
#define KERNEL_LEAST (32 * MIB)
#define KERNEL_ADVISED (72 * MIB)
#define STEP (16 * MIB)

static uint64_t size_of(const char *path) {
    struct stat status;

    return stat(path, &status) == 0 ? (uint64_t)status.st_size : 0;
}

void guest_memory_find(const struct appliance *appliance, uint64_t given, bool image_disk,
                       struct guest_memory *ret_memory) {
    uint64_t base = size_of(appliance->base), payload = size_of(appliance->payload);
    uint64_t archives = base + (image_disk ? 0 : payload) + 2 * (base + payload);

    *ret_memory = (struct guest_memory){given, KERNEL_LEAST + archives,
                                        (KERNEL_ADVISED + archives + STEP - 1) / STEP * STEP};
}

int guest_memory_check(const struct guest_memory *memory, struct vms_error *error) {
    if (memory->given >= memory->least)
        return 0;
    return error_set(
        error, -EINVAL,
        "its memory (%ju MiB) does not hold its kernel and what it boots from: give it \"memory\": "
        "\"%juMiB\"",
        (uintmax_t)(memory->given / MIB), (uintmax_t)(memory->advised / MIB));
}

void guest_memory_explain(const struct guest_memory *memory, struct vms_error *error) {
    const struct vms_error before = *error;

    (void)error_set(error, -ENOMEM,
                    "its memory (%ju MiB) is too small: give it \"memory\": \"%juMiB\"; %.300s",
                    (uintmax_t)(memory->given / MIB), (uintmax_t)(memory->advised / MIB), before.text);
}
