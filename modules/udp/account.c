/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "udp/account.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

int account_init(struct account *account, uint64_t interval_ns) {
    *account =
        (struct account){.seen = calloc(ACCOUNT_WINDOW / 64, sizeof(uint64_t)), .interval_ns = interval_ns};
    return account->seen ? 0 : -ENOMEM;
}

void account_done(struct account *account) {
    free(account->seen);
    account->seen = NULL;
}

static uint64_t *word_of(struct account *account, uint64_t number) {
    return &account->seen[number % ACCOUNT_WINDOW / 64];
}

static uint64_t bit_of(uint64_t number) {
    return UINT64_C(1) << (number % 64);
}

/* Moves the window on, so that it ends with `number`, and forgets what falls out of it. */
static void advance(struct account *account, uint64_t number) {
    uint64_t steps = number - account->next + 1;

    if (steps > ACCOUNT_WINDOW)
        steps = ACCOUNT_WINDOW;
    for (uint64_t i = 0; i < steps; i++)
        *word_of(account, number - i) &= ~bit_of(number - i);
    account->next = number + 1;
}

/* Whether the datagram is new. */
static bool note(struct account *account, uint64_t number) {
    if (number >= account->next) {
        advance(account, number);
    } else if (account->next - number > ACCOUNT_WINDOW) {
        account->reordered++;
        return true;
    } else if (*word_of(account, number) & bit_of(number)) {
        account->duplicates++;
        return false;
    } else {
        account->reordered++;
    }
    *word_of(account, number) |= bit_of(number);
    return true;
}

size_t account_n_intervals(const struct account *account) {
    uint64_t n = account->interval_ns > 0 ? (account->last_ns - account->first_ns) / account->interval_ns : 0;

    return n < ACCOUNT_INTERVALS ? (size_t)n : ACCOUNT_INTERVALS;
}

static void add_to_interval(struct account *account, size_t size, uint64_t now_ns) {
    uint64_t index = (now_ns - account->first_ns) / account->interval_ns;

    if (index < ACCOUNT_INTERVALS)
        account->intervals[index] += size;
}

void account_add(struct account *account, uint64_t number, size_t size, uint64_t sent_ns, uint64_t now_ns) {
    double transit_ns = (double)(int64_t)(now_ns - sent_ns);

    if (!note(account, number))
        return;
    if (account->unique == 0) {
        account->first_ns = now_ns;
        account->first_bytes = size;
    } else {
        account->jitter_ns += (fabs(transit_ns - account->transit_ns) - account->jitter_ns) / 16;
    }
    account->transit_ns = transit_ns;
    account->last_ns = now_ns;
    account->unique++;
    account->bytes += size;
    if (account->interval_ns > 0)
        add_to_interval(account, size, now_ns);
}
