/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "device.h"

#include "failure.h"
#include "report.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* A device's or a partition's folder in sysfs; the files in it that we look at have short names. */
#define FOLDER_SIZE 384
#define FILE_SIZE (FOLDER_SIZE + 16)

static int check_name(const struct job *job, dev_t *ret_number, struct vms_error *error) {
    const char *destroys = job->host->destroys;
    char real[PATH_MAX];
    struct stat status;

    if (!destroys || strcmp(destroys, job->device) != 0)
        return report_error(error, -EPERM,
                            "%s will not be overwritten: the configuration must say \"destroys\": \"%s\"",
                            job->device, job->device);
    if (!realpath(job->device, real))
        return report_error(error, -errno, "%s: %s", job->device, strerror(errno));
    if (strcmp(real, job->device) != 0)
        return report_error(error, -EINVAL, "%s leads to %s: name the device itself", job->device, real);
    if (lstat(job->device, &status) < 0)
        return report_error(error, -errno, "%s: %s", job->device, strerror(errno));
    if (!S_ISBLK(status.st_mode))
        return report_error(error, -EINVAL, "%s is not a block device", job->device);
    *ret_number = status.st_rdev;
    return 0;
}

static int check_mounts(const struct job *job, dev_t number, struct vms_error *error) {
    FILE *mounts = fopen("/proc/self/mountinfo", "re");
    char *line = NULL, where[PATH_MAX];
    size_t capacity = 0;
    unsigned first, second;
    int status = 0;

    if (!mounts)
        return report_error(error, -errno, "/proc/self/mountinfo: %s: whether %s is mounted cannot be told",
                            strerror(errno), job->device);
    /* 36 35 98:0 /root /mount/point options ... (proc(5)) */
    while (status == 0 && getline(&line, &capacity, mounts) >= 0)
        if (sscanf(line, "%*u %*u %u:%u %*s %4095s", &first, &second, where) == 3 &&
            makedev(first, second) == number)
            status = report_error(error, -EBUSY, "%s is mounted on %s: unmount it first", job->device, where);
    free(line);
    (void)fclose(mounts);
    return status;
}

static int check_holders(const struct job *job, const char *folder, struct vms_error *error) {
    char path[FILE_SIZE];
    DIR *holders;
    const struct dirent *entry;
    int status = 0;

    (void)snprintf(path, sizeof(path), "%s/holders", folder);
    holders = opendir(path);
    if (!holders)
        return 0;
    while (status == 0 && (entry = readdir(holders)))
        if (entry->d_name[0] != '.')
            status = report_error(error, -EBUSY, "%s is held by %s: take it out of there first", job->device,
                                  entry->d_name);
    (void)closedir(holders);
    return status;
}

/* Reads "MAJOR:MINOR" from FOLDER/dev; false where there is none. */
static bool read_number(const char *folder, dev_t *ret_number) {
    char path[FILE_SIZE];
    unsigned first, second;
    FILE *file;
    bool found;

    (void)snprintf(path, sizeof(path), "%s/dev", folder);
    file = fopen(path, "re");
    if (!file)
        return false;
    found = fscanf(file, "%u:%u", &first, &second) == 2;
    (void)fclose(file);
    if (found)
        *ret_number = makedev(first, second);
    return found;
}

/* The device and its partitions, which sysfs shows as folders with a `dev` file of their own. */
static int check_users(const struct job *job, dev_t number, struct vms_error *error) {
    char folder[64], part[FOLDER_SIZE];
    const struct dirent *entry;
    DIR *parts;
    int status = check_mounts(job, number, error);

    (void)snprintf(folder, sizeof(folder), "/sys/dev/block/%u:%u", major(number), minor(number));
    if (status == 0)
        status = check_holders(job, folder, error);
    parts = status == 0 ? opendir(folder) : NULL;
    if (!parts)
        return status;
    while (status == 0 && (entry = readdir(parts))) {
        dev_t partition;

        (void)snprintf(part, sizeof(part), "%s/%s", folder, entry->d_name);
        if (entry->d_type != DT_DIR || entry->d_name[0] == '.' || !read_number(part, &partition))
            continue;
        status = check_mounts(job, partition, error);
        if (status == 0)
            status = check_holders(job, part, error);
    }
    (void)closedir(parts);
    return status;
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
    dev_t number;
    int fd, status = check_name(job, &number, error);

    if (status == 0)
        status = check_users(job, number, error);
    if (status < 0)
        return status;
    fd = open(job->device, flags | O_EXCL | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 && errno == EBUSY)
        return report_error(error, -EBUSY, "%s is in use (mounted, swap or part of another device)",
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
