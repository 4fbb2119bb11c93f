/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mode request-response: a datagram each way at a time. One that is not answered within the time limit is
 * counted as lost, and the next one is sent. */
#include "datagram.h"
#include "udp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct exchange {
    const struct vms_host *host;
    int fd;
    struct net_transaction_plan plan;
    uint64_t timeout_ns;
    uint8_t *out, *in; /* owned */
    size_t out_size, in_size;
};

static void exchange_done(struct exchange *exchange) {
    free(exchange->out);
    free(exchange->in);
}

/* The caller calls exchange_done whatever is returned. */
static int exchange_init(struct exchange *exchange, const struct vms_host *host,
                         const union vms_value *values, int fd, bool is_client, struct vms_error *error) {
    size_t size = values[UDP_MESSAGE_SIZE].bytes;

    *exchange = (struct exchange){.host = host,
                                  .fd = fd,
                                  .plan = {.request_size = size,
                                           .response_size = size,
                                           .seconds_ns = (uint64_t)(values[UDP_SECONDS].seconds * NET_SECOND),
                                           .count = values[UDP_COUNT].count},
                                  .timeout_ns = (uint64_t)(values[UDP_TIMEOUT].seconds * NET_SECOND)};
    exchange->out_size = is_client ? exchange->plan.request_size : exchange->plan.response_size;
    exchange->in_size = is_client ? exchange->plan.response_size : exchange->plan.request_size;
    exchange->out = malloc(exchange->out_size);
    exchange->in = malloc(exchange->in_size + 1); /* one more, to see that a datagram is too long */
    if (!exchange->out || !exchange->in)
        return net_fail_errno(error, ENOMEM, "a message");
    memset(exchange->out, 0x5a, exchange->out_size);
    memset(exchange->in, 0xa5, exchange->in_size + 1);
    datagram_set_cookie(exchange->out, exchange->out_size, host->cookie);
    return 0;
}

/* One datagram of the right size with the cookie: 1; another one, or none within NET_POLL_NS: 0. */
static int receive(const struct exchange *exchange, struct vms_error *error) {
    ssize_t n = recv(exchange->fd, exchange->in, exchange->in_size + 1, 0);

    if (n < 0 && errno != EAGAIN && errno != EINTR)
        return net_fail_errno(error, errno, "receiving a datagram");
    return n == (ssize_t)exchange->in_size &&
           datagram_has_cookie(exchange->in, exchange->in_size, exchange->host->cookie);
}

static int send_out(const struct exchange *exchange, struct vms_error *error) {
    /* A full queue loses the datagram, as the network might. */
    if (send(exchange->fd, exchange->out, exchange->out_size, MSG_NOSIGNAL) < 0 && errno != EAGAIN &&
        errno != EINTR && errno != ENOBUFS)
        return net_fail_errno(error, errno, "sending a datagram");
    return 0;
}

/* Sends request `number` and waits for its response: 1, or 0 when it is lost. */
static int transact(const struct exchange *exchange, uint64_t number, uint64_t begun_ns,
                    struct vms_error *error) {
    const struct vms_host *host = exchange->host;
    size_t stamp = exchange->in_size < exchange->out_size ? exchange->in_size : exchange->out_size;
    int status;

    net_stamp(exchange->out, exchange->out_size, number);
    status = send_out(exchange, error);
    while (status == 0) {
        status = receive(exchange, error);
        if (status > 0 && net_stamped(exchange->in, stamp, number))
            return 1;
        if (status < 0)
            return status;
        status = 0; /* nothing, or what belongs to an earlier request */
        if (host->now(host->context) - begun_ns >= exchange->timeout_ns)
            return 0;
        if (host->should_stop(host->context))
            return net_fail_stopped(error);
    }
    return status;
}

static int run(const struct exchange *exchange, struct net_transactions *transactions,
               struct vms_error *error) {
    const struct net_transaction_plan *plan = &exchange->plan;
    const struct vms_host *host = exchange->host;
    uint64_t now = host->now(host->context), checked_ns = now, number = 0;

    transactions->start_ns = now;
    while (plan->count > 0 ? number < plan->count : now - transactions->start_ns < plan->seconds_ns) {
        uint64_t begun_ns = now;
        int status = transact(exchange, number++, begun_ns, error);

        if (status < 0)
            return status;
        now = host->now(host->context);
        if (status > 0)
            net_transactions_add(transactions, now - begun_ns);
        else
            transactions->lost++;
        if (now - checked_ns >= NET_POLL_NS) {
            checked_ns = now;
            if (host->should_stop(host->context))
                return net_fail_stopped(error);
        }
    }
    transactions->end_ns = now;
    return 0;
}

int udp_request_measure(const struct vms_host *host, const union vms_value *values, int fd,
                        struct vms_error *error) {
    static const struct net_transaction_metrics metrics = {UDP_TRANSACTIONS, UDP_THROUGHPUT,
                                                           UDP_ROUND_TRIP_TIME};
    struct net_transactions transactions;
    struct exchange exchange;
    int status = net_transactions_init(&transactions, values[UDP_COUNT].count, host->seed, error);

    if (status < 0)
        return status;
    status = exchange_init(&exchange, host, values, fd, true, error);
    if (status == 0)
        status = net_socket_limit(fd, exchange.timeout_ns < NET_POLL_NS ? exchange.timeout_ns : NET_POLL_NS,
                                  error);
    if (status == 0)
        status = run(&exchange, &transactions, error);
    if (status == 0)
        status = net_put(host, NET_END, NULL, 0, error);
    if (status == 0)
        status = net_transactions_report(host, &transactions, &exchange.plan, &metrics, error);
    if (status == 0) {
        double lost = (double)transactions.lost, all = lost + (double)transactions.done;

        if (host->sample(host->context, UDP_LOSS, lost / all) < 0 ||
            host->sample(host->context, UDP_LOST, lost) < 0)
            status = net_fail(error, -EIO, "the host refused a figure");
    }
    exchange_done(&exchange);
    net_transactions_done(&transactions);
    return status;
}

int udp_request_serve(const struct vms_host *host, const union vms_value *values, int fd,
                      struct vms_error *error) {
    struct exchange exchange;
    size_t stamp;
    int status = exchange_init(&exchange, host, values, fd, false, error);

    stamp = exchange.in_size < exchange.out_size ? exchange.in_size : exchange.out_size;
    stamp = stamp < sizeof(uint64_t) ? stamp : sizeof(uint64_t);
    while (status == 0) {
        status = receive(&exchange, error);
        if (status > 0) {
            memcpy(exchange.out, exchange.in, stamp);
            status = send_out(&exchange, error);
        } else if (status == 0) {
            /* Nothing to do: has the client come to its end? */
            status = net_get_exactly(host, NET_END, NULL, 0, 0, error);
            if (status == 0)
                break;
            status = status == -ETIMEDOUT ? 0 : status;
        }
    }
    exchange_done(&exchange);
    return status;
}
