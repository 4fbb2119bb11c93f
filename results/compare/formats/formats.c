/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "compare/formats/formats.h"

#include "base/error.h"

#include <errno.h>
#include <string.h>

static const struct {
    const char *name;
    compare_writer *write;
} formats[] = {{"table", compare_write_table},
               {"markdown", compare_write_markdown},
               {"json", compare_write_json},
               {"csv", compare_write_csv},
               {"junit", compare_write_junit}};

const char *compare_format_name(size_t index) {
    return index < VMS_LENGTH(formats) ? formats[index].name : NULL;
}

int compare_write(FILE *file, const struct comparison *comparison, const char *format,
                  const struct compare_view *view, struct vms_error *error) {
    for (size_t i = 0; i < VMS_LENGTH(formats); i++) {
        int status;

        if (strcmp(formats[i].name, format) != 0)
            continue;
        status = formats[i].write(file, comparison, view);
        if (status == 0 && (fflush(file) != 0 || ferror(file)))
            status = -EIO;
        return status < 0 ? error_set(error, status, "writing the comparison: %s", strerror(-status)) : 0;
    }
    return error_set(error, -ENOENT, "no format \"%s\"", format);
}
