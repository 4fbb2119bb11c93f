/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "device/given_up.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "device/content.h"
#include "device/signature.h"

#include <fcntl.h>
#include <inttypes.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#define BY_ID "/dev/disk/by-id"

void device_claim_done(struct device_claim *claim) {
    free(claim->id);
    free(claim->holds);
    *claim = (struct device_claim){0};
}

/* Whether a file of sysfs holds the text, but for spaces around it. */
static bool file_says(const char *path, const char *text) {
    cleanup_fclose FILE *file = fopen(path, "re");
    char line[256];
    char *start;
    size_t length;

    if (!file || !fgets(line, sizeof(line), file))
        return false;
    start = line + strspn(line, " \t");
    length = strlen(start);
    while (length > 0 && strchr(" \t\n", start[length - 1]))
        length--;
    return length == strlen(text) && strncmp(start, text, length) == 0;
}

/* Whether a link in /dev/disk/by-id is called so and leads to the device. */
static bool is_named(const char *name, dev_t number) {
    cleanup_free char *path = NULL;
    struct stat info;

    return !strchr(name, '/') && (path = text_new(BY_ID "/%s", name)) && stat(path, &info) == 0 &&
           S_ISBLK(info.st_mode) && info.st_rdev == number;
}

/* The serial numbers of disks (virtio, NVMe, SCSI, MMC) are in files of theirs. */
static bool has_id(dev_t number, const char *id) {
    static const char *const files[] = {"serial",         "wwid",         "device/serial", "device/wwid",
                                        "device/cid",     "../serial",    "../wwid",       "../device/serial",
                                        "../device/wwid", "../device/cid"};
    char path[128];

    if (is_named(id, number))
        return true;
    for (size_t i = 0; i < VMS_LENGTH(files); i++) {
        (void)snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/%s", major(number), minor(number), files[i]);
        if (file_says(path, id))
            return true;
    }
    return false;
}

static int check_size(const char *path, uint64_t size, uint64_t wanted, struct vms_error *error) {
    if (wanted == 0 || size == wanted)
        return 0;
    return error_set(error, -EINVAL,
                     "%s has %" PRIu64 " bytes, and not the %" PRIu64
                     " that \"device\" in the configuration says: is "
                     "it another disk? Nothing was written",
                     path, size, wanted);
}

/* What no signature names: the beginning of a file system may have been wiped, and the rest be whole. */
static int check_unrecognised(const char *path, int fd, uint64_t size, const char *holds,
                              struct vms_error *error) {
    uint64_t at = 0;
    int status =
        holds && strcmp(holds, CONTENT_UNRECOGNISED) == 0 ? 0 : content_find(fd, path, size, &at, error);

    if (status <= 0)
        return status;
    return error_set(
        error, -EEXIST,
        "%s is not blank: there is data at byte %" PRIu64 ", of a kind that is not recognised%s%s%s; nothing "
        "was written. An encrypted disk looks so, and one of which only the beginning was wiped. If it "
        "may be lost, say \"device\": {\"holds\": \"" CONTENT_UNRECOGNISED "\"} in the configuration",
        path, at, holds ? ", and not " : "", holds ? holds : "", holds ? " as the configuration says" : "");
}

static int check_content(const char *path, int fd, uint64_t size, const char *holds,
                         struct vms_error *error) {
    cleanup_free char *found = NULL;
    int status = signature_read(fd, path, &found, error);

    if (status == 0 && !found)
        return check_unrecognised(path, fd, size, holds, error);
    if (status < 0 || (holds && strcmp(found, holds) == 0))
        return status;
    return error_set(error, -EEXIST,
                     "%s holds something (%s)%s%s%s; nothing was written. If it may be lost, say \"device\": "
                     "{\"holds\": \"%s\"} in the configuration",
                     path, found, holds ? ", and not " : "", holds ? holds : "",
                     holds ? " as the configuration says" : "", found);
}

int given_up_check(const char *path, const struct device_claim *claim, struct vms_error *error) {
    cleanup_close int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    struct stat info;
    uint64_t size = 0;
    int status;

    if (fd < 0 || fstat(fd, &info) < 0)
        return error_set(error, -errno, "\"destroys\": %s: %s", path, strerror(errno));
    if (!S_ISBLK(info.st_mode))
        return error_set(error, -EINVAL, "\"destroys\": %s is not a block device", path);
    if (ioctl(fd, BLKGETSIZE64, &size) < 0)
        return error_set(error, -errno, "%s: its size cannot be read: %s", path, strerror(errno));
    status = check_size(path, size, claim->size, error);
    if (status == 0 && claim->id && !has_id(info.st_rdev, claim->id))
        status = error_set(
            error, -EINVAL,
            "%s does not have the id \"%s\" that \"device\" in the configuration says: is it another "
            "disk? Nothing was written",
            path, claim->id);
    return status == 0 ? check_content(path, fd, size, claim->holds, error) : status;
}
