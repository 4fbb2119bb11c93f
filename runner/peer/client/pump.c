/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "peer/client/pump.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/wait.h"
#include "peer/wire/handshake.h"

#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>

#define FIRST_EXCHANGE_NS (NS_PER_S / 4) /* into the trial, and between the next ones at least, */
#define EXCHANGE_SHARE 10                /* and at least a tenth of the time so far: some 100 in an hour */
#define FRAME_LIMIT_NS (10 * NS_PER_S)
#define WAITING_MAX (4 * 1024 * 1024) /* bytes kept for the module before the peer is made to wait */

struct pump_message {
    struct pump_message *next;
    size_t length;
    uint8_t bytes[];
};

int pump_init(struct pump *pump, struct frame_stream *stream, struct clock_sync *sync,
              struct vms_error *error) {
    pthread_condattr_t monotonic;

    *pump = (struct pump){.stream = stream, .sync = sync, .wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    if (pump->wake < 0)
        return error_set(error, -errno, "cannot prepare a session with the peer: %s", strerror(errno));
    /* These fail for bad arguments only. */
    (void)pthread_condattr_init(&monotonic);
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&pump->changed, &monotonic);
    (void)pthread_condattr_destroy(&monotonic);
    (void)pthread_mutex_init(&pump->lock, NULL);
    (void)pthread_mutex_init(&pump->sending, NULL);
    return 0;
}

void pump_done(struct pump *pump) {
    pump_stop(pump);
    if (pump->wake < 0 || !pump->stream)
        return;
    (void)close(pump->wake);
    (void)pthread_mutex_destroy(&pump->sending);
    (void)pthread_mutex_destroy(&pump->lock);
    (void)pthread_cond_destroy(&pump->changed);
}

/* ---- the thread ---- */

static void note_end(struct pump *pump, int status, const char *text) {
    (void)pthread_mutex_lock(&pump->lock);
    if (!pump->ended) {
        pump->ended = true;
        pump->ending = status;
        message_clean(text, &pump->reason);
    }
    (void)pthread_cond_broadcast(&pump->changed);
    (void)pthread_mutex_unlock(&pump->lock);
}

static int ending_errno(enum message_ending ending) {
    static const int statuses[] = {[ENDED_OK] = 0,
                                   [ENDED_FAILED] = -EREMOTEIO,
                                   [ENDED_UNSUPPORTED] = -ENOTSUP,
                                   [ENDED_TIMEOUT] = -ETIMEDOUT,
                                   [ENDED_CRASHED] = -EREMOTEIO};

    return statuses[ending];
}

/* A message of the protocol: the peer's clock, or an end. */
static void take_json(struct pump *pump, const void *payload, size_t length, uint64_t received_ns) {
    json_auto_t *json = NULL;
    struct vms_error reason = {""};
    struct message message;
    int status = frame_parse_json(payload, length, &json, &reason);

    if (status == 0)
        status = message_read(json, MESSAGE_FROM_PEER, &message, &reason);
    if (status == 0 && message.type == MESSAGE_ERROR)
        status = peer_refusal(&message, &reason);
    if (status < 0)
        note_end(pump, status, reason.text);
    else if (message.type == MESSAGE_CLOCK_ANSWER)
        clock_sync_take(pump->sync, &message, received_ns);
    else if (message.type == MESSAGE_ENDED && message.trial == pump->trial)
        note_end(pump, ending_errno(message.ending), message.text);
    else
        note_end(pump, -EPROTO, "the peer sent a message out of turn during a trial");
}

/* Drops what waits for the module, with the lock held. */
static void drop_all(struct pump *pump) {
    while (pump->first) {
        struct pump_message *next = pump->first->next;

        free(pump->first);
        pump->first = next;
    }
    pump->last = NULL;
    pump->waiting_bytes = 0;
}

/* Keeps a message for the module; while there are too many, the peer is not read from. */
static void keep(struct pump *pump, const void *payload, size_t length) {
    struct pump_message *message = malloc(sizeof(*message) + length);

    if (!message) {
        note_end(pump, -ENOMEM, "no memory for a message of the peer's half");
        return;
    }
    message->next = NULL;
    message->length = length;
    memcpy(message->bytes, payload, length);
    (void)pthread_mutex_lock(&pump->lock);
    if (pump->last)
        pump->last->next = message;
    else
        pump->first = message;
    pump->last = message;
    pump->waiting_bytes += sizeof(*message) + length;
    (void)pthread_cond_broadcast(&pump->changed);
    while (pump->waiting_bytes > WAITING_MAX && !pump->stopping && !pump->dropping)
        (void)pthread_cond_wait(&pump->changed, &pump->lock);
    if (pump->dropping)
        drop_all(pump);
    (void)pthread_mutex_unlock(&pump->lock);
}

static void take_frame(struct pump *pump, uint64_t received_ns) {
    enum frame_kind kind = FRAME_JSON;
    const void *payload = NULL;
    size_t length = 0;
    struct vms_error reason;
    int status = frame_receive(pump->stream, &kind, &payload, &length, received_ns + FRAME_LIMIT_NS, &reason);

    if (status < 0)
        note_end(pump, status, reason.text);
    else if (kind == FRAME_JSON)
        take_json(pump, payload, length, received_ns);
    else
        keep(pump, payload, length);
}

