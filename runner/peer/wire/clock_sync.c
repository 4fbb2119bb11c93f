/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "peer/wire/clock_sync.h"

#include "base/clock.h"
#include "base/error.h"
#include "peer/wire/handshake.h"

#include <errno.h>
#include <math.h>
#include <time.h>

#define BURST 8
#define BURST_LIMIT_NS (NS_PER_S / 5) /* no further question after that */
#define ANSWER_LIMIT_NS (2 * NS_PER_S)
#define EPOCH_TRIES 5

/* CLOCK_REALTIME minus CLOCK_MONOTONIC, from the least disturbed of some readings. */
static int64_t read_epoch_ns(void) {
    int64_t epoch_ns = 0, shortest_ns = INT64_MAX;

    for (unsigned i = 0; i < EPOCH_TRIES; i++) {
        struct timespec utc = {0};
        int64_t before_ns = (int64_t)clock_now_ns(), took_ns;

        (void)clock_gettime(CLOCK_REALTIME, &utc);
        took_ns = (int64_t)clock_now_ns() - before_ns;
        if (took_ns < shortest_ns) {
            shortest_ns = took_ns;
            if (__builtin_mul_overflow((int64_t)utc.tv_sec, (int64_t)NS_PER_S, &epoch_ns) ||
                __builtin_add_overflow(epoch_ns, utc.tv_nsec - took_ns / 2, &epoch_ns) ||
                __builtin_sub_overflow(epoch_ns, before_ns, &epoch_ns))
                epoch_ns = MESSAGE_EPOCH_UNKNOWN;
        }
    }
    return epoch_ns;
}

void clock_sync_restart(struct clock_sync *sync) {
    sync->n = 0;
    sync->waiting = false;
}

int clock_sync_ask(struct clock_sync *sync, struct frame_stream *stream, uint64_t deadline_ns,
                   struct vms_error *error) {
    const struct message question = {.type = MESSAGE_CLOCK_QUESTION, .exchange = sync->asked + 1};
    json_auto_t *json = message_new(&question);
    int status;

    sync->asked++;
    sync->waiting = true;
    sync->sent_ns = (int64_t)clock_now_ns();
    status = frame_send_json(stream, json, deadline_ns, error);
    return status;
}

void clock_sync_take(struct clock_sync *sync, const struct message *answer, uint64_t received_ns) {
    int64_t ours_ns = read_epoch_ns(), difference_ns;

    if (!sync->waiting || answer->exchange != sync->asked || sync->n == CLOCK_SYNC_MAX)
        return;
    sync->waiting = false;
    if (answer->epoch_ns == MESSAGE_EPOCH_UNKNOWN || ours_ns == MESSAGE_EPOCH_UNKNOWN ||
        __builtin_sub_overflow(answer->epoch_ns, ours_ns, &difference_ns))
        difference_ns = MESSAGE_EPOCH_UNKNOWN;
    sync->epochs_ns[sync->n] = difference_ns;
    sync->exchanges[sync->n++] = (struct clock_exchange){.sent_ns = sync->sent_ns,
                                                         .peer_received_ns = answer->received_ns,
                                                         .peer_sent_ns = answer->sent_ns,
                                                         .received_ns = (int64_t)received_ns};
}

static int exchange(struct clock_sync *sync, struct frame_stream *stream, struct vms_error *error) {
    uint64_t deadline_ns = clock_now_ns() + ANSWER_LIMIT_NS;
    int status = clock_sync_ask(sync, stream, deadline_ns, error);

    while (status == 0 && sync->waiting && sync->n < CLOCK_SYNC_MAX) {
        json_auto_t *json = NULL;
        struct message answer;
        uint64_t received_ns;

        status = frame_receive_json(stream, &json, deadline_ns, error);
        received_ns = clock_now_ns();
        if (status == 0)
            status = message_read(json, MESSAGE_FROM_PEER, &answer, error);
        if (status == 0 && answer.type == MESSAGE_ERROR)
            status = peer_refusal(&answer, error);
        else if (status == 0 && answer.type != MESSAGE_CLOCK_ANSWER)
            status =
                error_set(error, -EPROTO, "the peer did not answer as it should when asked for its clock");
        if (status == 0)
            clock_sync_take(sync, &answer, received_ns);
    }
    return status;
}

int clock_sync_burst(struct clock_sync *sync, struct frame_stream *stream, struct vms_error *error) {
    uint64_t last_ns = clock_now_ns() + BURST_LIMIT_NS;
    int status = 0;

    for (unsigned i = 0; i < BURST && status == 0 && clock_now_ns() < last_ns; i++)
        status = exchange(sync, stream, error);
    return status;
}

void clock_sync_estimate(const struct clock_sync *sync, struct clock_offset *ret) {
    const struct clock_exchange *best;
    int64_t offset_ns;

    clock_offset_estimate(sync->exchanges, sync->n, ret);
    if (sync->n == 0)
        return;
    /* What CLOCK_MONOTONIC counts from is each machine's own affair: the offset that means something is that
     * of CLOCK_REALTIME. Added up as whole nanoseconds, of which a double has room for 100 days only. */
    best = &sync->exchanges[ret->best];
    offset_ns = (best->peer_received_ns - best->sent_ns) / 2 + (best->peer_sent_ns - best->received_ns) / 2;
    if (sync->epochs_ns[ret->best] == MESSAGE_EPOCH_UNKNOWN ||
        __builtin_add_overflow(offset_ns, sync->epochs_ns[ret->best], &offset_ns))
        ret->offset_s = NAN;
    else
        ret->offset_s = (double)offset_ns / (double)NS_PER_S;
}

void clock_sync_answer(uint32_t exchange_number, uint64_t received_ns, uint64_t (*now)(void),
                       struct message *ret) {
    *ret = (struct message){.type = MESSAGE_CLOCK_ANSWER,
                            .exchange = exchange_number,
                            .received_ns = (int64_t)received_ns,
                            .epoch_ns = read_epoch_ns()};
    ret->sent_ns = (int64_t)now();
}
