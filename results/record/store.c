/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record/store.h"

#include "base/output.h"

#include <errno.h>

int store_write(const char *path, const json_t *json, struct vms_error *error) {
    struct output output;
    int status = output_open(path, &output, error);

    if (status < 0)
        return status;
    errno = 0;
    if (json_dumpf(json, output.file, JSON_INDENT(2) | JSON_REAL_PRECISION(17)) < 0 ||
        fputc('\n', output.file) == EOF) {
        status = output_error("write", path, errno ? errno : EIO, error);
        output_abort(&output);
        return status;
    }
    return output_commit(&output, error);
}
