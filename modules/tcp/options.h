/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The options of a TCP socket that are parameters, and what the kernel says about a connection. */
#ifndef VMSUITE_MODULES_TCP_OPTIONS_H
#define VMSUITE_MODULES_TCP_OPTIONS_H

#include "tcp/tcp.h"

/* What must be set before a socket connects or listens; accepted ones inherit it. */
int tcp_options_before(int fd, const union vms_value *values, struct vms_error *error);
/* What is set on a connection. */
int tcp_options_connected(int fd, const union vms_value *values, struct vms_error *error);

/* Whether the options can be had here: -ENOTSUP with the reason. */
int tcp_options_probe(const union vms_value *values, struct vms_error *error);

/* From TCP_INFO. */
struct tcp_connection {
    uint64_t retransmits;    /* segments sent again, since the beginning */
    uint64_t rtt_ns;         /* smoothed round trip time */
    uint64_t mss;            /* bytes of payload in a full segment, as sent */
    uint64_t advertised_mss; /* what this side takes */
};
int tcp_options_ask(int fd, struct tcp_connection *ret, struct vms_error *error);

/* Sets facts about a connection of this half. */
void tcp_options_report(const struct vms_host *host, int fd);

#endif
