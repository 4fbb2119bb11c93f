/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/appliance/init/init.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define DEVICE "/dev/ram0"

static int copy(int from, int to) {
    static char block[1 << 20];
    ssize_t count;

    while ((count = read(from, block, sizeof(block))) > 0)
        if (write(to, block, (size_t)count) != count)
            return -1;
    return count < 0 ? -1 : fsync(to);
}

int ramdisk_fill(const char *file, struct disks *disks) {
    FILE *settings = fopen(file, "re");
    int from = -1, to = -1, status = -1;
    unsigned long kib = 0;
    char parameters[64];

    if (!settings)
        return 0;
    if (fscanf(settings, "%lu", &kib) == 1) {
        (void)snprintf(parameters, sizeof(parameters), "rd_nr=1 rd_size=%lu max_part=0", kib);
        drivers_load_one("brd", parameters);
        from = open(disks->scratch, O_RDONLY | O_CLOEXEC);
        to = open(DEVICE, O_WRONLY | O_CLOEXEC);
        status = from < 0 || to < 0 ? -1 : copy(from, to);
    }
    (void)fclose(settings);
    (void)close(from);
    (void)close(to);
    if (status == 0)
        (void)snprintf(disks->scratch, sizeof(disks->scratch), DEVICE);
    return status;
}
