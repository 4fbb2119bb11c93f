/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/error.h"

#include "base/cut.h"
#include "base/escape.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int error_set(struct vms_error *error, int status, const char *format, ...) {
    va_list arguments;
    int length;

    if (!error)
        return status;
    va_start(arguments, format);
    length = vsnprintf(error->text, sizeof(error->text), format, arguments);
    va_end(arguments);
    if (length >= (int)sizeof(error->text))
        cut_end(error->text, sizeof(error->text));
    escape_sentence(error->text, sizeof(error->text));
    return status;
}

int error_memory(struct vms_error *error) {
    return error_set(error, -ENOMEM, ERROR_MEMORY);
}

int error_unread(struct vms_error *error, int status, const char *path) {
    if (status == -ENOMEM)
        return error_memory(error);
    return error_set(error, status, "%.200s cannot be read: %s", path, strerror(-status));
}
