/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How far another machine's clock is from ours, and how much faster it runs, from exchanges of time
 * stamps. */
#ifndef VMSUITE_CORE_STATS_CLOCK_OFFSET_H
#define VMSUITE_CORE_STATS_CLOCK_OFFSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One exchange, as NTP's on-wire protocol has it (RFC 5905, section 8): a request leaves at `sent_ns` and its
 * answer arrives at `received_ns` by our clock; by the peer's it came in and went out at `peer_received_ns`
 * and `peer_sent_ns`. */
struct clock_exchange {
    int64_t sent_ns, peer_received_ns, peer_sent_ns, received_ns;
};

/* A clock may be slewed by as much as this without being wrong (adjtimex and NTP's discipline). */
#define CLOCK_SLEW_PPM 500.0

/* Figures that the exchanges cannot give are NaN. */
struct clock_offset {
    size_t n;              /* exchanges */
    size_t best;           /* the one with the shortest round trip */
    double delay_s;        /* the shortest round trip less the peer's own time */
    double offset_s;       /* the peer's clock minus ours, from the exchange with that delay, */
    double offset_bound_s; /* and how far off that can be: half the delay */
    double rate_ppm;       /* how much faster than ours the peer's clock runs, */
    double rate_bound_ppm; /* and how far off that can be */
    double step_s; /* a clock that runs evenly fits the stamps: 0; else no smaller jump explains them */
    bool flagged;  /* the rate is off by more than its bound and CLOCK_SLEW_PPM, or the step is larger
                      than that slew over the time seen explains */
};

/* Estimates from `n` exchanges in any order. The rate's bounds are exact for clocks that run evenly, whatever
 * the network's delays: each stamp pair says that the peer's clock was before (or after) a reading at a known
 * time of ours, and all straight lines that agree with every pair lie between two slopes (the convex hull
 * method of Duda et al., ICDCS 1987; Zhang, Liu, Xia, INFOCOM 2002). */
void clock_offset_estimate(const struct clock_exchange *exchanges, size_t n, struct clock_offset *ret);

#endif
