/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What request-response has in common over TCP and UDP: the number in a message, and the account of the
 * transactions that were done. */
#ifndef VMSUITE_MODULES_SHARED_NET_TRANSACTIONS_H
#define VMSUITE_MODULES_SHARED_NET_TRANSACTIONS_H

#include <vmsuite/module.h>

/* The first bytes of every message are its number (little-endian, cut to the message's size), so that a
 * response can be known to belong to its request. */
void net_stamp(void *message, size_t size, uint64_t number);
bool net_stamped(const void *message, size_t size, uint64_t number);

/* Latencies beyond this many are sampled (Vitter's algorithm R); the smallest and the largest are kept. Where
 * the time is short, there is room for as many as come at one a microsecond. */
#define NET_LATENCIES_MAX (1 << 20)
#define NET_LATENCIES_MIN 4096

struct net_transactions {
    double *latencies; /* seconds; owned; its pages are touched before the trial */
    size_t n_kept, capacity;
    uint64_t done;             /* completed transactions, warm-up left out */
    uint64_t lost;             /* given up */
    uint64_t min_ns, max_ns;   /* of all latencies */
    uint64_t random;           /* state of the sampling */
    uint64_t start_ns, end_ns; /* when the first that counts began, and the last one was done or given up */
};

/* When transactions begin, and what their messages are. */
struct net_transaction_plan {
    size_t request_size, response_size;
    size_t burst;        /* under way at the same time, 1 to NET_BURST_MAX */
    double rate;         /* begun per second; 0: as soon as there is room */
    uint64_t seconds_ns; /* how long they begin, where count is 0 */
    uint64_t warmup_ns;  /* those that begin in this time before do not count */
    uint64_t count;
    bool busy; /* ask the socket over and over instead of sleeping */
};

/* Where the parameters of a plan are in a module's table. */
struct net_transaction_params {
    unsigned message_size, request_size, response_size, burst, rate, seconds, warmup, count, busy;
};
struct net_transaction_plan net_transaction_plan_of(const union vms_value *values,
                                                    const struct net_transaction_params *at);

/* How many latencies of the plan's transactions are kept at the most. */
size_t net_transactions_room(const struct net_transaction_plan *plan);

/* -ENOMEM. */
int net_transactions_init(struct net_transactions *transactions, const struct net_transaction_plan *plan,
                          uint64_t seed, struct vms_error *error);
void net_transactions_done(struct net_transactions *transactions);

/* One transaction was completed. */
void net_transactions_add(struct net_transactions *transactions, uint64_t latency_ns);

/* Which metrics of the module the account is reported as. */
struct net_transaction_metrics {
    unsigned transactions, throughput, throughput_sent, throughput_received, round_trip_time;
};

/* Reports the account: rates over the time from start_ns to end_ns, and the latencies, which may be put into
 * another order. -EIO with a sentence where not one transaction was completed, or the host refuses a
 * figure. */
int net_transactions_report(const struct vms_host *host, struct net_transactions *transactions,
                            const struct net_transaction_plan *plan,
                            const struct net_transaction_metrics *metrics, struct vms_error *error);

#endif
