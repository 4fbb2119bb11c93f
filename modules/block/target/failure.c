/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "block/target/failure.h"

#include "shared/case/report.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

static const char *meaning(int status) {
    switch (status) {
    case -ENOSPC:
        return "the disk is full: free some space or choose a smaller file_size";
    case -EDQUOT:
        return "the disk quota is used up: raise it or choose a smaller file_size";
    case -EIO:
        return "the device reported an error: see the kernel's log";
    case -EROFS:
        return "the file system is read-only: remount it or choose another scratch folder";
    case -EFBIG:
        return "the file system or a limit (ulimit -f) allows no file of this size: choose a smaller "
               "file_size";
    case -EACCES:
    case -EPERM:
        return "this user may not do that: choose another scratch folder or user";
    default:
        return strerror(-status);
    }
}

int failure_io(struct vms_error *error, int status, const char *doing, const char *path, uint64_t offset) {
    return report_error(error, status, "%s %s at byte %" PRIu64 ": %s", doing, path, offset, meaning(status));
}
