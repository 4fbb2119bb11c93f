/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "shared/tcp/connect.h"

#include "shared/net/control.h"
#include "shared/net/error.h"
#include "shared/net/socket.h"

#include <endian.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>

/* The first bytes of a connection: the cookie, then the index (2 bytes, big-endian). */
#define HELLO_SIZE (VMS_COOKIE_SIZE + 2)
/* Connections that have not yet shown their cookie; with more, the oldest is closed. */
#define GUESTS_MAX 16
#define BACKLOG 256

struct guest {
    int fd;
    size_t used;
    uint8_t hello[HELLO_SIZE];
};

struct entrance {
    const struct vms_host *host;
    int listener;
    struct guest guests[GUESTS_MAX]; /* the oldest first */
    size_t n_guests;
    int *fds; /* by index; -1: not there yet */
    size_t n_fds, n_there;
};

void tcp_close_all(int *fds, size_t n) {
    for (size_t i = 0; i < n; i++)
        net_close(&fds[i]);
}

static int set_before(int fd, const struct tcp_connect_plan *plan, struct vms_error *error) {
    return plan->before ? plan->before(fd, plan->values, error) : 0;
}

/* TCP_NODELAY unless the module's options say otherwise. */
static int set_connected(int fd, const struct tcp_connect_plan *plan, struct vms_error *error) {
    int on = 1, status;

    if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) < 0)
        return net_fail_errno(error, errno, "TCP_NODELAY");
    status = plan->connected ? plan->connected(fd, plan->values, error) : 0;
    return status < 0 ? status : net_socket_limit(fd, NET_POLL_NS, error);
}

static int connect_one(const struct vms_host *host, const struct tcp_connect_plan *plan, uint64_t port,
                       size_t index, int *ret_fd, struct vms_error *error) {
    NET_AUTO_CLOSE int fd = -1;
    uint8_t hello[HELLO_SIZE];
    uint16_t index_be = htobe16((uint16_t)index);
    struct net_watch watch;
    int status;

    net_watch_init(&watch, host, host->now(host->context));
    memcpy(hello, host->cookie, VMS_COOKIE_SIZE);
    memcpy(hello + VMS_COOKIE_SIZE, &index_be, sizeof(index_be));
    if ((status = net_socket_open(host, SOCK_STREAM, &fd, error)) < 0 ||
        (status = set_before(fd, plan, error)) < 0 ||
        (status = net_socket_connect(host, fd, port, error)) < 0 ||
        (status = set_connected(fd, plan, error)) < 0 ||
        (status = net_send_all(&watch, fd, hello, sizeof(hello), error)) < 0)
        return status;
    *ret_fd = fd;
    fd = -1;
    return 0;
}

int tcp_connect_all(const struct vms_host *host, const struct tcp_connect_plan *plan, int *ret_fds,
                    struct vms_error *error) {
    size_t n = plan->n, made = 0;
    uint64_t port;
    int status = net_get_exactly(host, NET_READY, &port, 1, NET_SETUP_NS, error);

    while (status == 0 && made < n) {
        status = connect_one(host, plan, port, made, &ret_fds[made], error);
        made += status == 0;
    }
    if (status < 0)
        tcp_close_all(ret_fds, made);
    return status;
}

static void drop_guest(struct entrance *entrance, size_t i) {
    entrance->n_guests--;
    memmove(&entrance->guests[i], &entrance->guests[i + 1],
            (entrance->n_guests - i) * sizeof(entrance->guests[0]));
}

/* Reads on; a guest who has shown cookie and index gets its place, one who has shown something else or left
 * is closed. */
static void read_guest(struct entrance *entrance, size_t i) {
    struct guest *guest = &entrance->guests[i];
    ssize_t n = recv(guest->fd, guest->hello + guest->used, HELLO_SIZE - guest->used, MSG_DONTWAIT);
    uint16_t index_be;
    size_t index;

    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    guest->used += n > 0 ? (size_t)n : 0;
    if (n > 0 && guest->used < HELLO_SIZE)
        return;
    memcpy(&index_be, guest->hello + VMS_COOKIE_SIZE, sizeof(index_be));
    index = be16toh(index_be);
    if (n > 0 && memcmp(guest->hello, entrance->host->cookie, VMS_COOKIE_SIZE) == 0 &&
        index < entrance->n_fds && entrance->fds[index] < 0) {
        entrance->fds[index] = guest->fd;
        entrance->n_there++;
        guest->fd = -1;
    }
    net_close(&guest->fd);
    drop_guest(entrance, i);
}

