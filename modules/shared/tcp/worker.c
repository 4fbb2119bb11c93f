/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "shared/tcp/worker.h"

#include "shared/net/affinity.h"
#include "shared/net/error.h"
#include "shared/net/socket.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* Begins to count, once the warm-up is over: from `now` on. */
static void start_counting(struct tcp_worker *worker, uint64_t now) {
    worker->counting = true;
    worker->count.first_ns = worker->count.last_ns = now;
    worker->count.cpu_ns = net_cpu_now();
}

static bool is_warm(const struct tcp_worker *worker, uint64_t now) {
    return worker->counting || now - worker->begin_ns >= worker->plan.warmup_ns;
}

/* `size` bytes moved in a call that ended `now`. */
static void count(struct tcp_worker *worker, uint64_t size, uint64_t now) {
    worker->total += size;
    if (worker->counting) {
        worker->count.bytes += size;
        worker->count.last_ns = now;
    } else if (is_warm(worker, now)) {
        start_counting(worker, now);
    }
}

static void count_interval(struct tcp_worker *worker, uint64_t size, uint64_t now) {
    uint64_t start_ns = worker->begin_ns + worker->plan.warmup_ns, index;

    if (worker->plan.interval_ns == 0 || now < start_ns)
        return;
    index = (now - start_ns) / worker->plan.interval_ns;
    if (index < NET_INTERVALS_MAX)
        worker->intervals[index] += size;
}

/* What is still to be sent now: a block at most, 0 at the end. */
static size_t left_to_send(const struct tcp_worker *worker, uint64_t now) {
    const struct tcp_worker_plan *plan = &worker->plan;
    uint64_t left = plan->bytes - worker->total;

    if (plan->bytes == 0)
        return now - worker->begin_ns < plan->warmup_ns + plan->seconds_ns ? plan->block_size : 0;
    return left < plan->block_size ? (size_t)left : plan->block_size;
}

/* One call of send: the bytes it took, 0 for none, or a negative errno. */
static ssize_t send_block(struct tcp_worker *worker, size_t size) {
    int flags = MSG_NOSIGNAL | (worker->plan.zerocopy ? MSG_ZEROCOPY : 0), status;
    ssize_t n = send(worker->fd, worker->block, size, flags);

    if (n < 0 && errno != EAGAIN && errno != EINTR && !(errno == ENOBUFS && worker->plan.zerocopy))
        return net_fail_errno(&worker->error, errno, "sending data");
    if (worker->plan.zerocopy) {
        worker->zerocopy.sends += n > 0;
        if ((status = zerocopy_reap(&worker->zerocopy, worker->fd, &worker->error)) < 0)
            return status;
    }
    return n > 0 ? n : 0;
}

/* Waits until the receiver has read everything: it answers the end of our stream with the end of its own. */
static int wait_drained(struct tcp_worker *worker, struct net_watch *watch) {
    struct tcp_connection connection;
    char byte;
    int got;

    if ((got = tcp_connection_ask(worker->fd, &worker->connection, &worker->error)) < 0)
        return got;
    if (shutdown(worker->fd, SHUT_WR) < 0)
        return net_fail_errno(&worker->error, errno, "ending a stream");
    got = net_receive_all(watch, worker->fd, &byte, 1, false, &worker->error);
    if (got != 0)
        return got > 0 ? report_error(&worker->error, -EPROTO, "a receiver sent data") : got;
    if ((got = tcp_connection_ask(worker->fd, &connection, &worker->error)) < 0)
        return got;
    worker->connection.retransmits = connection.retransmits;
    return zerocopy_reap(&worker->zerocopy, worker->fd, &worker->error);
}

static int run_sender(struct tcp_worker *worker) {
    const struct vms_host *host = worker->host;
    uint64_t now = host->now(host->context);
    struct net_watch watch;
    size_t size;

    net_watch_init(&watch, host, now);
    if (is_warm(worker, now))
        start_counting(worker, now);
    while ((size = left_to_send(worker, now)) > 0) {
        ssize_t n = send_block(worker, size);
        int status;

        if (n < 0)
            return (int)n;
        now = host->now(host->context);
        count(worker, (uint64_t)n, now);
        status = net_watch_check(&watch, now, n > 0, &worker->error);
        if (status < 0)
            return status;
    }
    worker->count.cpu_ns = net_cpu_now() - worker->count.cpu_ns;
    return wait_drained(worker, &watch);
}

