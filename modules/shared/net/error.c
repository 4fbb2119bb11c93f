/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "shared/net/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int net_fail(struct vms_error *error, int status, const char *format, ...) {
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(error->text, sizeof(error->text), format, arguments);
    va_end(arguments);
    return status;
}

int net_fail_errno(struct vms_error *error, int number, const char *what) {
    char words[128];

    return net_fail(error, -number, "%s: %s", what, strerror_r(number, words, sizeof(words)));
}

int net_fail_stopped(struct vms_error *error) {
    return net_fail(error, -ECANCELED, "the trial was stopped before its end");
}
