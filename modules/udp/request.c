/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mode request-response: datagrams that are answered. One that is not within the time limit is counted as
 * lost, and the next one is sent. The clock is read once a transaction. */
#include "udp/datagram.h"
#include "udp/icmp.h"
#include "udp/udp.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

struct exchange {
    const struct vms_host *host;
    int fd;
    struct net_transaction_plan plan;
    uint64_t timeout_ns;
    uint8_t *out, *in; /* owned */
    size_t out_size, in_size;
    size_t stamp_size;        /* bytes of the number in both */
    struct net_window window; /* client */
    struct net_watch watch;
    uint64_t now;
    struct icmp icmp;
};

static void exchange_done(struct exchange *exchange) {
    free(exchange->out);
    free(exchange->in);
}

/* The caller calls exchange_done whatever is returned. */
static int exchange_init(struct exchange *exchange, const struct vms_host *host,
                         const union vms_value *values, int fd, bool is_client, struct vms_error *error) {
    struct net_transaction_plan plan = net_transaction_plan_of(values, &udp_transaction_params);

    *exchange = (struct exchange){.host = host,
                                  .fd = fd,
                                  .plan = plan,
                                  .timeout_ns = (uint64_t)(values[UDP_TIMEOUT].seconds * NET_SECOND),
                                  .out_size = is_client ? plan.request_size : plan.response_size,
                                  .in_size = is_client ? plan.response_size : plan.request_size};
    exchange->stamp_size = exchange->in_size < exchange->out_size ? exchange->in_size : exchange->out_size;
    if (exchange->stamp_size > sizeof(uint64_t))
        exchange->stamp_size = sizeof(uint64_t);
    exchange->out = net_new_buffer(exchange->out_size);
    exchange->in = net_new_buffer(exchange->in_size + 1); /* one more, to see that a datagram is too long */
    if (!exchange->out || !exchange->in)
        return net_fail_errno(error, ENOMEM, "a message");
    datagram_set_cookie(exchange->out, exchange->out_size, host->cookie);
    return 0;
}

/* One datagram of the right size with the cookie: 1; another one, or none: 0. It sleeps if `wait`. */
static int receive(struct exchange *exchange, bool wait, struct vms_error *error) {
    ssize_t n = recv(exchange->fd, exchange->in, exchange->in_size + 1, wait ? 0 : MSG_DONTWAIT);

    if (n < 0 && errno != EAGAIN && errno != EINTR && !icmp_take(&exchange->icmp, exchange->fd, errno))
        return net_fail_errno(error, errno, "receiving a datagram");
    return n == (ssize_t)exchange->in_size &&
           datagram_has_cookie(exchange->in, exchange->in_size, exchange->host->cookie);
}

/* What was reported of an earlier datagram is no reason not to send this one: once more. */
static int send_out(struct exchange *exchange, struct vms_error *error) {
    for (int attempt = 0;; attempt++) {
        if (send(exchange->fd, exchange->out, exchange->out_size, MSG_NOSIGNAL) >= 0) {
            icmp_pass(&exchange->icmp);
            return 0;
        }
        /* A full queue loses the datagram, as the network might. */
        if (errno == EAGAIN || errno == EINTR || errno == ENOBUFS)
            return 0;
        if (!icmp_take(&exchange->icmp, exchange->fd, errno))
            return net_fail_errno(error, errno, "sending a datagram");
        if (attempt > 0)
            return 0; /* it is lost */
    }
}

/* Nothing came: looks at the clock, gives up what has taken too long, and sleeps unless that is not
 * wanted. */
static int idle(struct exchange *exchange, bool wait, struct vms_error *error) {
    struct net_window *window = &exchange->window;
    bool has_room = net_window_has_room(window) && !net_window_over(window, exchange->now);
    bool in_flight = net_window_in_flight(window) > 0;

    if (wait)
        net_wait(in_flight ? exchange->fd : -1, POLLIN, exchange->now,
                 has_room ? net_window_due(window) : UINT64_MAX);
    exchange->now = exchange->host->now(exchange->host->context);
    net_window_expire(window, exchange->now, exchange->timeout_ns);
    return net_watch_check(&exchange->watch, exchange->now, true, error);
}

