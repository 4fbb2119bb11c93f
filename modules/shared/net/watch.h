/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keeps a loop from hanging: it fails where no data moves, and asks should_stop in time. */
#ifndef VMSUITE_MODULES_SHARED_NET_WATCH_H
#define VMSUITE_MODULES_SHARED_NET_WATCH_H

#include <vmsuite/module.h>

struct net_watch {
    const struct vms_host *host;
    uint64_t moved_ns;   /* when data moved last */
    uint64_t checked_ns; /* when should_stop was asked last */
};

/* Begins at `now` (ns of the host's clock), as if data had just moved. */
void net_watch_init(struct net_watch *watch, const struct vms_host *host, uint64_t now);

/* Call it at least every NET_POLL_NS. -ECANCELED when the trial is to stop, -ETIMEDOUT when no data has moved
 * for NET_STALL_NS, with a sentence. */
int net_watch_check(struct net_watch *watch, uint64_t now, bool moved, struct vms_error *error);

/* Sleeps until `until_ns`, NET_POLL_NS at most, or until one of `events` is there on `fd` (-1: none). */
void net_wait(int fd, short events, uint64_t now, uint64_t until_ns);

#endif
