/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A two-sided module: how long a byte takes to the peer and back over TCP. It shows how the two halves meet: the serving
 * one listens on a port that the kernel chooses and says it by `put`; the other connects, and opens with the cookie that
 * both know, so that a stranger's connection is not taken for the case's. Both count the bytes, and the counts must agree.
 *
 *     cc -shared -fPIC -fvisibility=hidden $(pkg-config --cflags vmsuite) -o echo.so echo.c
 *     vmsuite module try echo.so turns=1000
 */
#define _GNU_SOURCE /* accept4 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <vmsuite/module.h>

#define SETUP_NS 5000000000ULL /* for the other half to say its word */
#define SLICE_MS 50            /* how long a wait lasts before `should_stop` is asked again */

enum { PARAM_TURNS };
static const struct vms_param params[] = {
    [PARAM_TURNS] = {"turns", VMS_COUNT, "10000", "1", "1000000", NULL,
                     "How often the byte goes there and back.", VMS_ROLE_PLAIN},
};

enum { METRIC_TURN };
static const struct vms_metric metrics[] = {
    [METRIC_TURN] = {"turn", VMS_UNIT_SECONDS, VMS_LOWER, VMS_SCALAR, VMS_SENDER,
                     "Mean time from sending the byte to having it back.", VMS_ROLE_HEADLINE},
};

static int fail(struct vms_error *error, int status, const char *what) {
    (void)snprintf(error->text, sizeof(error->text), "%s: %s", what, strerror(-status));
    return status;
}

/* 1 when the socket can be read; -ECANCELED when the trial should end. */
static int wait_for(const struct vms_host *host, int fd) {
    struct pollfd ready = {.fd = fd, .events = POLLIN};

    while (!host->should_stop(host->context)) {
        int status = poll(&ready, 1, SLICE_MS);

        if (status < 0 && errno != EINTR)
            return -errno;
        if (status > 0)
            return 1;
    }
    return -ECANCELED;
}

/* 1 when all bytes came; 0 at the end of the connection. */
static int receive(const struct vms_host *host, int fd, void *bytes, size_t size) {
    for (size_t done = 0; done < size;) {
        int status = wait_for(host, fd);
        ssize_t n = status < 0 ? status : recv(fd, (char *)bytes + done, size - done, 0);

        if (n <= 0)
            return status < 0 ? status : n < 0 ? -errno : 0;
        done += (size_t)n;
    }
    return 1;
}

static int send_all(int fd, const void *bytes, size_t size) {
    ssize_t n = send(fd, bytes, size, MSG_NOSIGNAL);

    return n == (ssize_t)size ? 0 : n < 0 ? -errno : -EPIPE;
}

static void set_port(struct sockaddr_storage *address, uint16_t port) {
    if (address->ss_family == AF_INET6)
        ((struct sockaddr_in6 *)address)->sin6_port = htons(port);
    else
        ((struct sockaddr_in *)address)->sin_port = htons(port);
}

static uint16_t port_of(const struct sockaddr_storage *address) {
    return ntohs(address->ss_family == AF_INET6 ? ((const struct sockaddr_in6 *)address)->sin6_port
                                                : ((const struct sockaddr_in *)address)->sin_port);
}

static socklen_t length_of(const struct sockaddr_storage *address) {
    return address->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
}

/* A connection that opened with the case's cookie; others are closed. */
static int accept_ours(const struct vms_host *host, int listener) {
    for (;;) {
        unsigned char cookie[VMS_COOKIE_SIZE];
        int fd, status = wait_for(host, listener);

        if (status < 0)
            return status;
        fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (fd >= 0 && receive(host, fd, cookie, sizeof(cookie)) == 1 &&
            memcmp(cookie, host->cookie, sizeof(cookie)) == 0)
            return fd;
        if (fd >= 0)
            close(fd);
    }
}

