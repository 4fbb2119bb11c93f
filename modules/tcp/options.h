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

/* Sets facts about a connection of this half. */
void tcp_options_report(const struct vms_host *host, int fd);

#endif
