/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A receiver's account of numbered datagrams: duplicates, reordering, jitter. */
#ifndef VMSUITE_MODULES_UDP_ACCOUNT_H
#define VMSUITE_MODULES_UDP_ACCOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How far back a datagram can be recognized as a duplicate; one that is later still counts as reordered. */
#define ACCOUNT_WINDOW (1 << 20)
#define ACCOUNT_INTERVALS 1000

struct account {
    uint64_t *seen;         /* owned: a bit for each of the last ACCOUNT_WINDOW numbers */
    uint64_t next;          /* one more than the largest number so far */
    uint64_t unique, bytes; /* datagrams and their payload, each counted once */
    uint64_t duplicates;
    uint64_t reordered;         /* came after one with a larger number (RFC 4737, section 3.3) */
    uint64_t first_ns, last_ns; /* arrivals on the receiver's clock */
    uint64_t first_bytes;       /* of the first arrival: the clock starts behind it */
    double jitter_ns;           /* RFC 3550, section 6.4.1 */
    double transit_ns;          /* of the last arrival, up to the clocks' constant difference */
    uint64_t interval_ns;
    uint64_t intervals[ACCOUNT_INTERVALS]; /* bytes in each interval since the first arrival */
};

/* `interval_ns` is the length of the intervals; 0: none. -ENOMEM. */
int account_init(struct account *account, uint64_t interval_ns);
void account_done(struct account *account);

/* A datagram came: its number, payload, time of sending and of arrival (each on its own side's clock). */
void account_add(struct account *account, uint64_t number, size_t size, uint64_t sent_ns, uint64_t now_ns);

/* How many intervals have passed whole. */
size_t account_n_intervals(const struct account *account);

#endif
