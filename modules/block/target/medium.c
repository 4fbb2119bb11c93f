/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The order of the clues: a file system that is known to have no device, or one on another machine; then the
 * block device that stat names, or the mount where a file system has numbers of its own (btrfs), down through
 * what is stacked on it; then whether the file system can say where on a device the bytes are (overlay). The
 * rest is unknown. */
#include "block/target/medium.h"

#include "block/target/entries.h"
#include "shared/case/line.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#define DEPTH_MAX 8 /* devices upon devices */

/* statfs(2) lists these numbers, which differ from kernel to kernel no more than a file system's format
 * does. */
static const struct {
    uint32_t number;
    const char *name;
    enum medium_kind kind;
} file_systems[] = {
    {0x01021994, "tmpfs", MEDIUM_MEMORY},     {0x858458f6, "ramfs", MEDIUM_MEMORY},
    {0x958458f6, "hugetlbfs", MEDIUM_MEMORY}, {0x6969, "nfs", MEDIUM_NETWORK},
    {0xff534d42, "cifs", MEDIUM_NETWORK},     {0xfe534d42, "smb2", MEDIUM_NETWORK},
    {0x517b, "smb", MEDIUM_NETWORK},          {0x00c36400, "ceph", MEDIUM_NETWORK},
    {0x0bd00bd0, "lustre", MEDIUM_NETWORK},   {0x01021997, "9p", MEDIUM_NETWORK},
    {0x5346414f, "afs", MEDIUM_NETWORK},      {0x6b414653, "afs", MEDIUM_NETWORK},
    {0x47504653, "gpfs", MEDIUM_NETWORK},     {0x20030528, "orangefs", MEDIUM_NETWORK},
    {0x19830326, "fhgfs", MEDIUM_NETWORK},    {0x786f4256, "vboxsf", MEDIUM_NETWORK},
    {0xbacbacbc, "vmhgfs", MEDIUM_NETWORK},   {0xef53, "ext4", MEDIUM_DEVICE},
    {0x58465342, "xfs", MEDIUM_DEVICE},       {0x9123683e, "btrfs", MEDIUM_DEVICE},
    {0x2fc12fc1, "zfs", MEDIUM_DEVICE},       {0xf2f52010, "f2fs", MEDIUM_DEVICE},
    {0xca451a4e, "bcachefs", MEDIUM_DEVICE},  {0x4d44, "vfat", MEDIUM_DEVICE},
    {0x2011bab0, "exfat", MEDIUM_DEVICE},     {0x24051905, "ubifs", MEDIUM_DEVICE},
    {0x794c7630, "overlay", MEDIUM_UNKNOWN},  {0x65735546, "fuse", MEDIUM_UNKNOWN},
    {0xf15f, "ecryptfs", MEDIUM_UNKNOWN},     {0x61756673, "aufs", MEDIUM_UNKNOWN},
};

/* Devices whose name says that they are none, or not of this machine. */
static const struct {
    const char *prefix;
    enum medium_kind kind;
} devices[] = {{"zram", MEDIUM_MEMORY},      {"ram", MEDIUM_MEMORY},
               {"nullb", MEDIUM_MEMORY},     /* null_blk keeps nothing, or keeps it in memory */
               {"etherd!e", MEDIUM_NETWORK}, /* ATA over Ethernet */
               {"nbd", MEDIUM_NETWORK},      {"rbd", MEDIUM_NETWORK},
               {"drbd", MEDIUM_NETWORK}};

const char *medium_kind_name(enum medium_kind kind) {
    static const char *const names[] = {[MEDIUM_UNKNOWN] = "unknown",
                                        [MEDIUM_DEVICE] = "device",
                                        [MEDIUM_MEMORY] = "memory",
                                        [MEDIUM_NETWORK] = "network"};

    return names[kind];
}

static bool read_line(const char *folder, const char *name, char *line, size_t size) {
    char path[PATH_MAX + 64];

    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    return line_read(path, line, size);
}

static void judge_device(const char *folder, unsigned depth, struct medium *medium);

/* A loop device is what its backing file lies on, and has that file's page cache between unless it goes past
 * it. */
