/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How the data path is set up: the client sends a hello with the cookie until the peer, over the control
 * connection, says that it has it. The peer never sends to an address that is not the session's. */
#include "udp/datagram.h"
#include "udp/udp.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#define HELLO_INTERVAL_NS (50 * UINT64_C(1000000))

static void make_hello(const struct vms_host *host, uint8_t *hello) {
    memset(hello, 0, DATAGRAM_HELLO_SIZE);
    datagram_set_number(hello, DATAGRAM_HELLO);
    datagram_set_cookie(hello, DATAGRAM_HELLO_SIZE, host->cookie);
}

/* Says hello until the peer has heard it. */
int udp_knock(const struct vms_host *host, int fd, struct vms_error *error) {
    uint64_t end = host->now(host->context) + NET_SETUP_NS;
    uint8_t hello[DATAGRAM_HELLO_SIZE];
    int status;

    make_hello(host, hello);
    do {
        /* A refusal or a full queue shows as the next datagram's error; the control connection decides. */
        (void)send(fd, hello, sizeof(hello), MSG_NOSIGNAL);
        status = net_get_exactly(host, NET_BEGIN, NULL, 0, HELLO_INTERVAL_NS, error);
    } while (status == -ETIMEDOUT && host->now(host->context) < end);
    return status == -ETIMEDOUT
               ? report_error(error, status,
                              "no datagram reached the other half within %u s: is UDP filtered?",
                              (unsigned)(NET_SETUP_NS / NET_SECOND))
               : status;
}

static int set_buffers(int fd, const union vms_value *values, struct vms_error *error) {
    return net_socket_set_buffers(fd, values[UDP_SEND_BUFFER].bytes, values[UDP_RECEIVE_BUFFER].bytes, error);
}

int udp_connect(const struct vms_host *host, const union vms_value *values, int *ret_fd,
                struct vms_error *error) {
    NET_AUTO_CLOSE int fd = -1;
    uint64_t port;
    int status;

    if ((status = net_get_exactly(host, NET_READY, &port, 1, NET_SETUP_NS, error)) < 0 ||
        (status = net_socket_open(host, SOCK_DGRAM, &fd, error)) < 0 ||
        (status = net_socket_bind(host, fd, 0, error)) < 0 ||
        (status = net_socket_connect(host, fd, port, error)) < 0 ||
        (status = set_buffers(fd, values, error)) < 0 ||
        (status = net_socket_limit(fd, NET_POLL_NS, error)) < 0)
        return status;
    *ret_fd = fd;
    fd = -1;
    return 0;
}

/* Waits for the hello; everything else is ignored and never answered. *ret_from is the session's address. */
static int wait_for_hello(const struct vms_host *host, int fd, struct sockaddr_storage *ret_from,
                          struct vms_error *error) {
    uint64_t end = host->now(host->context) + NET_SETUP_NS;
    uint8_t hello[DATAGRAM_HELLO_SIZE], got[DATAGRAM_HELLO_SIZE + 1];
    int status;

    make_hello(host, hello);
    while (host->now(host->context) < end) {
        struct sockaddr_storage from = {0};
        socklen_t size = sizeof(from);
        ssize_t n = recvfrom(fd, got, sizeof(got), 0, (struct sockaddr *)&from, &size);

        if (n < 0 && errno != EAGAIN && errno != EINTR)
            return net_fail_errno(error, errno, "waiting for the first datagram");
        if (n == (ssize_t)sizeof(hello) && memcmp(got, hello, sizeof(hello)) == 0 &&
            net_address_equal(&from, &host->peer)) {
            *ret_from = from;
            return 0;
        }
        if ((status = net_check_other(host, error)) < 0)
            return status;
    }
    return report_error(error, -ETIMEDOUT,
                        "the client's first datagram did not come within %u s: is UDP filtered?",
                        (unsigned)(NET_SETUP_NS / NET_SECOND));
}

/* From now on the kernel passes datagrams of the session's address and port only; others that came before
 * are thrown away. */
static int attach(int fd, const struct sockaddr_storage *from, struct vms_error *error) {
    char byte;

    if (connect(fd, (const struct sockaddr *)from,
                from->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in)) < 0)
        return net_fail_errno(error, errno, "connecting to the client's data port");
    while (recv(fd, &byte, 1, MSG_DONTWAIT) >= 0)
        continue;
    return 0;
}

int udp_accept(const struct vms_host *host, const union vms_value *values, int *ret_fd,
               struct vms_error *error) {
    NET_AUTO_CLOSE int fd = -1;
    struct sockaddr_storage from;
    uint64_t port;
    int status;

    if ((status = net_socket_open(host, SOCK_DGRAM, &fd, error)) < 0 ||
        (status = net_socket_bind(host, fd, values[UDP_PORT].count, error)) < 0 ||
        (status = set_buffers(fd, values, error)) < 0 ||
        (status = net_socket_limit(fd, NET_POLL_NS, error)) < 0 ||
        (status = net_socket_port(fd, &port, error)) < 0 ||
        (status = net_put(host, NET_READY, &port, 1, error)) < 0 ||
        (status = wait_for_hello(host, fd, &from, error)) < 0 || (status = attach(fd, &from, error)) < 0)
        return status;
    *ret_fd = fd;
    fd = -1;
    return 0;
}
