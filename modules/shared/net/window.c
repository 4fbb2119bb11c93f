/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "shared/net/window.h"

#include "shared/net/control.h"

void net_window_init(struct net_window *window, const struct net_transaction_plan *plan,
                     struct net_transactions *account, uint64_t now) {
    *window = (struct net_window){.plan = plan, .account = account, .origin_ns = now};
}

bool net_window_over(const struct net_window *window, uint64_t now) {
    const struct net_transaction_plan *plan = window->plan;

    if (plan->count > 0)
        return window->counted >= plan->count;
    return now - window->origin_ns >= plan->warmup_ns + plan->seconds_ns;
}

bool net_window_has_room(const struct net_window *window) {
    return window->next - window->oldest < window->plan->burst;
}

uint64_t net_window_due(const struct net_window *window) {
    if (window->plan->rate <= 0)
        return 0;
    return window->origin_ns + (uint64_t)((double)window->next * NET_SECOND / window->plan->rate);
}

bool net_window_may_begin(struct net_window *window, uint64_t now) {
    if (!net_window_has_room(window) || net_window_over(window, now))
        return false;
    if (now >= net_window_due(window))
        return true;
    window->waited = true;
    return false;
}

uint64_t net_window_begin(struct net_window *window, uint64_t now) {
    uint64_t due_ns = net_window_due(window), number = window->next++;
    size_t slot = number % NET_BURST_MAX;

    window->begun_ns[slot] = due_ns > 0 && !window->waited ? due_ns : now;
    window->pending[slot] = true;
    window->waited = false;
    if (window->begun_ns[slot] - window->origin_ns >= window->plan->warmup_ns && window->counted++ == 0)
        window->account->start_ns = window->begun_ns[slot];
    return number;
}

bool net_window_find(const struct net_window *window, const void *message, size_t size,
                     uint64_t *ret_number) {
    for (uint64_t number = window->oldest; number < window->next; number++) {
        if (window->pending[number % NET_BURST_MAX] && net_stamped(message, size, number)) {
            *ret_number = number;
            return true;
        }
    }
    return false;
}

/* Whether a transaction under way began after the warm-up. */
static bool is_counted(const struct net_window *window, uint64_t number) {
    return window->next - number <= window->counted;
}

static void leave(struct net_window *window, uint64_t number, uint64_t now) {
    window->pending[number % NET_BURST_MAX] = false;
    window->account->end_ns = now;
    while (window->oldest < window->next && !window->pending[window->oldest % NET_BURST_MAX])
        window->oldest++;
}

void net_window_complete(struct net_window *window, uint64_t number, uint64_t now) {
    if (is_counted(window, number))
        net_transactions_add(window->account, now - window->begun_ns[number % NET_BURST_MAX]);
    leave(window, number, now);
}

void net_window_expire(struct net_window *window, uint64_t now, uint64_t timeout_ns) {
    for (uint64_t number = window->oldest; number < window->next; number++) {
        size_t slot = number % NET_BURST_MAX;

        if (!window->pending[slot] || now - window->begun_ns[slot] < timeout_ns)
            continue;
        window->account->lost += is_counted(window, number);
        leave(window, number, now);
    }
}
