/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sockets of the control connection. */
#ifndef VMSUITE_RUNNER_PEER_WIRE_NET_H
#define VMSUITE_RUNNER_PEER_WIRE_NET_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <vmsuite/module.h>

#define NET_NAME_SIZE 96
#define NET_ADDRESS_SIZE 48

struct addrinfo;

/* getaddrinfo(3) for TCP. -EHOSTUNREACH, -ENOMEM with a sentence. The caller frees with freeaddrinfo. */
int net_resolve(const char *host, uint16_t port, int flags, struct addrinfo **ret, struct vms_error *error);

/* Connects to the first address of `host` that answers (RFC 8305). The descriptor is non-blocking. Errors:
 * -EHOSTUNREACH where the name has no address, else the last address's, with all that was tried in the
 * sentence. */
int net_connect(const char *host, uint16_t port, uint64_t deadline_ns, int *ret_fd, struct vms_error *error);

/* Listens on the first address of `bind` that is available ("*" and "": all addresses, IPv6 and IPv4). */
int net_listen(const char *bind, uint16_t port, int *ret_fd, uint16_t *ret_port, struct vms_error *error);

/* The port of a listening socket. */
int net_tell_listener(int fd, uint16_t *ret_port, struct vms_error *error);

/* What every control connection gets: no delay, and a dead other end is noticed within about a minute. */
void net_tune(int fd);

/* Both ends of a connected socket, ports included; IPv4 in IPv6 is shown as IPv4. */
int net_ends(int fd, struct sockaddr_storage *ret_own, struct sockaddr_storage *ret_other,
             struct vms_error *error);

/* Sets the port to 0. */
void net_clear_port(struct sockaddr_storage *address);

/* Whether packets to that address stay on this machine: a loopback address or one of its own interfaces'. */
bool net_is_local(const struct sockaddr_storage *address);

/* "192.0.2.1"; "": no address of the Internet. */
void net_address(const struct sockaddr_storage *address, char ret_text[static NET_ADDRESS_SIZE]);

/* "192.0.2.1 port 7411". */
void net_name(const struct sockaddr_storage *address, char ret_name[static NET_NAME_SIZE]);

#endif