/* Asks for the peer's clock, unless the module is just sending, or the last answer is still under way. */
static void ask(struct pump *pump) {
    if (pump->sync->n + CLOCK_SYNC_RESERVE >= CLOCK_SYNC_MAX || pthread_mutex_trylock(&pump->sending) != 0)
        return;
    /* A connection that is broken or full is noticed by the reader, with a better sentence. */
    (void)clock_sync_ask(pump->sync, pump->stream, clock_now_ns() + FRAME_LIMIT_NS, NULL);
    (void)pthread_mutex_unlock(&pump->sending);
}

static bool is_over(struct pump *pump) {
    bool over;

    (void)pthread_mutex_lock(&pump->lock);
    over = pump->ended || pump->stopping;
    (void)pthread_mutex_unlock(&pump->lock);
    return over;
}

static void *read_all(void *context) {
    struct pump *pump = context;
    uint64_t start_ns = clock_now_ns(), ask_ns = start_ns + FIRST_EXCHANGE_NS;

    while (!is_over(pump)) {
        struct pollfd waiting[2] = {{.fd = pump->stream->fd, .events = POLLIN},
                                    {.fd = pump->wake, .events = POLLIN}};
        uint64_t now_ns;

        (void)wait_poll(waiting, 2, ask_ns, NULL);
        now_ns = clock_now_ns();
        if (waiting[0].revents)
            take_frame(pump, now_ns);
        if (now_ns >= ask_ns) {
            uint64_t pause_ns = (now_ns - start_ns) / EXCHANGE_SHARE;

            ask(pump);
            ask_ns = now_ns + (pause_ns > FIRST_EXCHANGE_NS ? pause_ns : FIRST_EXCHANGE_NS);
        }
    }
    return NULL;
}

/* ---- the client's own thread ---- */

int pump_start(struct pump *pump, uint32_t trial, struct vms_error *error) {
    sigset_t all, before;
    int status;

    pump->trial = trial;
    pump->ended = pump->stopping = pump->dropping = false;
    /* Signals are for the thread that runs the module. */
    sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    status = pthread_create(&pump->thread, NULL, read_all, pump);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (status != 0)
        return error_set(error, -status, "cannot start a thread: %s", strerror(status));
    pump->running = true;
    return 0;
}

void pump_stop(struct pump *pump) {
    uint64_t one = 1;
    ssize_t done;

    if (!pump->running)
        return;
    (void)pthread_mutex_lock(&pump->lock);
    pump->stopping = true;
    (void)pthread_cond_broadcast(&pump->changed);
    (void)pthread_mutex_unlock(&pump->lock);
    done = write(pump->wake, &one, sizeof(one));
    (void)pthread_join(pump->thread, NULL);
    done = read(pump->wake, &one, sizeof(one));
    (void)done;
    pump->running = false;
    drop_all(pump);
}

int pump_put(struct pump *pump, const void *message, size_t length, uint64_t deadline_ns) {
    int status;

    if (length > VMS_MESSAGE_MAX)
        return -EMSGSIZE;
    if (!pump->running || is_over(pump))
        return -ECONNRESET;
    (void)pthread_mutex_lock(&pump->sending);
    status = frame_send(pump->stream, FRAME_BINARY, message, length, deadline_ns, NULL);
    (void)pthread_mutex_unlock(&pump->sending);
    return status;
}

/* Waits, with the lock held, for a message or the end. */
static bool wait_changed(struct pump *pump, uint64_t deadline_ns, bool for_message) {
    const struct timespec until = {.tv_sec = (time_t)(deadline_ns / NS_PER_S),
                                   .tv_nsec = (long)(deadline_ns % NS_PER_S)};

    while (!pump->ended && !(for_message && pump->first))
        if (pthread_cond_timedwait(&pump->changed, &pump->lock, &until) == ETIMEDOUT)
            return pump->ended || (for_message && pump->first);
    return true;
}

/* Takes the first message off the list, with the lock held; NULL where there is none. */
static struct pump_message *take_first(struct pump *pump) {
    struct pump_message *message = pump->first;

    if (!message)
        return NULL;
    pump->first = message->next;
    if (!pump->first)
        pump->last = NULL;
    pump->waiting_bytes -= sizeof(*message) + message->length;
    (void)pthread_cond_broadcast(&pump->changed);
    return message;
}

ssize_t pump_get(struct pump *pump, void *buffer, size_t capacity, uint64_t deadline_ns) {
    cleanup_free struct pump_message *message = NULL;
    bool came;

    if (!pump->running)
        return -ECONNRESET;
    (void)pthread_mutex_lock(&pump->lock);
    came = wait_changed(pump, deadline_ns, true);
    message = take_first(pump);
    (void)pthread_mutex_unlock(&pump->lock);
    if (!message)
        return came ? -ECONNRESET : -ETIMEDOUT;
    if (message->length > capacity)
        return -EMSGSIZE;
    memcpy(buffer, message->bytes, message->length);
    return (ssize_t)message->length;
}

bool pump_wait(struct pump *pump, uint64_t deadline_ns) {
    bool came;

    (void)pthread_mutex_lock(&pump->lock);
    pump->dropping = true;
    drop_all(pump);
    (void)pthread_cond_broadcast(&pump->changed);
    came = wait_changed(pump, deadline_ns, false);
    (void)pthread_mutex_unlock(&pump->lock);
    return came;
}
