/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/launchers/tuning.h"

#include "base/cleanup.h"
#include "base/cpus.h"
#include "base/error.h"
#include "guest/tools/tool.h"

#include <string.h>

/* A thread may be put on no other processors than the program that starts it. */
static int check_pin(const char *pin, struct vms_error *error) {
    cleanup_free char *list = NULL;
    cpu_set_t wanted, usable, both;

    if (cpus_parse(pin, &wanted, error) < 0)
        return -EINVAL;
    if (sched_getaffinity(0, sizeof(usable), &usable) < 0)
        return error_set(error, -errno, "the processors of this host are unknown: %s", strerror(errno));
    CPU_AND(&both, &wanted, &usable);
    if (CPU_EQUAL(&both, &wanted))
        return 0;
    list = cpus_format(&usable, sizeof(usable));
    return error_set(error, -ENOTSUP,
                     "\"pin\": \"%.80s\" names processors that this program may not use: it may use %.80s",
                     pin, list ? list : "others");
}

int tuning_check(const struct guest_settings *settings, struct vms_error *error) {
    cleanup_free char *tool = NULL;
    int status = settings->pin ? check_pin(settings->pin, error) : 0;

    if (status < 0)
        return status;
    if (settings->vhost && access(TUNING_VHOST, R_OK | W_OK) < 0)
        return error_set(error, -ENOTSUP,
                         "\"vhost\": \"on\" needs " TUNING_VHOST
                         ": %s; load the kernel's module vhost_net, or "
                         "leave it out",
                         strerror(errno));
    if (strcmp(settings->format, "raw") != 0 && !(tool = tool_find(TUNING_IMAGE_TOOL)))
        return error_set(error, -ENOTSUP,
                         "\"format\": \"%s\" needs " TUNING_IMAGE_TOOL
                         ", which is not here: install Debian's qemu-utils",
                         settings->format);
    return 0;
}
