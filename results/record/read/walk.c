/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record/read/walk.h"

#include "base/cleanup.h"
#include "base/error.h"

int walk_cases(struct reader *reader, walk_visit *visit, void *context, struct vms_error *error) {
    struct label_sweeps sweeps;
    struct view_case outcome = {0};
    int status = label_sweeps_init(&sweeps, json_object_get(reader_head(reader)->document, "suite"));

    if (status < 0)
        (void)error_memory(error);
    for (size_t i = 0; status == 0 && i < reader_n_cases(reader); i++) {
        cleanup_free char *label = NULL;

        status = reader_case(reader, i, &outcome, error);
        if (status < 0)
            break;
        label = label_new(&sweeps, &outcome);
        status = label ? visit(context, &(struct walk_case){&outcome, label, &sweeps}, error)
                       : error_memory(error);
    }
    reader_case_done(&outcome);
    label_sweeps_done(&sweeps);
    return status;
}
