/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Data sockets: addresses, time limits, whole messages. */
#ifndef VMSUITE_MODULES_SHARED_NET_SOCKET_H
#define VMSUITE_MODULES_SHARED_NET_SOCKET_H

#include "shared/net/watch.h"

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

/* SO_SNDBUF and SO_RCVBUF; 0 leaves the kernel's. net_socket_buffer says what the kernel made of it. */
int net_socket_set_buffers(int fd, uint64_t send_size, uint64_t receive_size, struct vms_error *error);
uint64_t net_socket_buffer(int fd, int option);

/* Lets calls on the socket wait, or no longer. */
int net_socket_blocking(int fd, bool blocking, struct vms_error *error);

/* Whether two addresses are the same, ports left out. */
bool net_address_equal(const struct sockaddr_storage *a, const struct sockaddr_storage *b);

/* Looks at an empty socket between two at the clock, for those that do not sleep. */
#define NET_SPINS 512

/* Sends or receives exactly `size` bytes over a stream socket whose time limit is NET_POLL_NS; busy: without
 * sleeping. The watch's errors, and the socket's, with a sentence. net_receive_all returns 1 when all is
 * there, 0 at the end of the stream before the first byte; within a message that is -ECONNRESET. */
int net_send_all(struct net_watch *watch, int fd, const void *data, size_t size, struct vms_error *error);
int net_receive_all(struct net_watch *watch, int fd, void *buffer, size_t size, bool busy,
                    struct vms_error *error);

/* Room for data: it begins on a page, as the processor copies to and from there best, and its pages have been
 * written to, so that none is new in the trial. NULL without memory; free() it. */
void *net_new_buffer(size_t size);

/* Closes a descriptor unless it is -1, which it becomes. For the cleanup attribute. */
void net_close(int *fd);
#define NET_AUTO_CLOSE __attribute__((cleanup(net_close)))

#endif
