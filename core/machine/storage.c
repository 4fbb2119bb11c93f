/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The file system and block device under the scratch folder. */
#include "base/cleanup.h"
#include "base/text.h"
#include "machine/mounts.h"
#include "machine/subjects.h"

#include <string.h>
#include <sys/statvfs.h>

/* Device mapper's name in /dev/mapper is not the kernel's (dm-0), which sysfs uses. NULL: there is none. */
static char *mapped_folder(const struct machine_source *source, const char *name) {
    struct source_names names;
    char *folder = NULL;

    if (source_list(source, &names, "/sys/class/block") < 0)
        return NULL;
    for (size_t i = 0; i < names.n_names && !folder; i++) {
        cleanup_free char *mapped = NULL;

        if (source_text(source, &mapped, "/sys/class/block/%s/dm/name", names.names[i]) == 0 &&
            strcmp(mapped, name) == 0)
            folder = text_new("/sys/class/block/%s", names.names[i]);
    }
    source_names_done(&names);
    return folder;
}

/* The folder of what is mounted. File systems with device numbers of their own (btrfs) say what they are
 * from. */
static char *mounted_folder(const struct machine_source *source, const struct mount *mount) {
    static const char mapper[] = "/dev/mapper/";

    if (strncmp(mount->device, "0:", 2) != 0)
        return text_new("/sys/dev/block/%s", mount->device);
    if (strncmp(mount->from, mapper, strlen(mapper)) == 0)
        return mapped_folder(source, mount->from + strlen(mapper));
    if (strncmp(mount->from, "/dev/", 5) != 0)
        return NULL;
    return text_new("/sys/class/block/%s", strrchr(mount->from, '/') + 1);
}

/* The folder of the block device in sysfs, of the whole disk for a partition; NULL: none (tmpfs, overlay). */
static char *device_folder(const struct machine_source *source, const struct mount *mount) {
    cleanup_free char *folder = mounted_folder(source, mount), *uevent = NULL;
    const char *name;

    if (!folder || source_text(source, &uevent, "%s%s/uevent", folder,
                               source_exists(source, "%s/partition", folder) ? "/.." : "") < 0)
        return NULL;
    name = strstr(uevent, "DEVNAME=");
    if (!name)
        return NULL;
    name += strlen("DEVNAME=");
    return text_new("/sys/class/block/%.*s", (int)strcspn(name, "\n"), name);
}

/* The driver of the nearest device above the disk that is not a SCSI layer: the controller's, which is what
 * distinguishes imitated from paravirtual. */
static void read_driver(struct survey *survey, const char *folder) {
    static const char *const layers[] = {"sd", "sr", "nvme-subsystem"};
    cleanup_free char *up = strdup("");

    for (unsigned height = 0; up && height < 8; height++) {
        cleanup_free char *driver = NULL;
        char *higher;
        bool layer = false;

        if (source_link(survey->source, &driver, "%s/device%s/driver", folder, up) == 0) {
            for (size_t i = 0; i < VMS_LENGTH(layers); i++)
                layer |= strcmp(driver, layers[i]) == 0;
            if (!layer) {
                fact_text(survey, "storage.driver", driver, folder);
                return;
            }
        }
        if (!(higher = text_new("%s/..", up)))
            break;
        free(up);
        up = higher;
    }
    fact_none(survey, "storage.driver", FACT_UNKNOWN, "no device above the disk names a driver", folder);
}

/* "mq-deadline [none]": the word in brackets, or the whole. */
static void read_scheduler(struct survey *survey, const char *folder) {
    cleanup_free char *text = NULL;
    char *word, *end;
    int status = source_text(survey->source, &text, "%s/queue/scheduler", folder);

    if (status < 0) {
        fact_failed(survey, "storage.scheduler", status, FACT_NOT_APPLICABLE, "no queue", folder);
        return;
    }
    word = strchr(text, '[');
    end = word ? strchr(word, ']') : NULL;
    if (end)
        *end = '\0';
    fact_text(survey, "storage.scheduler", end ? word + 1 : text, folder);
}

/* Of the whole disk; a device whose driver has no such queues has no such folder. */
static void read_queues(struct survey *survey, const char *folder) {
    struct source_names names;
    int status = source_list(survey->source, &names, "%s/mq", folder);

    if (status < 0) {
        fact_failed(survey, "storage.queues", status, FACT_NOT_APPLICABLE, "no queue", folder);
        return;
    }
    fact_integer(survey, "storage.queues", (int64_t)names.n_names, folder);
    source_names_done(&names);
}

