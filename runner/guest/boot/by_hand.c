/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/boot/by_hand.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "guest/boot/guest_record.h"
#include "guest/exchange/handout.h"
#include "guest/exchange/job.h"
#include "output/output.h"
#include "record/file/store.h"

#include <string.h>

/* Some hypervisors refuse disks of a few sectors. */
#define JOB_DISK_SIZE (1024 * 1024)

int by_hand_prepare(const struct configuration *configuration, const char *folder, struct vms_error *error) {
    struct job job = {.configuration = configuration, .disks = 2, .least = JOB_DISK_SIZE};
    cleanup_free char *path = text_new("%s/job.img", folder), *record = text_new("%s/record.img", folder);
    int status;

    if (!path || !record)
        return error_memory(error);
    status = output_make_folder(folder, error);
    if (status == 0)
        status = job_write(&job, path, error);
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
