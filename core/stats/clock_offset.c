/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stats/clock_offset.h"

#include <math.h>

#define NS 1e-9

/* The slopes, peer's time over ours, that lines through all stamps can have. */
struct slopes {
    double low, high;
};

/* Our clock at `sent` is before the peer's at `peer_received`, and our clock at `received` is after the
 * peer's at `peer_sent`: so the line passes below every (sent, peer_received) and above every (received,
 * peer_sent), and each pair of such points bounds its slope. With `slack_ns`, the stamps may be off by that
 * much. */
static struct slopes find_slopes(const struct clock_exchange *exchanges, size_t n, double slack_ns) {
    struct slopes slopes = {-INFINITY, INFINITY};

    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            double run = (double)(exchanges[j].sent_ns - exchanges[i].received_ns);
            double rise = (double)(exchanges[j].peer_received_ns - exchanges[i].peer_sent_ns) + slack_ns;

            if (run > 0)
                slopes.high = fmin(slopes.high, rise / run);
            else if (run < 0)
                slopes.low = fmax(slopes.low, rise / run);
        }
    return slopes;
}

/* By how many nanoseconds the points miss having a line of that slope between them; at most 0: there is
 * one. */
static double find_miss(const struct clock_exchange *exchanges, size_t n, double slope) {
    double above = INFINITY, below = -INFINITY;

    /* Counted from the first stamps, so that doubles keep the nanoseconds. */
    for (size_t i = 0; i < n; i++) {
        above = fmin(above, (double)(exchanges[i].peer_received_ns - exchanges[0].peer_received_ns) -
                                slope * (double)(exchanges[i].sent_ns - exchanges[0].sent_ns));
        below = fmax(below, (double)(exchanges[i].peer_sent_ns - exchanges[0].peer_received_ns) -
                                slope * (double)(exchanges[i].received_ns - exchanges[0].sent_ns));
    }
    return below - above;
}

/* The smallest miss of any slope, where no line fits: the clock did not run evenly, and no smaller jump than
 * this explains it. The miss is convex in the slope, so a search by thirds finds it. */
static double find_step(const struct clock_exchange *exchanges, size_t n, const struct slopes *slopes) {
    double low = slopes->high, high = slopes->low; /* crossed over */

    for (unsigned i = 0; i < 200; i++) {
        double third = (high - low) / 3;

        if (find_miss(exchanges, n, low + third) < find_miss(exchanges, n, high - third))
            high -= third;
        else
            low += third;
    }
    return fmax(0, find_miss(exchanges, n, (low + high) / 2));
}

static double find_span(const struct clock_exchange *exchanges, size_t n) {
    int64_t first = exchanges[0].sent_ns, last = exchanges[0].received_ns;

    for (size_t i = 1; i < n; i++) {
        first = exchanges[i].sent_ns < first ? exchanges[i].sent_ns : first;
        last = exchanges[i].received_ns > last ? exchanges[i].received_ns : last;
    }
    return (double)(last - first) * NS;
}

/* RFC 5905's offset and delay of the exchange with the shortest delay, the least disturbed one. */
static void estimate_offset(const struct clock_exchange *exchanges, size_t n, struct clock_offset *ret) {
    ret->delay_s = INFINITY;
    for (size_t i = 0; i < n; i++) {
        const struct clock_exchange *exchange = &exchanges[i];
        double there = (double)(exchange->peer_received_ns - exchange->sent_ns);
        double back = (double)(exchange->received_ns - exchange->peer_sent_ns);

        if ((there + back) * NS < ret->delay_s) {
            ret->best = i;
            ret->delay_s = (there + back) * NS;
            ret->offset_s = (there - back) / 2 * NS;
        }
    }
    /* A peer whose clock runs fast may seem to have answered before it was asked. */
    ret->delay_s = fmax(ret->delay_s, 0);
    ret->offset_bound_s = ret->delay_s / 2;
}

void clock_offset_estimate(const struct clock_exchange *exchanges, size_t n, struct clock_offset *ret) {
    struct slopes slopes;
    double slew_s;

    *ret = (struct clock_offset){.n = n,
                                 .delay_s = NAN,
                                 .offset_s = NAN,
                                 .offset_bound_s = NAN,
                                 .rate_ppm = NAN,
                                 .rate_bound_ppm = NAN,
                                 .step_s = NAN};
    if (n == 0)
        return;
    estimate_offset(exchanges, n, ret);
    slopes = find_slopes(exchanges, n, 0);
    if (!isfinite(slopes.low) || !isfinite(slopes.high))
        return;
    ret->step_s = 0;
    if (slopes.low > slopes.high) {
        double step_ns = find_step(exchanges, n, &slopes);

        /* An uneven clock has no one rate: the bounds grow by what it takes to fit a line, twice. */
        ret->step_s = step_ns * NS;
        slopes = find_slopes(exchanges, n, 2 * step_ns);
    }
    ret->rate_ppm = ((slopes.low + slopes.high) / 2 - 1) * 1e6;
    ret->rate_bound_ppm = fabs(slopes.high - slopes.low) / 2 * 1e6;
    slew_s = find_span(exchanges, n) * CLOCK_SLEW_PPM * 1e-6;
    ret->flagged = fabs(ret->rate_ppm) > ret->rate_bound_ppm + CLOCK_SLEW_PPM || ret->step_s > slew_s;
}