static void read_queue(struct survey *survey, const char *folder) {
    cleanup_free char *cache = NULL;
    int64_t value;
    int status = source_integer(survey->source, &value, "%s/queue/rotational", folder);

    if (status == 0)
        fact_boolean(survey, "storage.rotational", value != 0, folder);
    else
        fact_failed(survey, "storage.rotational", status, FACT_NOT_APPLICABLE, "no queue", folder);
    status = source_text(survey->source, &cache, "%s/queue/write_cache", folder);
    if (status == 0)
        fact_text(survey, "storage.write_cache", cache, folder);
    else
        fact_failed(survey, "storage.write_cache", status, FACT_NOT_APPLICABLE, "no queue", folder);
    read_scheduler(survey, folder);
    read_queues(survey, folder);
}

static void read_device(struct survey *survey, const char *folder) {
    cleanup_free char *model = NULL;
    int64_t sectors;
    int status;

    fact_text(survey, "storage.device", strrchr(folder, '/') + 1, folder);
    read_driver(survey, folder);
    if (source_text(survey->source, &model, "%s/device/model", folder) == 0)
        fact_text(survey, "storage.model", model, folder);
    else
        fact_none(survey, "storage.model", FACT_NOT_APPLICABLE, "the device has no model name", folder);
    status = source_integer(survey->source, &sectors, "%s/size", folder);
    if (status == 0 && sectors >= 0 && sectors < INT64_MAX / 512)
        fact_integer(survey, "storage.size_bytes", sectors * 512, folder);
    else
        fact_failed(survey, "storage.size_bytes", status < 0 ? status : -ERANGE, FACT_UNKNOWN,
                    "sysfs does not report it", folder);
    read_queue(survey, folder);
}

static void read_free(struct survey *survey, const char *scratch) {
    struct statvfs status;
    int64_t bytes;

    if (!source_is_live(survey->source))
        fact_none(survey, "storage.free_bytes", FACT_NOT_APPLICABLE, "a captured machine has no disk",
                  "statvfs");
    else if (statvfs(scratch, &status) < 0)
        fact_failed(survey, "storage.free_bytes", -errno, FACT_UNKNOWN, "the folder is not there", "statvfs");
    else
        fact_integer(survey, "storage.free_bytes",
                     __builtin_mul_overflow(status.f_bavail, status.f_frsize, &bytes) ? INT64_MAX : bytes,
                     "statvfs");
}

/* A file as a disk: its figures are of the page cache below it where it is not opened directly. */
static void read_loop(struct survey *survey, const char *folder) {
    static const char *const names[] = {"storage.loop_file", "storage.loop_direct", NULL};
    cleanup_free char *file = NULL;
    int64_t direct;
    int status = source_text(survey->source, &file, "%s/loop/backing_file", folder);

    if (status < 0) {
        facts_none(survey, names, FACT_NOT_APPLICABLE, "no loop device", folder);
        return;
    }
    fact_text(survey, names[0], file, folder);
    status = source_integer(survey->source, &direct, "%s/loop/dio", folder);
    if (status == 0)
        fact_boolean(survey, names[1], direct != 0, folder);
    else
        fact_failed(survey, names[1], status, FACT_UNKNOWN, "the kernel does not show it", folder);
}

/* A text of the kernel's that is not read through source_text. */
static void clean_fact(struct survey *survey, const char *name, char *text) {
    source_clean_text(text);
    fact_text(survey, name, text, MOUNTS);
}

void survey_storage(struct survey *survey, const char *scratch) {
    static const char *const of_mount[] = {"storage.file_system", "storage.mount_options",
                                           "storage.file_system_options", "storage.free_bytes", NULL};
    static const char *const of_device[] = {"storage.device",
                                            "storage.driver",
                                            "storage.model",
                                            "storage.size_bytes",
                                            "storage.rotational",
                                            "storage.write_cache",
                                            "storage.scheduler",
                                            "storage.queues",
                                            "storage.loop_file",
                                            "storage.loop_direct",
                                            NULL};
    cleanup_free char *folder = NULL;
    struct mount mount;
    int status;

    if (!scratch)
        return;
    status = mount_find(survey->source, scratch, &mount);
    survey->out_of_memory |= status == -ENOMEM;
    if (status < 0) {
        facts_none(survey, of_mount, FACT_UNKNOWN, "no mount holds the folder", MOUNTS);
        facts_none(survey, of_device, FACT_UNKNOWN, "no mount holds the folder", MOUNTS);
        return;
    }
    clean_fact(survey, "storage.file_system", mount.type);
    clean_fact(survey, "storage.mount_options", mount.options);
    clean_fact(survey, "storage.file_system_options", mount.super);
    read_free(survey, scratch);
    folder = device_folder(survey->source, &mount);
    if (folder) {
        read_device(survey, folder);
        read_loop(survey, folder);
    } else {
        facts_none(survey, of_device, FACT_NOT_APPLICABLE, "the file system is not on a block device",
                   MOUNTS);
    }
    mount_done(&mount);
}