static void judge_loop(const char *folder, unsigned depth, struct medium *medium) {
    char backing[PATH_MAX], direct[16];
    struct medium below = {.kind = MEDIUM_UNKNOWN};
    int fd;

    if (!read_line(folder, "loop/backing_file", backing, sizeof(backing)))
        return;
    if (!read_line(folder, "loop/dio", direct, sizeof(direct)) || strcmp(direct, "1") != 0)
        medium->is_cached_behind = true;
    fd = depth < DEPTH_MAX ? open(backing, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC) : -1;
    if (fd < 0)
        return; /* it is not in sight: in another namespace, perhaps */
    medium_look(fd, &below);
    (void)close(fd);
    medium->kind = below.kind;
    medium->is_cached_behind |= below.is_cached_behind;
}

/* What a device is made of decides: device mapper, RAID, bcache name it in `slaves`. */
static void judge_parts(const char *folder, unsigned depth, struct medium *medium) {
    char path[PATH_MAX + 16];
    const struct dirent *entry;
    DIR *parts;
    int status;

    (void)snprintf(path, sizeof(path), "%s/slaves", folder);
    parts = entries_open(path, &status);
    while ((entry = entries_next(parts, &status))) {
        char part[PATH_MAX + 300], real[PATH_MAX];

        (void)snprintf(part, sizeof(part), "%s/%s", path, entry->d_name);
        if (realpath(part, real))
            judge_device(real, depth + 1, medium);
    }
    if (status < 0)
        medium->kind = MEDIUM_UNKNOWN;
    if (parts)
        (void)closedir(parts);
}

/* A disk that may be reached by several controllers lies below its subsystem, which links them. One that is
 * not on this machine's bus makes it the network's. */
static void judge_controllers(const char *folder, struct medium *medium) {
    static const char parent[] = "/nvme-subsystem/";
    char subsystem[PATH_MAX], transport[32];
    const struct dirent *entry;
    char *end;
    DIR *links;
    int status;

    (void)snprintf(subsystem, sizeof(subsystem), "%s", folder);
    end = strstr(subsystem, parent);
    end = end ? strchr(end + strlen(parent), '/') : NULL;
    if (!end)
        return;
    *end = '\0';
    links = entries_open(subsystem, &status);
    while ((entry = entries_next(links, &status))) {
        char file[300];

        (void)snprintf(file, sizeof(file), "%s/transport", entry->d_name);
        if (strncmp(entry->d_name, "nvme", 4) == 0 &&
            read_line(subsystem, file, transport, sizeof(transport)) &&
            (strcmp(transport, "tcp") == 0 || strcmp(transport, "rdma") == 0 || strcmp(transport, "fc") == 0))
            medium->kind = MEDIUM_NETWORK;
    }
    if (status < 0)
        medium->kind = MEDIUM_UNKNOWN;
    if (links)
        (void)closedir(links);
}

/* `folder` is the device's own in sysfs; a partition lies in that of its disk. */
static void judge_device(const char *folder, unsigned depth, struct medium *medium) {
    char whole[PATH_MAX], number[16];
    const char *name;

    if (depth > DEPTH_MAX)
        return;
    (void)snprintf(whole, sizeof(whole), "%s", folder);
    if (read_line(whole, "partition", number, sizeof(number)) && strrchr(whole, '/'))
        *strrchr(whole, '/') = '\0';
    name = strrchr(whole, '/') ? strrchr(whole, '/') + 1 : whole;
    for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++) {
        size_t length = strlen(devices[i].prefix);

        if (strncmp(name, devices[i].prefix, length) == 0 && name[length] >= '0' && name[length] <= '9')
            medium->kind = devices[i].kind;
    }
    if (strstr(whole, "/nvme-fabrics/") || strstr(whole, "/session") || strstr(whole, "/rport-"))
        medium->kind = MEDIUM_NETWORK; /* NVMe over Fabrics, iSCSI, Fibre Channel */
    judge_controllers(whole, medium);
    if (strncmp(name, "loop", strlen("loop")) == 0)
        judge_loop(whole, depth + 1, medium);
    judge_parts(whole, depth, medium);
}

/* The folder of a block device in sysfs. */
static bool find_device(const char *sysfs, dev_t number, char ret_folder[static PATH_MAX]) {
    char link[PATH_MAX];

    (void)snprintf(link, sizeof(link), "%s/dev/block/%u:%u", sysfs, major(number), minor(number));
    return realpath(link, ret_folder) != NULL;
}

