/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "shared/net/transactions.h"

#include "shared/net/control.h"
#include "shared/net/error.h"
#include "shared/net/report.h"

#include <endian.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

void net_stamp(void *message, size_t size, uint64_t number) {
    uint64_t number_le = htole64(number);

    memcpy(message, &number_le, size < sizeof(number_le) ? size : sizeof(number_le));
}

bool net_stamped(const void *message, size_t size, uint64_t number) {
    uint64_t number_le = htole64(number);

    return memcmp(message, &number_le, size < sizeof(number_le) ? size : sizeof(number_le)) == 0;
}

struct net_transaction_plan net_transaction_plan_of(const union vms_value *values,
                                                    const struct net_transaction_params *at) {
    size_t both = values[at->message_size].bytes;
    size_t request = values[at->request_size].bytes, response = values[at->response_size].bytes;

    return (struct net_transaction_plan){.request_size = request > 0 ? request : both,
                                         .response_size = response > 0 ? response : both,
                                         .burst = values[at->burst].count,
                                         .rate = (double)values[at->rate].count,
                                         .seconds_ns = (uint64_t)(values[at->seconds].seconds * NET_SECOND),
                                         .warmup_ns = (uint64_t)(values[at->warmup].seconds * NET_SECOND),
                                         .count = values[at->count].count,
                                         .busy = values[at->busy].boolean};
}

size_t net_transactions_room(const struct net_transaction_plan *plan) {
    uint64_t room = plan->count > 0 ? plan->count : plan->seconds_ns / 1000;

    if (plan->count == 0 && room < NET_LATENCIES_MIN)
        return NET_LATENCIES_MIN;
    return room < NET_LATENCIES_MAX ? (size_t)room : NET_LATENCIES_MAX;
}

int net_transactions_init(struct net_transactions *transactions, const struct net_transaction_plan *plan,
                          uint64_t seed, struct vms_error *error) {
    size_t capacity = net_transactions_room(plan);

    *transactions = (struct net_transactions){.min_ns = UINT64_MAX, .random = seed | 1};
    transactions->latencies = malloc(capacity * sizeof(*transactions->latencies));
    if (!transactions->latencies)
        return net_fail_errno(error, ENOMEM, "room for the latencies");
    /* Not zero: zero pages would be mapped only when the trial writes to them. */
    memset(transactions->latencies, 0xff, capacity * sizeof(*transactions->latencies));
    transactions->capacity = capacity;
    return 0;
}

void net_transactions_done(struct net_transactions *transactions) {
    free(transactions->latencies);
    transactions->latencies = NULL;
}

/* Marsaglia's xorshift64. */
static uint64_t next_random(uint64_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

void net_transactions_add(struct net_transactions *transactions, uint64_t latency_ns) {
    double latency = (double)latency_ns / 1e9;

    transactions->done++;
    if (latency_ns < transactions->min_ns)
        transactions->min_ns = latency_ns;
    if (latency_ns > transactions->max_ns)
        transactions->max_ns = latency_ns;
    if (transactions->n_kept < transactions->capacity) {
        transactions->latencies[transactions->n_kept++] = latency;
    } else {
        uint64_t place = next_random(&transactions->random) % transactions->done;

        if (place < transactions->capacity)
            transactions->latencies[place] = latency;
    }
}

/* Those that were due but had not begun at the end are in no latency: their number is reported. */
static void report_omitted(const struct vms_host *host, const struct net_transactions *transactions,
                           const struct net_transaction_plan *plan) {
    double due = floor(plan->rate * (double)plan->seconds_ns / 1e9);
    double begun = (double)(transactions->done + transactions->lost);

    if (plan->rate > 0 && plan->count == 0)
        net_fact(host, "transactions_not_begun", "%.0f of %.0f", due > begun ? due - begun : 0, due);
}

int net_transactions_report(const struct vms_host *host, struct net_transactions *transactions,
                            const struct net_transaction_plan *plan,
                            const struct net_transaction_metrics *metrics, struct vms_error *error) {
    double seconds = (double)(transactions->end_ns - transactions->start_ns) / 1e9;
    double rate = (double)transactions->done / seconds;
    double sent = 8 * rate * (double)plan->request_size, received = 8 * rate * (double)plan->response_size;
    const struct net_figure figures[] = {{metrics->transactions, rate},
                                         {metrics->throughput, sent + received},
                                         {metrics->throughput_sent, sent},
                                         {metrics->throughput_received, received}};
    int status;

    if (transactions->done == 0 || seconds <= 0)
        return report_error(error, -EIO, "not one transaction was completed (%llu were given up)",
                            (unsigned long long)transactions->lost);
    if (transactions->done > transactions->n_kept) {
        transactions->latencies[0] = (double)transactions->min_ns / 1e9;
        transactions->latencies[1] = (double)transactions->max_ns / 1e9;
    }
    report_omitted(host, transactions, plan);
    status = net_report(host, figures, VMS_LENGTH(figures), error);
    if (status == 0 && host->distribution(host->context, metrics->round_trip_time, transactions->latencies,
                                          transactions->n_kept) < 0)
        return report_error(error, -EIO, "the host refused the latencies");
    return status;
}
