/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/boot/by_hand.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "guest/boot/guest_record.h"
#include "guest/exchange/handout.h"
#include "guest/exchange/job.h"
#include "output/output.h"
#include "record/file/store.h"

#include <string.h>

/* Some hypervisors refuse disks of a few sectors. */
#define JOB_DISK_SIZE (1024 * 1024)

int by_hand_prepare(const struct configuration *configuration, const char *folder, struct vms_error *error) {
    struct job job = {.configuration = configuration, .disks = 2};
    cleanup_free char *path = NULL, *record = NULL;
    int status;

    if (asprintf(&path, "%s/job.img", folder) < 0 || asprintf(&record, "%s/record.img", folder) < 0)
        return error_memory(error);
    status = output_make_folder(folder, error);
    if (status == 0)
        status = job_write(&job, path, error);
    if (status == 0 && truncate(path, JOB_DISK_SIZE) < 0)
        status = error_set(error, -errno, "%s cannot be made larger: %s", path, strerror(errno));
    return status == 0 ? handout_prepare(record, error) : status;
}

int by_hand_collect(const char *disk, const char *output, char **ret_path, struct vms_error *error) {
    struct run_files files = {0};
    json_auto_t *record = NULL;
    int status = handout_read(disk, &record, error);

    if (status == 0)
        status = guest_record_check(record, error);
    if (status == 0)
        status = output_make_folder(output, error);
    if (status == 0)
        status = guest_record_files(record, NULL, output, &files, error);
    if (status == 0)
        status = store_write(files.record, record, error);
    if (status == 0)
        *ret_path = TAKE(files.record);
    run_files_done(&files);
    return status;
}
