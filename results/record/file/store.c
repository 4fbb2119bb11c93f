/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record/file/store.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "output/output.h"
#include "record/file/pack.h"
#include "record/file/record_file.h"
#include "record/text/json_writer.h"

#include <errno.h>
#include <string.h>

#define SIZE_MAX_READ ((size_t)1 << 30)

json_t *store_read(const char *path, struct vms_error *error) {
    cleanup_free char *text = NULL;
    size_t length = 0;
    json_error_t where;
    json_t *json;
    int status = record_file_load(path, SIZE_MAX_READ, &text, &length, error);

    if (status < 0) {
        errno = -status;
        return NULL;
    }
    json = json_loadb(text, length, JSON_REJECT_DUPLICATES, &where);
    if (!json)
        errno = -error_set(error, -EINVAL, "%s:%d: %s", path, where.line, where.text);
    return json;
}

static int write_json(FILE *file, const char *path, const json_t *json) {
    return pack_is_wanted(path) ? pack_json(file, json) : json_write(file, json);
}

int store_write(const char *path, const json_t *json, struct vms_error *error) {
    struct output output;
    int status = output_open(path, &output, error);

    if (status < 0)
        return status;
    status = write_json(output.file, path, json);
    if (status < 0)
        (void)error_set(error, status, "%s: cannot be written: %s", path, strerror(-status));
    return output_end(&output, status, error);
}
