/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "process/stack.h"

#include "base/error.h"

#include <errno.h>
#include <pthread.h>
#include <sys/resource.h>

/* Threads that are started without a size have the limit that was there when the program began. */
static void widen_threads(uint64_t size) {
    pthread_attr_t attributes;

    if (pthread_attr_init(&attributes) != 0)
        return;
    if (pthread_attr_setstacksize(&attributes, size) == 0)
        (void)pthread_setattr_default_np(&attributes);
    (void)pthread_attr_destroy(&attributes);
}

int stack_begin(struct vms_error *error) {
    struct rlimit limit;

    if (getrlimit(RLIMIT_STACK, &limit) < 0 || limit.rlim_cur >= STACK_LEAST)
        return 0;
    limit.rlim_cur = limit.rlim_max < STACK_USUAL ? limit.rlim_max : STACK_USUAL;
    if (limit.rlim_cur < STACK_LEAST) /* root may have what it asks for */
        limit.rlim_cur = limit.rlim_max = STACK_USUAL;
    if (setrlimit(RLIMIT_STACK, &limit) < 0)
        return getrlimit(RLIMIT_STACK, &limit) < 0
                   ? 0
                   : error_set(
                         error, -ENOMEM,
                         "the stack may have no more than %ju KiB here, and %ju are needed: raise the limit "
                         "(ulimit -s, LimitSTACK=)",
                         (uintmax_t)limit.rlim_max / 1024, (uintmax_t)STACK_LEAST / 1024);
    widen_threads(limit.rlim_cur);
    return 0;
}