void medium_judge(const struct medium_clues *clues, const char *sysfs, struct medium *ret_medium) {
    struct medium medium = {.kind = MEDIUM_UNKNOWN};
    const char *name = clues->is_block_device ? "" : "an unknown file system";
    char folder[PATH_MAX];
    bool has_device;

    for (size_t i = 0; !clues->is_block_device && i < sizeof(file_systems) / sizeof(file_systems[0]); i++) {
        if (file_systems[i].number == clues->file_system) {
            name = file_systems[i].name;
            medium.kind = file_systems[i].kind;
        }
    }
    has_device = medium.kind != MEDIUM_MEMORY && medium.kind != MEDIUM_NETWORK &&
                 (find_device(sysfs, clues->device, folder) || find_device(sysfs, clues->mounted, folder));
    if (has_device || (medium.kind == MEDIUM_UNKNOWN && clues->is_mapped))
        medium.kind = MEDIUM_DEVICE;
    if (has_device)
        judge_device(folder, 0, &medium);
    (void)snprintf(medium.name, sizeof(medium.name), "%s%s%.64s", name, has_device && *name ? " on " : "",
                   has_device ? strrchr(folder, '/') + 1 : "");
    *ret_medium = medium;
}

/* Whether the file system places the file's first bytes on a device. */
static bool is_mapped(int fd) {
    union {
        struct fiemap map;
        char room[sizeof(struct fiemap) + sizeof(struct fiemap_extent)];
    } request = {.map = {.fm_length = UINT64_MAX, .fm_flags = FIEMAP_FLAG_SYNC, .fm_extent_count = 1}};

    return ioctl(fd, FS_IOC_FIEMAP, &request.map) == 0 && request.map.fm_mapped_extents > 0 &&
           !(request.map.fm_extents[0].fe_flags &
             (FIEMAP_EXTENT_UNKNOWN | FIEMAP_EXTENT_DELALLOC | FIEMAP_EXTENT_DATA_INLINE));
}

/* In place: \040 and its like, which the kernel writes for blanks and backslashes. */
static void unescape(char *text) {
    char *to = text;

    for (const char *at = text; *at; to++) {
        if (*at == '\\' && strspn(at + 1, "01234567") >= 3) {
            *to = (char)((at[1] - '0') * 64 + (at[2] - '0') * 8 + (at[3] - '0'));
            at += 4;
        } else {
            *to = *at++;
        }
    }
    *to = '\0';
}

/* Of a line of mountinfo (proc_pid_mountinfo(5)): the block device that it was mounted from, or 0. */
static dev_t device_of_mount(const char *line) {
    const char *dash = strstr(line, " - ");
    char from[PATH_MAX];
    struct stat status;

    if (!dash || sscanf(dash, " - %*s %4095s", from) != 1 || from[0] != '/')
        return 0;
    unescape(from);
    return stat(from, &status) == 0 && S_ISBLK(status.st_mode) ? status.st_rdev : 0;
}

/* The device that the file's mount names; 0 where it names none, or the kernel (before 5.8) does not say
 * which it is. */
static dev_t find_mounted(int fd) {
    struct statx about;
    size_t capacity = 0;
    char *line = NULL;
    dev_t device = 0;
    uint64_t id;
    FILE *mounts;

    if (statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &about) < 0 || !(about.stx_mask & STATX_MNT_ID))
        return 0;
    mounts = fopen("/proc/self/mountinfo", "re");
    while (mounts && device == 0 && getline(&line, &capacity, mounts) >= 0)
        if (sscanf(line, "%" SCNu64 " ", &id) == 1 && id == about.stx_mnt_id)
            device = device_of_mount(line);
    free(line);
    if (mounts)
        (void)fclose(mounts);
    return device;
}

void medium_look(int fd, struct medium *ret_medium) {
    struct medium_clues clues = {0};
    struct statfs system = {0};
    struct stat status;

    *ret_medium = (struct medium){.name = "nothing could be found out about it"};
    if (fstat(fd, &status) < 0)
        return;
    clues.is_block_device = S_ISBLK(status.st_mode);
    clues.device = clues.is_block_device ? status.st_rdev : status.st_dev;
    if (!clues.is_block_device && fstatfs(fd, &system) < 0)
        return;
    clues.file_system = (uint32_t)system.f_type;
    clues.is_mapped = !clues.is_block_device && is_mapped(fd);
    clues.mounted = clues.is_block_device ? 0 : find_mounted(fd);
    medium_judge(&clues, "/sys", ret_medium);
}
