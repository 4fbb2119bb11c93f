/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/launchers/emulated/host_disks.h"

#define SECOND "/dev/vdb"
#define RAM_DISK "/dev/ram0"

const char *host_disk_scratch(const struct boot *boot) {
    if (!boot->scratch)
        return NULL;
    return boot->settings->disk_in_memory ? RAM_DISK : SECOND;
}
