/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "shared/net/socket.h"

#include "shared/net/control.h"
#include "shared/net/error.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

int net_socket_open(const struct vms_host *host, int type, int *ret_fd, struct vms_error *error) {
    int fd = socket(host->address.ss_family, type | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return net_fail_errno(error, errno, "opening a data socket");
    *ret_fd = fd;
    return 0;
}

static socklen_t address_size(const struct sockaddr_storage *address) {
    return address->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
}

static void set_port(struct sockaddr_storage *address, uint16_t port) {
    if (address->ss_family == AF_INET6)
        ((struct sockaddr_in6 *)address)->sin6_port = htons(port);
    else
        ((struct sockaddr_in *)address)->sin_port = htons(port);
}

int net_socket_bind(const struct vms_host *host, int fd, uint64_t port, struct vms_error *error) {
    struct sockaddr_storage address = host->address;
    int on = 1;

    set_port(&address, (uint16_t)port);
    /* Only where the user fixed the port: connections of the last trial may linger on it. */
    if (port != 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0)
        return net_fail_errno(error, errno, "SO_REUSEADDR");
    if (bind(fd, (struct sockaddr *)&address, address_size(&address)) < 0) {
        int number = errno;

        return port == 0
                   ? net_fail_errno(error, number, "binding a data socket")
                   : report_error(error, -number, "port %u cannot be used for data (%s): give another, or 0",
                                  (unsigned)port, strerrordesc_np(number));
    }
    return 0;
}

int net_socket_port(int fd, uint64_t *ret_port, struct vms_error *error) {
    struct sockaddr_storage address = {0};
    socklen_t size = sizeof(address);

    if (getsockname(fd, (struct sockaddr *)&address, &size) < 0)
        return net_fail_errno(error, errno, "asking for a data socket's port");
    *ret_port = ntohs(address.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&address)->sin6_port
                                                    : ((struct sockaddr_in *)&address)->sin_port);
    return 0;
}

/* Waits until a connect that is under way has ended. */
static int wait_connected(const struct vms_host *host, int fd, struct vms_error *error) {
    uint64_t end = host->now(host->context) + NET_SETUP_NS;
    struct pollfd poll_fd = {.fd = fd, .events = POLLOUT};
    int number = 0;
    socklen_t size = sizeof(number);

    while (poll(&poll_fd, 1, NET_POLL_NS / 1000000) == 0) {
        if (host->should_stop(host->context))
            return net_fail_stopped(error);
        if (host->now(host->context) >= end)
            return report_error(error, -ETIMEDOUT,
                                "the other half's data port did not answer: is it filtered?");
    }
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &number, &size) < 0)
        number = errno;
    return number ? net_fail_errno(error, number, "connecting to the other half's data port") : 0;
}

int net_socket_connect(const struct vms_host *host, int fd, uint64_t port, struct vms_error *error) {
    struct sockaddr_storage address = host->peer;
    int status = net_socket_blocking(fd, false, error);

    if (status < 0)
        return status;
    if (port == 0 || port > UINT16_MAX)
        return report_error(error, -EPROTO, "the other half named a port that is not valid");
    set_port(&address, (uint16_t)port);
    if (connect(fd, (struct sockaddr *)&address, address_size(&address)) < 0 && errno != EINPROGRESS)
        return net_fail_errno(error, errno, "connecting to the other half's data port");
    status = wait_connected(host, fd, error);
    return status < 0 ? status : net_socket_blocking(fd, true, error);
}

int net_socket_limit(int fd, uint64_t limit_ns, struct vms_error *error) {
    struct timeval limit = {.tv_sec = (time_t)(limit_ns / NET_SECOND),
                            .tv_usec = (suseconds_t)(limit_ns % NET_SECOND / 1000)};

    if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) < 0 ||
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) < 0)
        return net_fail_errno(error, errno, "SO_RCVTIMEO");
    return 0;
}

