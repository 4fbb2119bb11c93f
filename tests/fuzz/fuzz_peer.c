/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libFuzzer target: whatever bytes come over a control connection, frames and messages are taken or refused,
 * and what was taken can be said again. The first byte chooses who reads: the peer, or a client; and whether
 * the stream is sealed, when no frame may be taken. */
#include "input.h"
#include "peer/wire/clock_sync.h"
#include "peer/wire/frame.h"
#include "peer/wire/handshake.h"
#include "peer/wire/message.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define INPUT_MAX 65536 /* what the socket pair holds */

/* A message that was read is written and read back, and written the same. */
static void check_message(const struct message *message, enum message_origin origin) {
    json_t *json = message_new(message), *again;
    struct message copy;

    require(json && message_read(json, origin, &copy, NULL) == 0);
    again = message_new(&copy);
    require(copy.type == message->type && json_equal(json, again));
    json_decref(json);
    json_decref(again);
}

/* As if we had asked once a second. */
static void take_clock(const struct message *message, struct clock_sync *sync) {
    struct clock_offset offset;

    sync->asked = message->exchange;
    sync->waiting = true;
    sync->sent_ns = ((int64_t)sync->n + 1) * 1000000000;
    clock_sync_take(sync, message, (uint64_t)sync->sent_ns + 50000);
    clock_sync_estimate(sync, &offset);
}

static void take_json(const void *payload, size_t length, enum message_origin origin,
                      struct clock_sync *sync) {
    struct message message;
    struct vms_error error = {""};
    json_t *json = NULL;

    if (frame_parse_json(payload, length, &json, &error) < 0) {
        require(error.text[0]);
        return;
    }
    if (message_read(json, origin, &message, &error) < 0) {
        require(error.text[0]);
    } else {
        check_message(&message, origin);
        if (message.type == MESSAGE_CLOCK_ANSWER)
            take_clock(&message, sync);
        if (message.type == MESSAGE_ERROR)
            require(peer_refusal(&message, &error) < 0);
    }
    json_decref(json);
}

/* Reads all frames that there are, as they would come over a socket that has closed. */
static void read_all(int fd, enum message_origin origin, bool sealed) {
    static struct clock_sync sync;
    struct frame_stream stream;
    struct vms_error error;
    enum frame_kind kind;
    const void *payload;
    size_t length;

    clock_sync_restart(&sync);
    frame_stream_init(&stream, fd);
    stream.receives.on = sealed;
    while (frame_receive(&stream, &kind, &payload, &length, 0, &error) == 0) {
        require(!sealed && length <= (kind == FRAME_JSON ? FRAME_JSON_MAX : VMS_MESSAGE_MAX));
        if (kind == FRAME_JSON)
            take_json(payload, length, origin, &sync);
    }
    frame_stream_done(&stream);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    int pair[2];

    if (size < 1 || size > INPUT_MAX)
        return 0;
    require(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) == 0);
    require(send(pair[1], data + 1, size - 1, 0) == (ssize_t)size - 1);
    (void)close(pair[1]);
    read_all(pair[0], data[0] & 1 ? MESSAGE_FROM_PEER : MESSAGE_FROM_CLIENT, data[0] & 2);
    (void)close(pair[0]);
    return 0;
}
