/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Mode request-response: the client sends a request, the peer reads all of it before it answers, the client
 * reads all of the response. So neither can wait for the other, however large a message is. The clock is read
 * once a transaction.
 */
#include "tcp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct buffers {
    char *request, *response; /* owned */
};

static void buffers_done(struct buffers *buffers) {
    free(buffers->request);
    free(buffers->response);
}

/* Makes both messages ready, so that no page of them is new in the trial. The caller calls buffers_done
 * whatever is returned. */
static int buffers_init(struct buffers *buffers, const struct net_transaction_plan *plan,
                        struct vms_error *error) {
    *buffers = (struct buffers){malloc(plan->request_size), malloc(plan->response_size)};
    if (!buffers->request || !buffers->response)
        return net_fail_errno(error, ENOMEM, "a message");
    memset(buffers->request, 0x5a, plan->request_size);
    memset(buffers->response, 0xa5, plan->response_size);
    return 0;
}

static struct net_transaction_plan plan_of(const union vms_value *values) {
    return (struct net_transaction_plan){.request_size = values[TCP_MESSAGE_SIZE].bytes,
                                         .response_size = values[TCP_MESSAGE_SIZE].bytes,
                                         .seconds_ns = (uint64_t)(values[TCP_SECONDS].seconds * NET_SECOND),
                                         .count = values[TCP_COUNT].count};
}

static int transact(const struct vms_host *host, int fd, const struct net_transaction_plan *plan,
                    const struct buffers *buffers, uint64_t number, struct vms_error *error) {
    int got;

    net_stamp(buffers->request, plan->request_size, number);
    if ((got = net_send_all(host, fd, buffers->request, plan->request_size, error)) < 0)
        return got;
    got = net_receive_all(host, fd, buffers->response, plan->response_size, error);
    if (got < 0)
        return got;
    if (got == 0)
        return net_fail(error, -ECONNRESET, "the other half ended the connection");
    if (!net_stamped(buffers->response,
                     plan->response_size < plan->request_size ? plan->response_size : plan->request_size,
                     number))
        return net_fail(error, -EIO, "a response does not belong to its request");
    return 0;
}

static int run(const struct vms_host *host, int fd, const struct net_transaction_plan *plan,
               const struct buffers *buffers, struct net_transactions *transactions,
               struct vms_error *error) {
    uint64_t now = host->now(host->context), checked_ns = now;

    transactions->start_ns = now;
    while (plan->count > 0 ? transactions->done < plan->count
                           : now - transactions->start_ns < plan->seconds_ns) {
        uint64_t begun = now;
        int status = transact(host, fd, plan, buffers, transactions->done, error);

        if (status < 0)
            return status;
        now = host->now(host->context);
        net_transactions_add(transactions, now - begun);
        if (now - checked_ns >= NET_POLL_NS) {
            checked_ns = now;
            if (host->should_stop(host->context))
                return net_fail_stopped(error);
        }
    }
    transactions->end_ns = now;
    return 0;
}

int tcp_request_measure(const struct vms_host *host, const union vms_value *values, int fd,
                        struct vms_error *error) {
    static const struct net_transaction_metrics metrics = {TCP_TRANSACTIONS, TCP_THROUGHPUT,
                                                           TCP_ROUND_TRIP_TIME};
    struct net_transaction_plan plan = plan_of(values);
    struct net_transactions transactions;
    struct buffers buffers;
    int status = net_transactions_init(&transactions, plan.count, host->seed, error);

    if (status < 0)
        return status;
    status = buffers_init(&buffers, &plan, error);
    if (status == 0)
        status = run(host, fd, &plan, &buffers, &transactions, error);
    if (status == 0)
        status = net_transactions_report(host, &transactions, &plan, &metrics, error);
    buffers_done(&buffers);
    net_transactions_done(&transactions);
    return status;
}

int tcp_request_serve(const struct vms_host *host, const union vms_value *values, int fd,
                      struct vms_error *error) {
    struct net_transaction_plan plan = plan_of(values);
    size_t stamp_size = plan.request_size < plan.response_size ? plan.request_size : plan.response_size;
    struct buffers buffers;
    int status = buffers_init(&buffers, &plan, error);

    stamp_size = stamp_size < sizeof(uint64_t) ? stamp_size : sizeof(uint64_t);
    while (status == 0) {
        status = net_receive_all(host, fd, buffers.request, plan.request_size, error);
        if (status <= 0)
            break; /* the client ended the connection, or an error */
        memcpy(buffers.response, buffers.request, stamp_size);
        status = net_send_all(host, fd, buffers.response, plan.response_size, error);
    }
    buffers_done(&buffers);
    return status;
}
