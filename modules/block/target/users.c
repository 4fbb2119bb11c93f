/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "block/target/users.h"

#include "block/target/entries.h"
#include "shared/case/line.h"
#include "shared/case/report.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* A device's or a partition's folder in sysfs; the files in it that we look at have short names. */
#define FOLDER_SIZE 384
#define FILE_SIZE (FOLDER_SIZE + 32)

/* Where users may be that cannot be seen, nothing is written. */
static int report_unseen(struct vms_error *error, int status, const char *place, const char *device) {
    return report_error(error, status, "%s: %s: whether %s is in use cannot be determined", place,
                        strerror(-status), device);
}

static int check_mounts(const char *device, dev_t number, struct vms_error *error) {
    FILE *mounts = fopen("/proc/self/mountinfo", "re");
    char *line = NULL, where[PATH_MAX];
    size_t capacity = 0;
    unsigned first, second;
    int status = 0;

    if (!mounts)
        return report_unseen(error, -errno, "/proc/self/mountinfo", device);
    /* 36 35 98:0 /root /mount/point options ... (proc(5)) */
    while (status == 0 && getline(&line, &capacity, mounts) >= 0)
        if (sscanf(line, "%*u %*u %u:%u %*s %4095s", &first, &second, where) == 3 &&
            makedev(first, second) == number)
            status = report_error(error, -EBUSY, "%s is mounted on %s: unmount it first", device, where);
    free(line);
    (void)fclose(mounts);
    return status;
}

static bool leads_to(const char *path, dev_t number) {
    struct stat status;

    return stat(path, &status) == 0 && S_ISBLK(status.st_mode) && status.st_rdev == number;
}

/* A kernel without swap has no such file. */
static int check_swap(const char *device, dev_t number, struct vms_error *error) {
    FILE *swaps = fopen("/proc/swaps", "re");
    char *line = NULL, path[PATH_MAX];
    size_t capacity = 0;
    int status = 0;

    if (!swaps && errno != ENOENT)
        return report_unseen(error, -errno, "/proc/swaps", device);
    while (swaps && status == 0 && getline(&line, &capacity, swaps) >= 0)
        if (sscanf(line, "%4095s", path) == 1 && leads_to(path, number))
            status = report_error(error, -EBUSY, "%s is swap (%s): run swapoff on it first", device, path);
    free(line);
    if (swaps)
        (void)fclose(swaps);
    return status;
}

static int check_holders(const char *device, const char *folder, struct vms_error *error) {
    const struct dirent *entry;
    char path[FILE_SIZE];
    DIR *holders;
    int status;

    (void)snprintf(path, sizeof(path), "%s/holders", folder);
    holders = entries_open(path, &status);
    entry = entries_next(holders, &status);
    if (entry)
        status = report_error(error, -EBUSY, "%s is held by %s: remove it from there first", device,
                              entry->d_name);
    else if (status < 0)
        status = report_unseen(error, status, path, device);
    if (holders)
        (void)closedir(holders);
    return status;
}

static int check_loops(const char *device, dev_t number, struct vms_error *error) {
    char path[FILE_SIZE], backing[PATH_MAX];
    const struct dirent *entry;
    int status, found = 0;
    DIR *blocks = entries_open("/sys/block", &status);

    while (found == 0 && (entry = entries_next(blocks, &status))) {
        (void)snprintf(path, sizeof(path), "/sys/block/%.255s/loop/backing_file", entry->d_name);
        if (line_read(path, backing, sizeof(backing)) && leads_to(backing, number))
            found = report_error(error, -EBUSY,
                                 "the loop device %.255s is backed by %s: run losetup -d on it first",
                                 entry->d_name, device);
    }
    if (status < 0)
        found = report_unseen(error, status, "/sys/block", device);
    if (blocks)
        (void)closedir(blocks);
    return found;
}

/* Of other users' processes only root sees the files, and of one that ends nobody. */
static bool is_closed_to_us(int status) {
    return status == -EACCES || status == -EPERM || status == -ESRCH;
}

/* The first process but ours that has the device open. */
static int check_process(const char *device, dev_t number, const char *pid, struct vms_error *error) {
    char folder[64], path[FILE_SIZE], name[64] = "?";
    const struct dirent *entry;
    int status, found = 0;
    DIR *files;

    (void)snprintf(path, sizeof(path), "/proc/%.32s/comm", pid);
    (void)line_read(path, name, sizeof(name));
    (void)snprintf(folder, sizeof(folder), "/proc/%.32s/fd", pid);
    files = entries_open(folder, &status);
    while (found == 0 && (entry = entries_next(files, &status))) {
        (void)snprintf(path, sizeof(path), "%s/%.32s", folder, entry->d_name);
        if (leads_to(path, number))
            found = report_error(error, -EBUSY, "%s is open in process %s (%s): end that first", device, pid,
                                 name);
    }
    if (status < 0 && !is_closed_to_us(status))
        found = report_unseen(error, status, folder, device);
    if (files)
        (void)closedir(files);
    return found;
}

static int check_processes(const char *device, dev_t number, struct vms_error *error) {
    const struct dirent *entry;
    int status, found = 0;
    DIR *processes = entries_open("/proc", &status);

    while (found == 0 && (entry = entries_next(processes, &status)))
        if (isdigit((unsigned char)entry->d_name[0]) && atoi(entry->d_name) != getpid())
            found = check_process(device, number, entry->d_name, error);
    if (status < 0)
        found = report_unseen(error, status, "/proc", device);
    if (processes)
        (void)closedir(processes);
    return found;
}

static int check_one(const char *device, const char *folder, dev_t number, struct vms_error *error) {
    int status = check_mounts(device, number, error);

    if (status == 0)
        status = check_swap(device, number, error);
    if (status == 0)
        status = check_holders(device, folder, error);
    if (status == 0)
        status = check_loops(device, number, error);
    return status == 0 ? check_processes(device, number, error) : status;
}

/* Reads "MAJOR:MINOR" from FOLDER/dev; false where there is none. */
static bool read_number(const char *folder, dev_t *ret_number) {
    char path[FILE_SIZE], line[32];
    unsigned first, second;

    (void)snprintf(path, sizeof(path), "%s/dev", folder);
    if (!line_read(path, line, sizeof(line)) || sscanf(line, "%u:%u", &first, &second) != 2)
        return false;
    *ret_number = makedev(first, second);
    return true;
}

/* Partitions are folders in the device's own, with a `dev` file of theirs. */
int users_check(const char *device, dev_t number, struct vms_error *error) {
    char folder[64], part[FOLDER_SIZE];
    const struct dirent *entry;
    int status, read = 0;
    DIR *parts;

    (void)snprintf(folder, sizeof(folder), "/sys/dev/block/%u:%u", major(number), minor(number));
    status = check_one(device, folder, number, error);
    if (status < 0)
        return status;
    parts = entries_open(folder, &read);
    while (status == 0 && (entry = entries_next(parts, &read))) {
        dev_t partition;

        (void)snprintf(part, sizeof(part), "%s/%s", folder, entry->d_name);
        if (entry->d_type == DT_DIR && read_number(part, &partition))
            status = check_one(device, part, partition, error);
    }
    if (read < 0)
        status = report_unseen(error, read, folder, device);
    if (parts)
        (void)closedir(parts);
    return status;
}
