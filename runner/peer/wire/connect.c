/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Connecting to a name with several addresses, as RFC 8305 ("Happy Eyeballs") has it: the families in turn,
 * the next attempt when one fails or after 250 ms, and the first that succeeds. So a family that is dead
 * costs a quarter of a second. */
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/wait.h"
#include "peer/wire/net.h"

#include <netdb.h>
#include <string.h>

#define ATTEMPTS_MAX 16
#define ATTEMPT_DELAY_NS (NS_PER_S / 4)

struct attempt {
    const struct addrinfo *address;
    int fd; /* -1: not begun, or failed */
};

struct attempts {
    struct attempt attempts[ATTEMPTS_MAX];
    size_t n, n_begun;
    int status;      /* why the last one failed */
    char tried[360]; /* "192.0.2.1 port 7411 (Connection refused), ..." */
};

/* The addresses in the resolver's order, but families in turn. */
static void order(const struct addrinfo *addresses, struct attempts *ret) {
    int first = addresses ? addresses->ai_family : AF_UNSPEC;
    const struct addrinfo *next[2] = {addresses, addresses}; /* of the first's family, of the others */

    while (ret->n < ATTEMPTS_MAX && (next[0] || next[1]))
        for (int other = 0; other < 2; other++) {
            while (next[other] && (next[other]->ai_family != first) != other)
                next[other] = next[other]->ai_next;
            if (!next[other] || ret->n == ATTEMPTS_MAX)
                continue;
            ret->attempts[ret->n++] = (struct attempt){next[other], -1};
            next[other] = next[other]->ai_next;
        }
}

static void note_failure(struct attempts *attempts, struct attempt *attempt, int status) {
    struct sockaddr_storage storage = {0};
    size_t used = strlen(attempts->tried), size = sizeof(attempts->tried);
    char name[NET_NAME_SIZE];
    int written;

    memcpy(&storage, attempt->address->ai_addr, attempt->address->ai_addrlen);
    net_name(&storage, name);
    written =
        snprintf(attempts->tried + used, size - used, "%s%s (%s)", used ? ", " : "", name, strerror(-status));
    if (written < 0 || (size_t)written >= size - used) /* a name with more addresses than a sentence holds */
        attempts->tried[used] = '\0';
    attempts->status = status;
    if (attempt->fd >= 0)
        (void)close(attempt->fd);
    attempt->fd = -1;
}

/* Begins the next attempt. */
static void begin(struct attempts *attempts) {
    struct attempt *attempt = &attempts->attempts[attempts->n_begun++];

    attempt->fd = socket(attempt->address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (attempt->fd < 0 ||
        (connect(attempt->fd, attempt->address->ai_addr, attempt->address->ai_addrlen) < 0 &&
         errno != EINPROGRESS))
        note_failure(attempts, attempt, -errno);
}

/* Whether an attempt that poll has woken us for has succeeded. */
static bool has_connected(struct attempts *attempts, struct attempt *attempt) {
    socklen_t size = sizeof(int);
    int outcome = 0;

    if (getsockopt(attempt->fd, SOL_SOCKET, SO_ERROR, &outcome, &size) < 0)
        outcome = errno;
    if (outcome == 0)
        return true;
    note_failure(attempts, attempt, -outcome);
    return false;
}

/* Waits for one of the attempts under way until `until_ns`; the one that has connected, or NULL. */
static struct attempt *await(struct attempts *attempts, uint64_t until_ns) {
    struct pollfd waiting[ATTEMPTS_MAX];

    for (size_t i = 0; i < attempts->n_begun; i++)
        waiting[i] = (struct pollfd){.fd = attempts->attempts[i].fd, .events = POLLOUT};
    if (wait_poll(waiting, attempts->n_begun, until_ns, NULL) <= 0)
        return NULL;
    for (size_t i = 0; i < attempts->n_begun; i++)
        if (waiting[i].revents && has_connected(attempts, &attempts->attempts[i]))
            return &attempts->attempts[i];
    return NULL;
}

static bool is_any_under_way(const struct attempts *attempts) {
    for (size_t i = 0; i < attempts->n_begun; i++)
        if (attempts->attempts[i].fd >= 0)
            return true;
    return false;
}

/* -1: neither. */
static int race(struct attempts *attempts, uint64_t deadline_ns) {
    uint64_t next_ns = 0;

    while (clock_now_ns() < deadline_ns) {
        bool more = attempts->n_begun < attempts->n;
        struct attempt *winner;

        if (more && (clock_now_ns() >= next_ns || !is_any_under_way(attempts))) {
            begin(attempts);
            next_ns = clock_now_ns() + ATTEMPT_DELAY_NS;
            continue;
        }
        if (!more && !is_any_under_way(attempts))
            return -1;
        winner = await(attempts, more && next_ns < deadline_ns ? next_ns : deadline_ns);
        if (winner) {
            int fd = winner->fd;

            winner->fd = -1;
            return fd;
        }
    }
    return -1;
}

int net_connect(const char *host, uint16_t port, uint64_t deadline_ns, int *ret_fd, struct vms_error *error) {
    struct addrinfo *addresses = NULL;
    struct attempts attempts = {.status = -ETIMEDOUT};
    int status = net_resolve(host, port, 0, &addresses, error), fd;

    if (status < 0)
        return status;
    order(addresses, &attempts);
    fd = race(&attempts, deadline_ns);
    for (size_t i = 0; i < attempts.n_begun; i++)
        if (attempts.attempts[i].fd >= 0)
            note_failure(&attempts, &attempts.attempts[i], fd >= 0 ? -ECANCELED : -ETIMEDOUT);
    freeaddrinfo(addresses);
    if (fd < 0)
        return error_set(error, attempts.status, "no peer answers at %s: tried %s%s", host, attempts.tried,
                         attempts.status == -ECONNREFUSED ? "; is `vmsuite serve` running there?" : "");
    net_tune(fd);
    *ret_fd = fd;
    return 0;
}
