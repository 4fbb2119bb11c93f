/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How the data connections of a case are set up: the client connects and begins each with the session's
 * cookie and the connection's index; the peer closes what begins otherwise. */
#ifndef VMSUITE_MODULES_SHARED_TCP_CONNECT_H
#define VMSUITE_MODULES_SHARED_TCP_CONNECT_H

#include <vmsuite/module.h>

struct tcp_connect_plan {
    size_t n;      /* connections, 256 at the most */
    uint64_t port; /* the peer's; 0: any free one */
    /* The module's options, with the values that they are made of: what is set before a socket connects or
     * listens, which accepted ones inherit, and what is set on a connection. May be NULL. */
    int (*before)(int fd, const union vms_value *values, struct vms_error *error);
    int (*connected)(int fd, const union vms_value *values, struct vms_error *error);
    const union vms_value *values;
};

/* Opens the data connections, in the order of their index; on success the caller closes them all, with
 * tcp_close_all. Small segments go out at once, and a call returns after NET_POLL_NS without progress. The
 * peer's half reports its port, and closes connections that do not begin with the cookie. When a half is
 * ready for the data, the peer says NET_BEGIN and the client waits for it. */
int tcp_connect_all(const struct vms_host *host, const struct tcp_connect_plan *plan, int *ret_fds,
                    struct vms_error *error);
int tcp_accept_all(const struct vms_host *host, const struct tcp_connect_plan *plan, int *ret_fds,
                   struct vms_error *error);
void tcp_close_all(int *fds, size_t n);

#endif
