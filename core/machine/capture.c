/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "machine/capture.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "source/recorder.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

/* An empty folder, made if it is not there. */
static int open_empty_folder(const char *path, struct vms_error *error) {
    cleanup_closedir DIR *folder = NULL;
    struct dirent *entry;
    int fd;

    if (mkdir(path, 0777) < 0 && errno != EEXIST)
        return error_set(error, -errno, "the folder %s cannot be made: %s", path, strerror(errno));
    folder = opendir(path);
    if (!folder)
        return error_set(error, -errno, "%s cannot be opened as a folder: %s", path, strerror(errno));
    while ((entry = readdir(folder)))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            return error_set(error, -ENOTEMPTY, "%s holds something already: name a new folder", path);
    fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 ? error_set(error, -errno, "%s cannot be opened: %s", path, strerror(errno)) : fd;
}

int machine_capture(const struct machine_source *source, const char *scratch, const char *folder,
                    struct vms_error *error) {
    cleanup_close int fd = open_empty_folder(folder, error);
    struct machine_source recorded = *source;
    struct recorder recorder;
    struct machine machine;

    if (fd < 0)
        return fd;
    recorder_init(&recorder, fd, source_is_live(source));
    recorded.recorder = &recorder;
    if (machine_read(&recorded, scratch, &machine) < 0)
        return error_memory(error);
    machine_done(&machine);
    recorder_cpuid(&recorder, source);
    return recorder.status < 0 ? error_set(error, recorder.status, "writing to %s failed: %s", folder,
                                           strerror(-recorder.status))
                               : 0;
}
