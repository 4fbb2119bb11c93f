/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

int error_set(struct vms_error *error, int status, const char *format, ...) {
    va_list arguments;

    if (!error)
        return status;
    va_start(arguments, format);
    (void)vsnprintf(error->text, sizeof(error->text), format, arguments);
    va_end(arguments);
    return status;
}

int error_memory(struct vms_error *error) {
    return error_set(error, -ENOMEM, "out of memory");
}