static int set_buffer(int fd, int option, uint64_t size, const char *name, struct vms_error *error) {
    int bytes = size < INT_MAX / 2 ? (int)size : INT_MAX / 2;

    if (size > 0 && setsockopt(fd, SOL_SOCKET, option, &bytes, sizeof(bytes)) < 0)
        return net_fail_errno(error, errno, name);
    return 0;
}

int net_socket_set_buffers(int fd, uint64_t send_size, uint64_t receive_size, struct vms_error *error) {
    int status = set_buffer(fd, SO_SNDBUF, send_size, "SO_SNDBUF", error);

    return status < 0 ? status : set_buffer(fd, SO_RCVBUF, receive_size, "SO_RCVBUF", error);
}

uint64_t net_socket_buffer(int fd, int option) {
    int bytes = 0;
    socklen_t size = sizeof(bytes);

    return getsockopt(fd, SOL_SOCKET, option, &bytes, &size) < 0 ? 0 : (uint64_t)bytes;
}

int net_socket_blocking(int fd, bool blocking, struct vms_error *error) {
    int flags = fcntl(fd, F_GETFL);

    if (flags < 0 || fcntl(fd, F_SETFL, blocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK) < 0)
        return net_fail_errno(error, errno, "O_NONBLOCK");
    return 0;
}

bool net_address_equal(const struct sockaddr_storage *a, const struct sockaddr_storage *b) {
    if (a->ss_family != b->ss_family)
        return false;
    if (a->ss_family == AF_INET6)
        return memcmp(&((const struct sockaddr_in6 *)a)->sin6_addr,
                      &((const struct sockaddr_in6 *)b)->sin6_addr, sizeof(struct in6_addr)) == 0;
    return ((const struct sockaddr_in *)a)->sin_addr.s_addr ==
           ((const struct sockaddr_in *)b)->sin_addr.s_addr;
}

/* A call that moved no data: 0 to try again. *moved: whether some has moved since this was asked last. */
static int try_again(struct net_watch *watch, bool *moved, const char *what, struct vms_error *error) {
    int status;

    if (errno != EAGAIN && errno != EINTR)
        return net_fail_errno(error, errno, what);
    status = net_watch_check(watch, watch->host->now(watch->host->context), *moved, error);
    *moved = false;
    return status;
}

int net_send_all(struct net_watch *watch, int fd, const void *data, size_t size, struct vms_error *error) {
    const char *at = data;
    bool moved = true;

    while (size > 0) {
        ssize_t n = send(fd, at, size, MSG_NOSIGNAL);
        int status;

        if (n > 0) {
            at += n;
            size -= (size_t)n;
            moved = true;
        } else if ((status = try_again(watch, &moved, "sending data", error)) < 0) {
            return status;
        }
    }
    return 0;
}

int net_receive_all(struct net_watch *watch, int fd, void *buffer, size_t size, bool busy,
                    struct vms_error *error) {
    char *at = buffer;
    unsigned spins = 0;
    bool moved = true;

    for (size_t left = size; left > 0;) {
        ssize_t n = recv(fd, at, left, busy ? MSG_DONTWAIT : 0);
        int status;

        if (n > 0) {
            at += n;
            left -= (size_t)n;
            moved = true;
        } else if (n == 0) {
            return left == size ? 0
                                : report_error(error, -ECONNRESET, "the connection ended within a message");
        } else if (busy && errno == EAGAIN && ++spins % NET_SPINS != 0) {
            continue;
        } else if ((status = try_again(watch, &moved, "receiving data", error)) < 0) {
            return status;
        }
    }
    return 1;
}

void *net_new_buffer(size_t size) {
    void *buffer = NULL;

    if (posix_memalign(&buffer, (size_t)sysconf(_SC_PAGESIZE), size) != 0)
        return NULL;
    return memset(buffer, 0x5a, size);
}

void net_close(int *fd) {
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}