static int admit(struct entrance *entrance, struct vms_error *error) {
    int fd = accept4(entrance->listener, NULL, NULL, SOCK_CLOEXEC);

    if (fd < 0) {
        if (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED)
            return 0;
        return net_fail_errno(error, errno, "accepting a data connection");
    }
    if (entrance->n_guests == GUESTS_MAX) {
        net_close(&entrance->guests[0].fd);
        drop_guest(entrance, 0);
    }
    entrance->guests[entrance->n_guests++] = (struct guest){.fd = fd};
    return 0;
}

/* One round: waits for news, reads from guests, lets in the next. */
static int attend(struct entrance *entrance, struct vms_error *error) {
    struct pollfd polls[GUESTS_MAX + 1];
    size_t n = entrance->n_guests;

    for (size_t i = 0; i < n; i++)
        polls[i] = (struct pollfd){.fd = entrance->guests[i].fd, .events = POLLIN};
    polls[n] = (struct pollfd){.fd = entrance->listener, .events = POLLIN};
    if (poll(polls, n + 1, NET_POLL_NS / 1000000) < 0 && errno != EINTR)
        return net_fail_errno(error, errno, "waiting for data connections");
    /* From the last, as reading may drop one. */
    for (size_t i = n; i-- > 0;)
        if (polls[i].revents)
            read_guest(entrance, i);
    return polls[n].revents ? admit(entrance, error) : 0;
}

static int listen_at(const struct vms_host *host, const struct tcp_connect_plan *plan, int *ret_fd,
                     struct vms_error *error) {
    NET_AUTO_CLOSE int fd = -1;
    uint64_t port;
    int status;

    if ((status = net_socket_open(host, SOCK_STREAM, &fd, error)) < 0 ||
        (status = set_before(fd, plan, error)) < 0 ||
        (status = net_socket_bind(host, fd, plan->port, error)) < 0 ||
        (status = net_socket_blocking(fd, false, error)) < 0)
        return status;
    if (listen(fd, BACKLOG) < 0)
        return net_fail_errno(error, errno, "listening for data connections");
    if ((status = net_socket_port(fd, &port, error)) < 0 ||
        (status = net_put(host, NET_READY, &port, 1, error)) < 0)
        return status;
    *ret_fd = fd;
    fd = -1;
    return 0;
}

static int wait_for_all(struct entrance *entrance, struct vms_error *error) {
    const struct vms_host *host = entrance->host;
    uint64_t end = host->now(host->context) + NET_SETUP_NS;
    int status = 0;

    while (status == 0 && entrance->n_there < entrance->n_fds) {
        if ((status = net_check_other(host, error)) < 0)
            return status;
        if (host->now(host->context) >= end)
            return report_error(error, -ETIMEDOUT, "%zu of %zu data connections came within %u s",
                                entrance->n_there, entrance->n_fds, (unsigned)(NET_SETUP_NS / NET_SECOND));
        status = attend(entrance, error);
    }
    return status;
}

int tcp_accept_all(const struct vms_host *host, const struct tcp_connect_plan *plan, int *ret_fds,
                   struct vms_error *error) {
    NET_AUTO_CLOSE int listener = -1;
    struct entrance entrance = {.host = host, .fds = ret_fds, .n_fds = plan->n};
    int status = listen_at(host, plan, &listener, error);

    if (status < 0)
        return status;
    entrance.listener = listener;
    for (size_t i = 0; i < entrance.n_fds; i++)
        ret_fds[i] = -1;
    status = wait_for_all(&entrance, error);
    while (entrance.n_guests > 0)
        net_close(&entrance.guests[--entrance.n_guests].fd);
    for (size_t i = 0; i < entrance.n_fds && status == 0; i++)
        status = set_connected(ret_fds[i], plan, error);
    if (status < 0)
        tcp_close_all(ret_fds, entrance.n_fds);
    return status;
}