/* One round: begins what may begin, and takes one response. */
static int turn(struct exchange *exchange, struct vms_error *error) {
    struct net_window *window = &exchange->window;
    bool alone;
    uint64_t number;
    int status = 0;

    while (status == 0 && net_window_may_begin(window, exchange->now)) {
        net_stamp(exchange->out, exchange->out_size, net_window_begin(window, exchange->now));
        status = send_out(exchange, error);
    }
    if (status < 0)
        return status;
    alone = !net_window_has_room(window) || net_window_over(window, exchange->now);
    if (net_window_in_flight(window) == 0)
        return idle(exchange, !exchange->plan.busy, error);
    status = receive(exchange, alone && !exchange->plan.busy, error);
    if (status < 0)
        return status;
    if (status == 0)
        return idle(exchange, !alone && !exchange->plan.busy, error);
    if (net_window_find(window, exchange->in, exchange->stamp_size, &number)) {
        exchange->now = exchange->host->now(exchange->host->context);
        net_window_complete(window, number, exchange->now);
        return net_watch_check(&exchange->watch, exchange->now, true, error);
    }
    return idle(exchange, false, error); /* it came too late, or twice */
}

static int run(struct exchange *exchange, struct net_transactions *account, struct vms_error *error) {
    uint64_t nap_ns = exchange->timeout_ns < NET_POLL_NS ? exchange->timeout_ns : NET_POLL_NS;
    int status = net_socket_limit(exchange->fd, nap_ns, error);

    exchange->now = exchange->host->now(exchange->host->context);
    net_watch_init(&exchange->watch, exchange->host, exchange->now);
    net_window_init(&exchange->window, &exchange->plan, account, exchange->now);
    while (status == 0 && (net_window_in_flight(&exchange->window) > 0 ||
                           !net_window_over(&exchange->window, exchange->now)))
        status = turn(exchange, error);
    return status;
}

static int report(const struct exchange *exchange, struct net_transactions *account,
                  struct vms_error *error) {
    static const struct net_transaction_metrics metrics = {
        UDP_TRANSACTIONS, UDP_THROUGHPUT, UDP_THROUGHPUT_SENT, UDP_THROUGHPUT_RECEIVED, UDP_ROUND_TRIP_TIME};
    double lost = (double)account->lost;
    const struct net_figure figures[] = {{UDP_LOSS, lost / (lost + (double)account->done)}, {UDP_LOST, lost}};
    int status = net_transactions_report(exchange->host, account, &exchange->plan, &metrics, error);

    if (exchange->icmp.count > 0)
        net_fact(exchange->host, "icmp_errors", "%llu, the last: %s",
                 (unsigned long long)exchange->icmp.count, strerrordesc_np(exchange->icmp.last));
    return status < 0 ? status : net_report(exchange->host, figures, VMS_LENGTH(figures), error);
}

int udp_request_measure(const struct vms_host *host, const union vms_value *values, int fd,
                        struct vms_error *error) {
    const struct net_transaction_plan plan = net_transaction_plan_of(values, &udp_transaction_params);
    struct net_transactions account;
    struct exchange exchange;
    int status = net_transactions_init(&account, &plan, host->seed, error);

    if (status < 0)
        return status;
    status = exchange_init(&exchange, host, values, fd, true, error);
    if (status == 0)
        status = udp_knock(host, fd, error);
    if (status == 0)
        status = run(&exchange, &account, error);
    if (status == 0)
        status = net_put(host, NET_END, NULL, 0, error);
    if (status == 0)
        status = report(&exchange, &account, error);
    exchange_done(&exchange);
    net_transactions_done(&account);
    return status;
}

/* Whether the client has come to its end: 1, 0 not yet. */
static int has_ended(const struct vms_host *host, struct vms_error *error) {
    int status = net_get_exactly(host, NET_END, NULL, 0, 0, error);

    return status == -ETIMEDOUT ? 0 : status == 0 ? 1 : status;
}

int udp_request_serve(const struct vms_host *host, const union vms_value *values, int fd,
                      struct vms_error *error) {
    struct exchange exchange;
    int status = exchange_init(&exchange, host, values, fd, false, error);
    bool busy = exchange.plan.busy;
    unsigned spins = 0;

    if (status == 0)
        status = net_put(host, NET_BEGIN, NULL, 0, error);
    while (status == 0) {
        status = receive(&exchange, !busy, error);
        if (status > 0) {
            memcpy(exchange.out, exchange.in, exchange.stamp_size);
            status = send_out(&exchange, error);
        } else if (status == 0 && (!busy || ++spins % NET_SPINS == 0)) {
            status = has_ended(host, error);
        }
    }
    exchange_done(&exchange);
    return status < 0 ? status : 0;
}
