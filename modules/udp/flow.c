/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "flow.h"

#include "datagram.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int flow_init(struct flow *flow, const struct vms_host *host, int fd, bool sends,
              const struct flow_plan *plan, struct vms_error *error) {
    *flow = (struct flow){.host = host, .fd = fd, .sends = sends, .plan = *plan};
    flow->buffer = malloc(plan->batch * plan->datagram_size);
    flow->messages = calloc(plan->batch, sizeof(*flow->messages));
    flow->vectors = calloc(plan->batch, sizeof(*flow->vectors));
    if (!flow->buffer || !flow->messages || !flow->vectors || (!sends && account_init(&flow->account) < 0))
        return net_fail_errno(error, ENOMEM, "room for datagrams");
    memset(flow->buffer, 0x5a, plan->batch * plan->datagram_size);
    for (size_t i = 0; i < plan->batch; i++) {
        uint8_t *datagram = flow->buffer + i * plan->datagram_size;

        datagram_set_cookie(datagram, plan->datagram_size, host->cookie);
        flow->vectors[i] = (struct iovec){datagram, plan->datagram_size};
        flow->messages[i].msg_hdr.msg_iov = &flow->vectors[i];
        flow->messages[i].msg_hdr.msg_iovlen = 1;
    }
    return 0;
}

void flow_done(struct flow *flow) {
    free(flow->buffer);
    free(flow->messages);
    free(flow->vectors);
    account_done(&flow->account);
}

/* How many datagrams are due now: 0 to a batch. *ret_wait_ns is the time until the next one, if none is. */
static size_t due_now(const struct flow *flow, uint64_t elapsed_ns, uint64_t *ret_wait_ns) {
    const struct flow_plan *plan = &flow->plan;
    uint64_t due = plan->batch;

    *ret_wait_ns = 0;
    if (plan->rate > 0) {
        double interval_ns = 8e9 * (double)plan->datagram_size / plan->rate;
        double scheduled = (double)elapsed_ns / interval_ns + 1;

        due = scheduled > (double)flow->sent ? (uint64_t)(scheduled - (double)flow->sent) : 0;
        if (due == 0)
            *ret_wait_ns = (uint64_t)((double)flow->sent * interval_ns) - elapsed_ns + 1;
    }
    if (plan->datagrams > 0 && due > plan->datagrams - flow->sent)
        due = plan->datagrams - flow->sent;
    return due < plan->batch ? (size_t)due : plan->batch;
}

static void sleep_ns(uint64_t wait_ns) {
    uint64_t bounded_ns = wait_ns < NET_POLL_NS ? wait_ns : NET_POLL_NS;
    struct timespec wait = {.tv_sec = 0, .tv_nsec = (long)bounded_ns};

    (void)clock_nanosleep(CLOCK_MONOTONIC, 0, &wait, NULL);
}

/* Sends `n` datagrams; returns how many were taken, or a negative errno. */
static int send_batch(struct flow *flow, size_t n, uint64_t now) {
    int sent;

    for (size_t i = 0; i < n; i++) {
        uint8_t *datagram = flow->vectors[i].iov_base;

        datagram_set_number(datagram, flow->sent + i);
        datagram_set_time(datagram, now);
    }
    sent = sendmmsg(flow->fd, flow->messages, (unsigned)n, MSG_NOSIGNAL);
    if (sent >= 0)
        return sent;
    if (errno == ENOBUFS) { /* it has its number and is lost on the way out */
        flow->refused++;
        return 1;
    }
    return errno == EAGAIN || errno == EINTR ? 0 : net_fail_errno(&flow->error, errno, "sending datagrams");
}

static bool is_sent(const struct flow *flow, uint64_t elapsed_ns) {
    return flow->plan.datagrams > 0 ? flow->sent >= flow->plan.datagrams
                                    : elapsed_ns >= flow->plan.seconds_ns;
}

static int run_sender(struct flow *flow) {
    const struct vms_host *host = flow->host;
    uint64_t start_ns = host->now(host->context), now = start_ns, checked_ns = now;

    while (!is_sent(flow, now - start_ns)) {
        uint64_t wait_ns;
        size_t n = due_now(flow, now - start_ns, &wait_ns);
        int status = n > 0 ? send_batch(flow, n, now) : 0;

        if (status < 0)
            return status;
        flow->sent += (uint64_t)status;
        if (n == 0)
            sleep_ns(wait_ns);
        now = host->now(host->context);
        if (now - checked_ns >= NET_POLL_NS) {
            checked_ns = now;
            if (host->should_stop(host->context))
                return net_fail_stopped(&flow->error);
        }
    }
    flow->elapsed_ns = now - start_ns;
    return 0;
}

static void take(struct flow *flow, const struct mmsghdr *message, uint64_t now) {
    const uint8_t *datagram = message->msg_hdr.msg_iov->iov_base;
    size_t size = flow->plan.datagram_size;

    if (message->msg_len != size || !datagram_has_cookie(datagram, size, flow->host->cookie) ||
        datagram_number(datagram) == DATAGRAM_HELLO)
        return;
    account_add(&flow->account, datagram_number(datagram), size, datagram_time(datagram), now);
}

static int run_receiver(struct flow *flow) {
    const struct vms_host *host = flow->host;
    uint64_t checked_ns = host->now(host->context);

    for (;;) {
        bool ended = atomic_load(&flow->ended);
        int n = recvmmsg(flow->fd, flow->messages, (unsigned)flow->plan.batch, MSG_WAITFORONE, NULL);
        uint64_t now = host->now(host->context);

        if (n < 0 && errno != EAGAIN && errno != EINTR)
            return net_fail_errno(&flow->error, errno, "receiving datagrams");
        if (n < 0 && errno == EAGAIN && ended)
            return 0;
        for (int i = 0; i < n; i++)
            take(flow, &flow->messages[i], now);
        if (now - checked_ns >= NET_POLL_NS) {
            checked_ns = now;
            if (host->should_stop(host->context))
                return net_fail_stopped(&flow->error);
        }
    }
}

static void *run(void *argument) {
    struct flow *flow = argument;
    uint64_t cpu_ns = net_cpu_now();

    flow->status = flow->sends ? run_sender(flow) : run_receiver(flow);
    flow->cpu_ns = net_cpu_now() - cpu_ns;
    return NULL;
}

int flow_start(struct flow *flow, struct vms_error *error) {
    int number = pthread_create(&flow->thread, NULL, run, flow);

    return number ? net_fail_errno(error, number, "starting a stream's thread") : 0;
}

int flow_join(struct flow *flow, struct vms_error *error) {
    (void)pthread_join(flow->thread, NULL);
    if (flow->status < 0)
        *error = flow->error;
    return flow->status;
}

void flow_end(struct flow *flow) {
    atomic_store(&flow->ended, true);
}
