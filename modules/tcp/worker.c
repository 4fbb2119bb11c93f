/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "worker.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Progress, and the chance to stop, of a loop whose socket gives up waiting after NET_POLL_NS. */
struct watch {
    uint64_t moved_ns;   /* when data moved last */
    uint64_t checked_ns; /* when should_stop was asked last */
};

static int watch_check(const struct vms_host *host, struct watch *watch, uint64_t now, bool moved,
                       struct vms_error *error) {
    if (moved)
        watch->moved_ns = now;
    else if (now - watch->moved_ns >= NET_STALL_NS)
        return net_fail(error, -ETIMEDOUT, "no data moved for %u s", (unsigned)(NET_STALL_NS / NET_SECOND));
    if (now - watch->checked_ns >= NET_POLL_NS) {
        watch->checked_ns = now;
        if (host->should_stop(host->context))
            return net_fail_stopped(error);
    }
    return 0;
}

/* What is still to be sent now: a block at most, 0 at the end. */
static size_t left_to_send(const struct tcp_worker *worker, uint64_t now) {
    const struct tcp_worker_plan *plan = &worker->plan;
    uint64_t left = plan->bytes - worker->bytes;

    if (plan->bytes == 0)
        return now - worker->first_ns < plan->seconds_ns ? plan->block_size : 0;
    return left < plan->block_size ? (size_t)left : plan->block_size;
}

/* Waits until the receiver has read everything: it answers the end of our stream with the end of its own. */
static int wait_drained(struct tcp_worker *worker) {
    char byte;
    int got;

    if (shutdown(worker->fd, SHUT_WR) < 0)
        return net_fail_errno(&worker->error, errno, "ending a stream");
    got = net_receive_all(worker->host, worker->fd, &byte, 1, &worker->error);
    return got > 0 ? net_fail(&worker->error, -EPROTO, "a receiver sent data") : got;
}

static int run_sender(struct tcp_worker *worker) {
    const struct vms_host *host = worker->host;
    uint64_t now = host->now(host->context);
    struct watch watch = {now, now};
    size_t size;

    worker->first_ns = now;
    while ((size = left_to_send(worker, now)) > 0) {
        ssize_t n = send(worker->fd, worker->block, size, MSG_NOSIGNAL);
        int status;

        if (n < 0 && errno != EAGAIN && errno != EINTR)
            return net_fail_errno(&worker->error, errno, "sending data");
        if (n > 0)
            worker->bytes += (uint64_t)n;
        now = host->now(host->context);
        status = watch_check(host, &watch, now, n > 0, &worker->error);
        if (status < 0)
            return status;
    }
    worker->last_ns = now;
    return wait_drained(worker);
}

/* The clock starts when the first data is there, before it is read. */
static int wait_first(struct tcp_worker *worker) {
    const struct vms_host *host = worker->host;
    char byte;
    ssize_t n;
    uint64_t now = host->now(host->context);
    struct watch watch = {now, now};

    while ((n = recv(worker->fd, &byte, 1, MSG_PEEK)) < 0) {
        int status;

        if (errno != EAGAIN && errno != EINTR)
            return net_fail_errno(&worker->error, errno, "receiving data");
        status = watch_check(host, &watch, host->now(host->context), false, &worker->error);
        if (status < 0)
            return status;
    }
    worker->first_ns = worker->last_ns = host->now(host->context);
    return 0;
}

static int run_receiver(struct tcp_worker *worker) {
    const struct vms_host *host = worker->host;
    int status = wait_first(worker);
    uint64_t now = worker->first_ns;
    struct watch watch = {now, now};

    while (status == 0) {
        ssize_t n = recv(worker->fd, worker->block, worker->plan.block_size, 0);

        if (n == 0)
            break;
        if (n < 0 && errno != EAGAIN && errno != EINTR)
            return net_fail_errno(&worker->error, errno, "receiving data");
        now = host->now(host->context);
        if (n > 0) {
            worker->bytes += (uint64_t)n;
            worker->last_ns = now;
        }
        status = watch_check(host, &watch, now, n > 0, &worker->error);
    }
    if (status == 0 && shutdown(worker->fd, SHUT_WR) < 0)
        return net_fail_errno(&worker->error, errno, "ending a stream");
    return status;
}

static void *run(void *argument) {
    struct tcp_worker *worker = argument;
    uint64_t cpu_ns = net_cpu_now();

    worker->status = worker->plan.sends ? run_sender(worker) : run_receiver(worker);
    worker->cpu_ns = net_cpu_now() - cpu_ns;
    /* The other end must not wait for what will never come. */
    if (worker->status < 0)
        (void)shutdown(worker->fd, SHUT_RDWR);
    return NULL;
}

int tcp_worker_init(struct tcp_worker *worker, const struct vms_host *host, int fd,
                    const struct tcp_worker_plan *plan, struct vms_error *error) {
    *worker = (struct tcp_worker){.host = host, .fd = fd, .plan = *plan};
    worker->block = malloc(plan->block_size);
    if (!worker->block)
        return net_fail_errno(error, ENOMEM, "a stream's block");
    memset(worker->block, 0x5a, plan->block_size);
    return 0;
}

int tcp_worker_start(struct tcp_worker *worker, struct vms_error *error) {
    int number = pthread_create(&worker->thread, NULL, run, worker);

    if (number)
        return net_fail_errno(error, number, "starting a stream's thread");
    worker->started = true;
    return 0;
}

int tcp_worker_join(struct tcp_worker *worker, struct vms_error *error) {
    (void)pthread_join(worker->thread, NULL);
    worker->started = false;
    if (worker->status < 0)
        *error = worker->error;
    return worker->status;
}

void tcp_worker_done(struct tcp_worker *worker) {
    free(worker->block);
    worker->block = NULL;
}
