/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Exchanges of time stamps with the peer over the control connection: some before a trial, some while it
 * runs, some after it. What they say of the clocks is computed by core/stats/clock_offset.h. */
#ifndef VMSUITE_RUNNER_PEER_WIRE_CLOCK_SYNC_H
#define VMSUITE_RUNNER_PEER_WIRE_CLOCK_SYNC_H

#include "peer/wire/frame.h"
#include "peer/wire/message.h"
#include "stats/clock_offset.h"

#define CLOCK_SYNC_MAX 192    /* exchanges kept of one trial */
#define CLOCK_SYNC_RESERVE 16 /* of them for those after it */

struct clock_sync {
    struct clock_exchange exchanges[CLOCK_SYNC_MAX];
    int64_t epochs_ns[CLOCK_SYNC_MAX]; /* the peer's epoch minus ours, or MESSAGE_EPOCH_UNKNOWN */
    size_t n;
    uint32_t asked;  /* number of the last question, and */
    int64_t sent_ns; /* when it left; */
    bool waiting;    /* its answer is not there yet */
};

/* Forgets the exchanges; questions go on being counted, so that a late answer is known as such. */
void clock_sync_restart(struct clock_sync *sync);

/* Sends a question. */
int clock_sync_ask(struct clock_sync *sync, struct frame_stream *stream, uint64_t deadline_ns,
                   struct vms_error *error);

/* Keeps an answer that came in at `received_ns`; one to an earlier question is passed over. */
void clock_sync_take(struct clock_sync *sync, const struct message *answer, uint64_t received_ns);

/* Asks and waits, several times, for a fraction of a second in all. Nothing else may be under way on the
 * stream. An answer that does not come ends it: -ETIMEDOUT; other errors as peer_receive. */
int clock_sync_burst(struct clock_sync *sync, struct frame_stream *stream, struct vms_error *error);

/* The peer's clocks against ours: offset of CLOCK_REALTIME, rate of CLOCK_MONOTONIC. */
void clock_sync_estimate(const struct clock_sync *sync, struct clock_offset *ret);

/* The peer's answer: it has come in at `received_ns` by `now`, which stands for CLOCK_MONOTONIC. */
void clock_sync_answer(uint32_t exchange, uint64_t received_ns, uint64_t (*now)(void), struct message *ret);

#endif
