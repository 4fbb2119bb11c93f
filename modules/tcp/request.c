/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Mode request-response. The peer reads all of a request before it answers, and answers in turn. The client
 * never waits to send while a response could be on its way: so neither can wait for the other for ever,
 * however large the messages and however many are under way. The clock is read once a transaction.
 */
#include "tcp/options.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

struct client {
    const struct vms_host *host;
    int fd;
    const struct net_transaction_plan *plan;
    char *request, *response; /* owned */
    size_t to_send;           /* of the newest request */
    size_t received;          /* of the oldest response */
    struct net_window window;
    struct net_watch watch;
    uint64_t now;
};

static size_t stamp_size(const struct net_transaction_plan *plan) {
    return plan->request_size < plan->response_size ? plan->request_size : plan->response_size;
}

/* Sends what is left of the newest request; it may sleep if no response can come before that is sent. 1 if
 * something was sent. */
static int push(struct client *client, struct vms_error *error) {
    int wait = net_window_in_flight(&client->window) == 1 && !client->plan->busy ? 0 : MSG_DONTWAIT;
    ssize_t n = send(client->fd, client->request + client->plan->request_size - client->to_send,
                     client->to_send, MSG_NOSIGNAL | wait);

    if (n < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : net_fail_errno(error, errno, "sending data");
    client->to_send -= (size_t)n;
    return 1;
}

static int complete(struct client *client, struct vms_error *error) {
    client->received = 0;
    if (!net_stamped(client->response, stamp_size(client->plan), client->window.oldest))
        return report_error(error, -EIO, "a response does not belong to its request");
    client->now = client->host->now(client->host->context);
    net_window_complete(&client->window, client->window.oldest, client->now);
    return 1;
}

/* Receives of the oldest response; it sleeps if `wait`. 1 if something was received. */
static int pull(struct client *client, bool wait, struct vms_error *error) {
    ssize_t n = recv(client->fd, client->response + client->received,
                     client->plan->response_size - client->received, wait ? 0 : MSG_DONTWAIT);

    if (n == 0)
        return report_error(error, -ECONNRESET, "the other half ended the connection");
    if (n < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : net_fail_errno(error, errno, "receiving data");
    client->received += (size_t)n;
    return client->received == client->plan->response_size ? complete(client, error) : 1;
}

/* Nothing could be moved: looks at the clock, and sleeps unless that is not wanted. */
static int idle(struct client *client, struct vms_error *error) {
    const struct vms_host *host = client->host;
    bool has_room = net_window_has_room(&client->window) && !net_window_over(&client->window, client->now);
    uint64_t until_ns = has_room && client->to_send == 0 ? net_window_due(&client->window) : UINT64_MAX;
    bool in_flight = net_window_in_flight(&client->window) > 0;

    if (!client->plan->busy)
        net_wait(in_flight ? client->fd : -1, client->to_send > 0 ? POLLIN | POLLOUT : POLLIN, client->now,
                 until_ns);
    client->now = host->now(host->context);
    /* To wait for what is due is no stall. */
    return net_watch_check(&client->watch, client->now, !in_flight, error);
}

/* One round: begins what may begin, and moves what can be moved. */
static int turn(struct client *client, struct vms_error *error) {
    struct net_window *window = &client->window;
    uint64_t begun_ns = client->now;
    int pushed = 0, pulled = 0;

    if (client->to_send == 0 && net_window_may_begin(window, client->now)) {
        net_stamp(client->request, client->plan->request_size, net_window_begin(window, client->now));
        client->to_send = client->plan->request_size;
    }
    if (client->to_send > 0 && (pushed = push(client, error)) < 0)
        return pushed;
    if (net_window_in_flight(window) > 0) {
        bool alone = client->to_send == 0 && !client->plan->busy &&
                     (!net_window_has_room(window) || net_window_over(window, client->now));

        if ((pulled = pull(client, alone, error)) < 0)
            return pulled;
    }
    if (pushed == 0 && pulled == 0)
        return idle(client, error);
    if (client->now == begun_ns) /* nothing was completed */
        client->now = client->host->now(client->host->context);
    return net_watch_check(&client->watch, client->now, true, error);
}

static int run(struct client *client, struct vms_error *error) {
    int status = 0;

    client->now = client->host->now(client->host->context);
    net_watch_init(&client->watch, client->host, client->now);
    net_window_init(&client->window, client->plan, client->window.account, client->now);
    while (status == 0 &&
           (net_window_in_flight(&client->window) > 0 || !net_window_over(&client->window, client->now)))
        status = turn(client, error);
    return status;
}

int tcp_request_measure(const struct vms_host *host, const union vms_value *values, int fd,
                        struct vms_error *error) {
    static const struct net_transaction_metrics metrics = {
        TCP_TRANSACTIONS, TCP_THROUGHPUT, TCP_THROUGHPUT_SENT, TCP_THROUGHPUT_RECEIVED, TCP_ROUND_TRIP_TIME};
    struct net_transaction_plan plan = net_transaction_plan_of(values, &tcp_transaction_params);
    struct net_transactions account;
    struct client client = {.host = host, .fd = fd, .plan = &plan, .window.account = &account};
    int status = net_transactions_init(&account, &plan, host->seed, error);

    if (status < 0)
        return status;
    client.request = net_new_buffer(plan.request_size);
    client.response = net_new_buffer(plan.response_size);
    if (!client.request || !client.response)
        status = net_fail_errno(error, ENOMEM, "messages");
    if (status == 0)
        status = net_get_exactly(host, NET_BEGIN, NULL, 0, NET_SETUP_NS, error);
    if (status == 0)
        status = run(&client, error);
    if (status == 0) {
        tcp_options_report(host, fd);
        status = net_transactions_report(host, &account, &plan, &metrics, error);
    }
    free(client.request);
    free(client.response);
    net_transactions_done(&account);
    return status;
}

int tcp_request_serve(const struct vms_host *host, const union vms_value *values, int fd,
                      struct vms_error *error) {
    struct net_transaction_plan plan = net_transaction_plan_of(values, &tcp_transaction_params);
    size_t stamp = stamp_size(&plan) < sizeof(uint64_t) ? stamp_size(&plan) : sizeof(uint64_t);
    char *request = net_new_buffer(plan.request_size), *response = net_new_buffer(plan.response_size);
    int status = request && response ? 0 : net_fail_errno(error, ENOMEM, "messages");
    struct net_watch watch;

    if (status == 0)
        status = net_put(host, NET_BEGIN, NULL, 0, error);
    net_watch_init(&watch, host, host->now(host->context));
    while (status == 0) {
        status = net_receive_all(&watch, fd, request, plan.request_size, plan.busy, error);
        if (status <= 0)
            break; /* the client ended the connection, or an error */
        memcpy(response, request, stamp);
        status = net_send_all(&watch, fd, response, plan.response_size, error);
    }
    free(request);
    free(response);
    return status;
}
