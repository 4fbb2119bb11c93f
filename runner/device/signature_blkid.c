/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "device/signature.h"

#include "base/error.h"

#include <blkid.h>
#include <errno.h>
#include <string.h>

#define AMBIVALENT (-2) /* of blkid_do_safeprobe() */

int signature_read(int fd, const char *path, char **ret_name, struct vms_error *error) {
    blkid_probe probe = blkid_new_probe();
    const char *name = NULL;
    int status = -EIO, found;

    if (probe && blkid_probe_set_device(probe, fd, 0, 0) == 0 &&
        blkid_probe_enable_superblocks(probe, 1) == 0 &&
        blkid_probe_set_superblocks_flags(probe, BLKID_SUBLKS_TYPE | BLKID_SUBLKS_BADCSUM) == 0 &&
        blkid_probe_enable_partitions(probe, 1) == 0 &&
        blkid_probe_set_partitions_flags(probe, BLKID_PARTS_FORCE_GPT) == 0) {
        found = blkid_do_safeprobe(probe);
        if (found == AMBIVALENT)
            name = "several";
        else if (found == 0 && blkid_probe_lookup_value(probe, "TYPE", &name, NULL) < 0 &&
                 blkid_probe_lookup_value(probe, "PTTYPE", &name, NULL) < 0)
            name = "unknown";
        status = found < 0 && found != AMBIVALENT ? -EIO : 0;
    }
    *ret_name = status == 0 && name ? strdup(name) : NULL;
    if (probe)
        blkid_free_probe(probe);
    if (status < 0)
        return error_set(error, status, "what is on %s cannot be read", path);
    return name && !*ret_name ? error_memory(error) : 0;
}
