/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "shared/net/watch.h"

#include "shared/net/control.h"
#include "shared/net/error.h"

#include <errno.h>
#include <poll.h>
#include <time.h>

void net_watch_init(struct net_watch *watch, const struct vms_host *host, uint64_t now) {
    *watch = (struct net_watch){host, now, now};
}

int net_watch_check(struct net_watch *watch, uint64_t now, bool moved, struct vms_error *error) {
    if (moved)
        watch->moved_ns = now;
    else if (now - watch->moved_ns >= NET_STALL_NS)
        return report_error(error, -ETIMEDOUT, "no data moved for %u s",
                            (unsigned)(NET_STALL_NS / NET_SECOND));
    if (now - watch->checked_ns >= NET_POLL_NS) {
        watch->checked_ns = now;
        if (watch->host->should_stop(watch->host->context))
            return net_fail_stopped(error);
    }
    return 0;
}

void net_wait(int fd, short events, uint64_t now, uint64_t until_ns) {
    struct pollfd poll_fd = {.fd = fd, .events = events};
    uint64_t wait_ns = until_ns > now ? until_ns - now : 0;
    struct timespec limit = {.tv_nsec = (long)(wait_ns < NET_POLL_NS ? wait_ns : NET_POLL_NS)};

    (void)ppoll(&poll_fd, fd >= 0, &limit, NULL);
}
