/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "machine/capture.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "files/tree.h"
#include "output/way.h"
#include "source/recorder.h"

#include <string.h>
#include <sys/stat.h>

/* An empty folder, made if it is not there. */
static int open_empty_folder(const char *path, struct vms_error *error) {
    struct vms_error refusal = {""};
    cleanup_close int fd = way_create_folder(path, &refusal);
    bool is_made = fd != -EEXIST;

    if (!is_made)
        fd = way_open_folder(path, &refusal);
    if (fd < 0 && *refusal.text)
        return error_set(error, fd, "%s", refusal.text);
    if (fd < 0)
        return is_made ? error_set(error, fd, "the folder %s cannot be made: %s", path, strerror(-fd))
                       : error_set(error, fd, "%s cannot be opened as a folder: %s", path, strerror(-fd));
    if (!tree_is_empty(fd))
        return error_set(error, -ENOTEMPTY, "%s holds something already: name a new folder", path);
    return TAKE_FD(fd);
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
