/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which transaction may begin when, and which are under way: up to `burst` at a time, whose numbers
 * are always consecutive, so that a few bytes of a number are enough to tell them apart.
 *
 * With a rate, transaction k is due k intervals after the first. One that could not begin then because those
 * before it took too long is timed from when it was due: so a slow response counts against all that it held
 * up (no "coordinated omission", G. Tene). One that was waited for is timed from its real beginning, so
 * that the timer's own delay is not taken for the network's.
 */
#ifndef VMSUITE_MODULES_SHARED_NET_WINDOW_H
#define VMSUITE_MODULES_SHARED_NET_WINDOW_H

#include "shared/net/transactions.h"

#define NET_BURST_MAX 64

struct net_window {
    const struct net_transaction_plan *plan;
    struct net_transactions *account;
    uint64_t origin_ns;    /* when the first may begin */
    uint64_t next, oldest; /* numbers: to begin next; the oldest under way */
    uint64_t counted;      /* begun, warm-up left out */
    uint64_t begun_ns[NET_BURST_MAX];
    bool pending[NET_BURST_MAX];
    bool waited; /* there was time left until `next` was due */
};

/* Begins at `now` (ns of the host's clock). Plan and account are borrowed. */
void net_window_init(struct net_window *window, const struct net_transaction_plan *plan,
                     struct net_transactions *account, uint64_t now);

/* Whether the next transaction is to begin now. */
bool net_window_may_begin(struct net_window *window, uint64_t now);
/* Whether no more will begin. */
bool net_window_over(const struct net_window *window, uint64_t now);
/* Whether there is room, so that the schedule alone decides when the next one begins. */
bool net_window_has_room(const struct net_window *window);
/* When the next one is due; 0: at once. */
uint64_t net_window_due(const struct net_window *window);

/* Begins the next one; returns its number. */
uint64_t net_window_begin(struct net_window *window, uint64_t now);

/* Of those under way, the one whose message begins with these bytes. False: none. */
bool net_window_find(const struct net_window *window, const void *message, size_t size, uint64_t *ret_number);

/* One under way was completed. */
void net_window_complete(struct net_window *window, uint64_t number, uint64_t now);
/* Gives up those that began `timeout_ns` ago or earlier. */
void net_window_expire(struct net_window *window, uint64_t now, uint64_t timeout_ns);

/* Transactions from the oldest under way to the newest. */
static inline uint64_t net_window_in_flight(const struct net_window *window) {
    return window->next - window->oldest;
}

#endif
