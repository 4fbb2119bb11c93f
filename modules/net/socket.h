/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Data sockets: addresses, time limits, whole messages. */
#ifndef VMSUITE_MODULES_NET_SOCKET_H
#define VMSUITE_MODULES_NET_SOCKET_H

#include <vmsuite/module.h>

/* Opens a socket of `type` (SOCK_STREAM, SOCK_DGRAM) of the host address's family. The descriptor is
 * written on success and then the caller's. */
int net_socket_open(const struct vms_host *host, int type, int *ret_fd, struct vms_error *error);

/* Binds to host->address at `port` (0: any free one). */
int net_socket_bind(const struct vms_host *host, int fd, uint64_t port, struct vms_error *error);

/* The port that the socket is bound to. */
int net_socket_port(int fd, uint64_t *ret_port, struct vms_error *error);

/* Connects to the other half's address at `port`; looks at should_stop, ends after NET_SETUP_NS. The socket
 * is blocking afterwards. -EPROTO for a port that is none. */
int net_socket_connect(const struct vms_host *host, int fd, uint64_t port, struct vms_error *error);

/* send() and recv() return EAGAIN after `limit_ns` without progress. */
int net_socket_limit(int fd, uint64_t limit_ns, struct vms_error *error);

int net_socket_blocking(int fd, bool blocking, struct vms_error *error);

/* Whether two addresses are the same, ports left out. */
bool net_address_equal(const struct sockaddr_storage *a, const struct sockaddr_storage *b);

/* Sends or receives exactly `size` bytes over a stream socket whose time limit is NET_POLL_NS. Looks at
 * should_stop whenever that passes without progress, and fails with -ETIMEDOUT after NET_STALL_NS without
 * any. net_receive_all returns 1 when all is there, 0 at the end of the stream before the first byte;
 * within a message that is -ECONNRESET. */
int net_send_all(const struct vms_host *host, int fd, const void *data, size_t size, struct vms_error *error);
int net_receive_all(const struct vms_host *host, int fd, void *buffer, size_t size, struct vms_error *error);

/* Closes a descriptor unless it is -1, which it becomes. For the cleanup attribute. */
void net_close(int *fd);
#define NET_AUTO_CLOSE __attribute__((cleanup(net_close)))

#endif
