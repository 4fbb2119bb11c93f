/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A relay for datagrams on loopback that makes faults by a plan and counts them: a network whose losses are
 * known exactly. It runs in a thread of the test. */
#ifndef VMSUITE_TESTS_FAKES_RELAY_H
#define VMSUITE_TESTS_FAKES_RELAY_H

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

/* What happens to every k-th datagram of one way (from 1; 0: never). One that is due for several faults gets
 * the first of them. */
struct relay_plan {
    unsigned drop_every;
    unsigned swap_every;      /* held back until the next one that is not dropped has gone */
    unsigned duplicate_every; /* sent twice */
    unsigned forge_every;     /* to the peer: followed by one with a wrong cookie, and by a true copy from a
                                 stranger's port; neither may count */
    unsigned delay_every;     /* beside other faults: it and all behind it wait for delay_us first */
    unsigned delay_us;
};

struct relay_way {
    struct relay_plan plan;
    unsigned seen, dropped, swapped, duplicated, forged, delayed;
    size_t held; /* bytes of the one held back, 0: none */
    uint8_t holding[65536];
};

struct relay {
    size_t size; /* only datagrams of this size count, and are subject to the plan */
    struct relay_way there, back;
    int front, rear; /* the client's side, the peer's side */
    int stranger;    /* to the peer, too */
    uint16_t port;   /* where the client sends to */
    pthread_t thread;
    atomic_bool end;
};

/* Opens the relay's sockets; it forwards once relay_connect has named the peer's port. Fails the test. */
void relay_start(struct relay *relay, size_t size);
void relay_connect(struct relay *relay, uint16_t port);
void relay_end(struct relay *relay);

#endif
