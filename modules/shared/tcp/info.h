/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the kernel says about a connection, and the congestion control that it uses. */
#ifndef VMSUITE_MODULES_SHARED_TCP_INFO_H
#define VMSUITE_MODULES_SHARED_TCP_INFO_H

#include <vmsuite/module.h>

/* From TCP_INFO. */
struct tcp_connection {
    uint64_t retransmits;    /* segments sent again, since the beginning */
    uint64_t rtt_ns;         /* smoothed round trip time */
    uint64_t mss;            /* bytes of payload in a full segment, as sent */
    uint64_t advertised_mss; /* what this side takes */
};
int tcp_connection_ask(int fd, struct tcp_connection *ret, struct vms_error *error);

/* "": leaves the kernel's own. -ENOTSUP with a sentence that says where to look. */
int tcp_set_congestion(int fd, const char *name, struct vms_error *error);

/* Sets the fact "congestion_control" to the one that the connection uses. */
void tcp_report_congestion(const struct vms_host *host, int fd);

#endif
