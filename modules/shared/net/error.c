/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "shared/net/error.h"

#include <errno.h>
#include <string.h>

int net_fail_errno(struct vms_error *error, int number, const char *what) {
    char words[128];

    return report_error(error, -number, "%s: %s", what, strerror_r(number, words, sizeof(words)));
}

int net_fail_stopped(struct vms_error *error) {
    return report_error(error, -ECANCELED, "the trial was stopped before its end");
}
