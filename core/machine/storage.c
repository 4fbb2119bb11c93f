/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The file system and block device under the scratch folder. */
#include "base/cleanup.h"
#include "machine/subjects.h"

#include <limits.h>
#include <string.h>
#include <sys/statvfs.h>

#define MOUNTS "/proc/self/mountinfo"

struct mount {
    char device[32]; /* "254:0" */
    char point[PATH_MAX];
    char options[256];
    char type[64];
    char from[256];
    char super[256]; /* the file system's own options, which all its mounts share */
};

/* A line of mountinfo (proc_pid_mountinfo(5)): ID PARENT MAJ:MIN ROOT POINT OPTIONS [TAG...] - TYPE FROM
 * SUPER. */
static bool parse_mount(const char *line, struct mount *ret) {
    const char *dash = strstr(line, " - ");

    _Static_assert(PATH_MAX == 4096, "the widths below");
    return dash &&
           sscanf(line, "%*d %*d %31s %*s %4095s %255s", ret->device, ret->point, ret->options) == 3 &&
           sscanf(dash, " - %63s %255s %255s", ret->type, ret->from, ret->super) == 3;
}

static bool lies_below(const char *path, const char *point) {
    size_t length = strlen(point);

    if (strcmp(point, "/") == 0)
        return true;
    return strncmp(path, point, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

/* The mount that `path` is on: the last of the longest points, since later mounts hide earlier ones. */
static bool find_mount(const struct machine_source *source, const char *path, struct mount *ret) {
    cleanup_free char *text = NULL;
    char *rest, *line;
    size_t longest = 0;

    if (source_text(source, &text, MOUNTS) < 0)
        return false;
    for (rest = text; (line = strsep(&rest, "\n"));) {
        struct mount mount;

        if (!parse_mount(line, &mount) || !lies_below(path, mount.point) || strlen(mount.point) < longest)
            continue;
        longest = strlen(mount.point);
        *ret = mount;
    }
    return longest > 0;
}

/* The folder of the block device in sysfs, of the whole disk for a partition; NULL: none (tmpfs, overlay). */
static char *device_folder(const struct machine_source *source, const struct mount *mount) {
    cleanup_free char *folder = NULL, *uevent = NULL;
    const char *name;
    char *disk = NULL;

    if (strncmp(mount->device, "0:", 2) != 0) {
        if (asprintf(&folder, "/sys/dev/block/%s", mount->device) < 0)
            return NULL;
    } else if (strncmp(mount->from, "/dev/", 5) != 0 ||
               asprintf(&folder, "/sys/class/block/%s", strrchr(mount->from, '/') + 1) < 0) {
        return NULL;
    }
    if (source_text(source, &uevent, "%s%s/uevent", folder,
                    source_exists(source, "%s/partition", folder) ? "/.." : "") < 0)
        return NULL;
    name = strstr(uevent, "DEVNAME=");
    if (!name)
        return NULL;
    name += strlen("DEVNAME=");
    return asprintf(&disk, "/sys/class/block/%.*s", (int)strcspn(name, "\n"), name) < 0 ? NULL : disk;
}

/* The driver of the nearest device above the disk that is not a SCSI layer: the controller's, which is what
 * tells imitated from paravirtual. */
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
        if (asprintf(&higher, "%s/..", up) < 0)
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
                    "sysfs does not tell", folder);
    read_queue(survey, folder);
}

static void read_free(struct survey *survey, const char *scratch) {
    struct statvfs status;

    if (!source_is_live(survey->source))
        fact_none(survey, "storage.free_bytes", FACT_NOT_APPLICABLE, "a captured machine has no disk",
                  "statvfs");
    else if (statvfs(scratch, &status) < 0)
        fact_failed(survey, "storage.free_bytes", -errno, FACT_UNKNOWN, "the folder is not there", "statvfs");
    else
        fact_integer(survey, "storage.free_bytes", (int64_t)(status.f_bavail * status.f_frsize), "statvfs");
}

void survey_storage(struct survey *survey, const char *scratch) {
    static const char *const of_mount[] = {"storage.file_system", "storage.mount_options",
                                           "storage.free_bytes", NULL};
    static const char *const of_device[] = {
        "storage.device",     "storage.driver",      "storage.model",     "storage.size_bytes",
        "storage.rotational", "storage.write_cache", "storage.scheduler", NULL};
    cleanup_free char *real = NULL, *folder = NULL;
    struct mount mount;

    if (!scratch)
        return;
    if (source_is_live(survey->source))
        real = realpath(scratch, NULL);
    if (!find_mount(survey->source, real ? real : scratch, &mount)) {
        facts_none(survey, of_mount, FACT_UNKNOWN, "no mount holds the folder", MOUNTS);
        facts_none(survey, of_device, FACT_UNKNOWN, "no mount holds the folder", MOUNTS);
        return;
    }
    fact_text(survey, "storage.file_system", mount.type, MOUNTS);
    fact_text(survey, "storage.mount_options", mount.options, MOUNTS);
    fact_text(survey, "storage.file_system_options", mount.super, MOUNTS);
    read_free(survey, scratch);
    folder = device_folder(survey->source, &mount);
    if (folder)
        read_device(survey, folder);
    else
        facts_none(survey, of_device, FACT_NOT_APPLICABLE, "the file system is on no block device", MOUNTS);
}
