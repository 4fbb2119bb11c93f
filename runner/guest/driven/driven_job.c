/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/driven/driven_job.h"

#include "base/error.h"
#include "guest/appliance/archive.h"
#include "guest/exchange/job.h"
#include "guest/launchers/driven_port.h"

#include <inttypes.h>

/* In QEMU's user network the host is the way to all others, too. */
static int add_network(struct archive *archive, const struct guest_settings *settings) {
    if (!settings->network)
        return 0;
    return archive_add_text(archive, "job/network",
                            settings->bridge ? settings->address : JOB_ADDRESS " " JOB_HOST, 0644);
}

int driven_job_write(const struct guest_settings *settings, const char *path, struct vms_error *error) {
    struct archive archive = {0};
    char size[24];
    int status = archive_add_text(&archive, DRIVEN_JOB, "\n", 0644);

    (void)snprintf(size, sizeof(size), "%" PRIu64 "\n", settings->disk / 1024);
    if (status == 0)
        status = archive_add_text(&archive, "job/disks", settings->disk > 0 ? "1\n" : "0\n", 0644);
    if (status == 0 && settings->disk_in_memory)
        status = archive_add_text(&archive, "job/ramdisk", size, 0644);
    if (status == 0)
        status = add_network(&archive, settings);
    status = status < 0 ? error_memory(error) : archive_write(&archive, path, error);
    archive_done(&archive);
    return status;
}