/* The clock starts when the first data is there, before it is read. */
static int wait_first(struct tcp_worker *worker, struct net_watch *watch) {
    const struct vms_host *host = worker->host;
    uint64_t now;
    char byte;
    int status;

    while (recv(worker->fd, &byte, 1, MSG_PEEK) < 0) {
        if (errno != EAGAIN && errno != EINTR)
            return net_fail_errno(&worker->error, errno, "receiving data");
        if ((status = net_watch_check(watch, host->now(host->context), false, &worker->error)) < 0)
            return status;
    }
    now = host->now(host->context);
    if (is_warm(worker, now))
        start_counting(worker, now);
    return 0;
}

/* The receiver is to be woken for a block, not for each segment: a wake-up costs both ends, as the one that
 * delivers the segment pays for it. A slow stream is still read every NET_POLL_NS, and its end at once. Where
 * the kernel refuses, it goes without. */
static void wait_for_blocks(const struct tcp_worker *worker) {
    int size = worker->plan.block_size < INT_MAX ? (int)worker->plan.block_size : INT_MAX;

    (void)setsockopt(worker->fd, SOL_SOCKET, SO_RCVLOWAT, &size, sizeof(size));
}

static int run_receiver(struct tcp_worker *worker) {
    const struct vms_host *host = worker->host;
    struct net_watch watch;
    int status;

    net_watch_init(&watch, host, host->now(host->context));
    status = wait_first(worker, &watch);
    wait_for_blocks(worker);
    while (status == 0) {
        ssize_t n = recv(worker->fd, worker->block, worker->plan.block_size, 0);
        uint64_t now = host->now(host->context);

        if (n == 0)
            break;
        if (n < 0 && errno != EAGAIN && errno != EINTR)
            return net_fail_errno(&worker->error, errno, "receiving data");
        if (n > 0) {
            count(worker, (uint64_t)n, now);
            count_interval(worker, (uint64_t)n, now);
        }
        status = net_watch_check(&watch, now, n > 0, &worker->error);
    }
    worker->count.cpu_ns = net_cpu_now() - worker->count.cpu_ns;
    if (status == 0 && shutdown(worker->fd, SHUT_WR) < 0)
        return net_fail_errno(&worker->error, errno, "ending a stream");
    return status;
}

static void *run(void *argument) {
    struct tcp_worker *worker = argument;

    worker->status = worker->plan.sends ? run_sender(worker) : run_receiver(worker);
    /* The other end must not wait for what will never come. */
    if (worker->status < 0)
        (void)shutdown(worker->fd, SHUT_RDWR);
    return NULL;
}

int tcp_worker_init(struct tcp_worker *worker, const struct vms_host *host, int fd,
                    const struct tcp_worker_plan *plan, struct vms_error *error) {
    *worker = (struct tcp_worker){.host = host, .fd = fd, .plan = *plan};
    worker->block = net_new_buffer(plan->block_size);
    if (!worker->block)
        return net_fail_errno(error, ENOMEM, "a stream's block");
    return 0;
}

int tcp_worker_start(struct tcp_worker *worker, uint64_t begin_ns, struct vms_error *error) {
    int number;

    worker->begin_ns = begin_ns;
    number = pthread_create(&worker->thread, NULL, run, worker);
    return number ? net_fail_errno(error, number, "starting a stream's thread") : 0;
}

int tcp_worker_join(struct tcp_worker *worker, struct vms_error *error) {
    (void)pthread_join(worker->thread, NULL);
    if (worker->status < 0)
        *error = worker->error;
    return worker->status;
}

void tcp_worker_done(struct tcp_worker *worker) {
    free(worker->block);
    worker->block = NULL;
}
