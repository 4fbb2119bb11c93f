/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "block/target/device.h"

#include "block/target/failure.h"
#include "block/target/users.h"
#include "shared/case/report.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

/* Whose names udev keeps: by-id, by-path, ... */
#define LINKS "/dev/disk/"

static int check_name(const struct job *job, char real[static PATH_MAX], dev_t *ret_number,
                      struct vms_error *error) {
    const char *destroys = job->host->destroys;
    struct stat status;

    if (!destroys || strcmp(destroys, job->device) != 0)
        return report_error(error, -EPERM,
                            "%s will not be overwritten: the configuration must say \"destroys\": \"%s\"",
                            job->device, job->device);
    if (!realpath(job->device, real))
        return report_error(error, -errno, "%s: %s", job->device, strerror(errno));
    if (strcmp(real, job->device) != 0 && strncmp(job->device, LINKS, strlen(LINKS)) != 0)
        return report_error(error, -EINVAL, "%s leads to %s: name the device itself, or a link in " LINKS,
                            job->device, real);
    if (lstat(real, &status) < 0)
        return report_error(error, -errno, "%s: %s", real, strerror(errno));
    if (!S_ISBLK(status.st_mode))
        return report_error(error, -EINVAL, "%s is not a block device", job->device);
    *ret_number = status.st_rdev;
    return 0;
}

static int check_opened(const struct job *job, int fd, dev_t number, struct vms_error *error) {
    struct stat status;
    uint64_t size;

    if (fstat(fd, &status) < 0 || ioctl(fd, BLKGETSIZE64, &size) < 0)
        return report_error(error, -errno, "%s: %s", job->device, strerror(errno));
    if (!S_ISBLK(status.st_mode) || status.st_rdev != number)
        return report_error(error, -EINVAL, "%s has changed while it was opened", job->device);
    if (size < job->bytes)
        return report_error(error, -ENOSPC,
                            "%s has %" PRIu64 " bytes, the job needs %" PRIu64 ": choose a smaller file_size",
                            job->device, size, job->bytes);
    return 0;
}

int device_open(const struct job *job, int flags, int *ret_fd, struct vms_error *error) {
    char real[PATH_MAX];
    dev_t number = 0;
    int fd, status = check_name(job, real, &number, error);

    if (status == 0)
        status = users_check(job->device, number, error);
    if (status < 0)
        return status;
    fd = open(real, flags | O_EXCL | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 && errno == EBUSY)
        return report_error(error, -EBUSY,
                            "%s is in use: something holds it exclusively (mounted elsewhere, part of a "
                            "file system or of another device)",
                            job->device);
    if (fd < 0)
        return failure_io(error, -errno, "opening", job->device, 0);
    status = check_opened(job, fd, number, error);
    if (status < 0) {
        (void)close(fd);
        return status;
    }
    *ret_fd = fd;
    return 0;
}