static int echo(const struct vms_host *host, int listener, struct vms_error *error) {
    int fd = accept_ours(host, listener), status = 1, one = 1;
    uint64_t turns = 0;
    char byte;

    if (fd < 0)
        return fail(error, fd, "the other half did not connect");
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    for (; status == 1; turns += status == 1) {
        status = receive(host, fd, &byte, 1);
        if (status == 1 && send_all(fd, &byte, 1) < 0)
            status = -EPIPE;
    }
    close(fd);
    if (status < 0)
        return fail(error, status, "the connection broke");
    return host->put(host->context, &turns, sizeof(turns), host->now(host->context) + SETUP_NS);
}

/* The peer's half of a trial. */
static int serve(const struct vms_host *host, const union vms_value *values, struct vms_error *error) {
    struct sockaddr_storage address = host->address;
    socklen_t length = length_of(&address);
    int listener = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0), status;
    uint16_t port;

    (void)values;
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, length) < 0 || listen(listener, 4) < 0 ||
        getsockname(listener, (struct sockaddr *)&address, &length) < 0) {
        status = fail(error, -errno, "no port to listen on");
        if (listener >= 0)
            close(listener);
        return status;
    }
    port = port_of(&address);
    status = host->put(host->context, &port, sizeof(port), host->now(host->context) + SETUP_NS);
    if (status == 0)
        status = echo(host, listener, error);
    close(listener);
    return status;
}

static int turn(const struct vms_host *host, int fd, uint64_t turns, struct vms_error *error) {
    for (uint64_t i = 0; i < turns; i++) {
        char sent = (char)i, got = 0;
        int status = send_all(fd, &sent, 1);

        if (status == 0 && (status = receive(host, fd, &got, 1)) == 1 && got == sent)
            continue;
        return fail(error, status < 0 ? status : -EIO, "the byte did not come back");
    }
    return 0;
}

/* Our half. Only this one reports. */
static int measure(const struct vms_host *host, const union vms_value *values, void *state,
                   struct vms_error *error) {
    struct sockaddr_storage peer = host->peer;
    uint64_t turns = values[PARAM_TURNS].count, counted = 0, start, end;
    int fd = -1, status, one = 1;
    uint16_t port;

    (void)state;
    if (host->get(host->context, &port, sizeof(port), host->now(host->context) + SETUP_NS) != sizeof(port))
        return fail(error, -EPROTO, "the other half did not say its port");
    set_port(&peer, port);
    fd = socket(peer.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&peer, length_of(&peer)) < 0 ||
        send_all(fd, host->cookie, VMS_COOKIE_SIZE) < 0) {
        status = fail(error, -errno, "no connection to the other half");
        if (fd >= 0)
            close(fd);
        return status;
    }
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    start = host->now(host->context);
    status = turn(host, fd, turns, error);
    end = host->now(host->context);
    close(fd);
    if (status < 0)
        return status;
    if (host->get(host->context, &counted, sizeof(counted), host->now(host->context) + SETUP_NS) !=
            sizeof(counted) ||
        counted != turns)
        return fail(error, -EPROTO, "the other half counted otherwise");
    return host->sample(host->context, METRIC_TURN, (double)(end - start) / 1e9 / (double)turns);
}

static void estimate(const union vms_value *values, struct vms_estimate *ret) {
    ret->seconds = (double)values[PARAM_TURNS].count * 50e-6;
    ret->traffic = values[PARAM_TURNS].count * 2;
}

const struct vms_module vms_module_v1 = {
    VMS_MODULE_ABI,
    .name = "echo",
    .summary = "An example of a two-sided module: a byte to the peer and back.",
    .resource = VMS_NETWORK,
    .workload_version = 1,
    .needs = VMS_NEEDS_PEER,
    .params = params,
    .n_params = VMS_LENGTH(params),
    .metrics = metrics,
    .n_metrics = VMS_LENGTH(metrics),
    .measure = measure,
    .serve = serve,
    .estimate = estimate,
};
