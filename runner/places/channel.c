/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "places/channel.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/wait.h"
#include "common/last_line.h"
#include "common/signals.h"
#include "places/channel_start.h"

#include <limits.h>
#include <poll.h>
#include <string.h>

#define BEGIN_NS (120 * NS_PER_S) /* for an agent to begin: a container is made, a bundle is copied */
#define BOOT_NS (600 * NS_PER_S)  /* the same where a machine is booted, emulated on a busy host perhaps */
#define BRING_TICK_NS (NS_PER_S / 5)
#define SEND_NS (30 * NS_PER_S)
/* For the command to end once its input has: a trial is interrupted, folders go. */
#define END_NS (10 * NS_PER_S)
#define BROKEN_NS NS_PER_S      /* the same for a command at whose end there is no agent, or one that lies */
#define WORDS_NS (2 * NS_PER_S) /* for a guest that has stopped to end its words */
#define NO_AGENT "what answers there is not an agent of vmsuite"
#define DEATH_NS NS_PER_S /* from the end of the channel to the end of the command */

/* Adds to the end of what the command printed, which is kept. */
static void keep_words(struct channel *channel, const char *text, size_t size) {
    size_t room = sizeof(channel->words) - 1, keep = size < room ? size : room;
    size_t had = strlen(channel->words), before = had < room - keep ? had : room - keep;

    memmove(channel->words, channel->words + had - before, before);
    memcpy(channel->words + before, text + size - keep, keep);
    channel->words[before + keep] = '\0';
}

/* Keeps the end of what the command prints; not more at a time than a pipe holds. */
static void drain(struct channel *channel) {
    char buffer[4096];
    ssize_t got = -1;

    for (int i = 0; channel->output >= 0 && i < 16; i++) {
        got = read(channel->output, buffer, sizeof(buffer));
        if (got <= 0)
            break;
        if (channel->guest)
            driven_guest_hear(channel->guest, buffer, (size_t)got);
        if (channel->guest && channel->stopped_ns == 0 && driven_guest_has_stopped(channel->guest))
            channel->stopped_ns = clock_now_ns();
        keep_words(channel, buffer, (size_t)got);
    }
    if (got == 0)
        channel_close_ends(&channel->output, 1);
}

/* The last line that it said; of a command the one before, too: what follows its reason is often of its
 * tidying up. */
static void last_words(struct channel *channel, char *ret_words, size_t size) {
    const char *last, *before = "";

    drain(channel);
    last = last_line(channel->words);
    if (last > channel->words && !channel->guest) {
        channel->words[last - channel->words - 1] = '\0';
        before = last_line(channel->words);
    }
    if (*before)
        (void)snprintf(ret_words, size, "%.150s; %.150s", before, last);
    else
        (void)snprintf(ret_words, size, "%.300s", last);
}

/* Why the channel is cut: how its command ended, and its last words. */
static int cut(struct channel *channel, struct vms_error *error) {
    char how[KEEPER_WORDS_SIZE], said[CHANNEL_WORDS_SIZE];
    struct keeper_end end;

    (void)snprintf(how, sizeof(how), "is still running, but %s",
                   channel->stopped_ns > 0 ? "its guest has stopped" : "has closed its output");
    if (keeper_wait(&channel->keeper, clock_now_ns() + DEATH_NS, &end))
        keeper_describe(&end, how);
    last_words(channel, said, sizeof(said)); /* which hears it to its end */
    if (channel->guest)
        driven_guest_words(channel->guest, said, sizeof(said));
    return error_set(error, -ECONNRESET, "%s %s%s%.300s",
                     channel->guest ? "the guest's monitor" : "the command that leads there", how,
                     *said ? "; its last words: " : "", said);
}

/* The next moment to look up: before the deadline where the clock is to go on, or a guest has stopped. */
static uint64_t next_look(const struct channel *channel, uint64_t deadline_ns) {
    int tick_ms = channel->tick ? channel->tick(channel->context) : -1;
    uint64_t until_ns = tick_ms >= 0 ? clock_now_ns() + (uint64_t)tick_ms * 1000000 : deadline_ns;

    if (channel->stopped_ns > 0 && channel->stopped_ns + WORDS_NS < until_ns)
        until_ns = channel->stopped_ns + WORDS_NS;
    return until_ns < deadline_ns ? until_ns : deadline_ns;
}

/* Waits until the agent's end is ready for `events`, while the command's own words are kept. -ECONNRESET:
 * nothing comes from there any more. */
static int await(struct channel *channel, int fd, short events, uint64_t deadline_ns,
                 struct vms_error *error) {
    for (;;) {
        struct pollfd waiting[] = {{.fd = fd, .events = events},
                                   {.fd = channel->output, .events = POLLIN},
                                   {.fd = signals_fd(), .events = POLLIN}};
        int ready = wait_poll(waiting, 3, next_look(channel, deadline_ns), NULL);

        if (signals_count() > 0)
            return -ECANCELED;
        if (ready > 0 && waiting[1].revents)
            drain(channel);
        if (ready > 0 && waiting[0].revents)
            return 0;
        if (channel->stopped_ns > 0 && clock_now_ns() >= channel->stopped_ns + WORDS_NS)
            return -ECONNRESET;
        if (clock_now_ns() >= deadline_ns)
            return error_set(error, -ETIMEDOUT, "no answer came in time");
    }
}

/* Whether something comes from there, or nothing will any more. */
static bool says_something(const struct channel *channel) {
    struct pollfd waiting = {.fd = channel->from, .events = POLLIN};

    return poll(&waiting, 1, 0) > 0;
}

/* The bundle, as its reader takes it. Nobody speaks before it has come: who does is no agent, which shows
 * then. */
static int bring(struct channel *channel, const struct bundle *bundle, uint64_t deadline_ns,
                 struct vms_error *error) {
    size_t done = 0;
    int status = 0;

    while (status == 0 && done < bundle->size) {
        size_t part = bundle->size - done < PIPE_BUF ? bundle->size - done : PIPE_BUF;
        ssize_t written;

        status = await(channel, channel->to, POLLOUT, clock_now_ns() + BRING_TICK_NS, error);
        if (says_something(channel))
            return 0;
        if (status == -ETIMEDOUT && clock_now_ns() < deadline_ns) {
            status = 0;
            continue;
        }
        if (status < 0)
            return status == -ECONNRESET ? cut(channel, error) : status;
        written = write(channel->to, bundle->bytes + done, part);
        if (written < 0 && errno != EAGAIN && errno != EINTR)
            return cut(channel, error);
        done += written > 0 ? (size_t)written : 0;
    }
    return status;
}

/* Brings a bundle that is to stay where it is not there yet. */
static int bring_unless_found(struct channel *channel, const struct bundle *bundle, uint64_t deadline_ns,
                              struct vms_error *error) {
    int status = await(channel, channel->from, POLLIN, deadline_ns, error);
    char said = '\0';

    if (status < 0)
        return status == -ECONNRESET ? cut(channel, error) : status;
    if (read(channel->from, &said, 1) != 1)
        return cut(channel, error);
    if (said == CHANNEL_WANTED)
        return bring(channel, bundle, deadline_ns, error);
    return said == CHANNEL_FOUND ? 0 : error_set(error, -EPROTO, NO_AGENT);
}

static int greet(struct channel *channel, uint64_t deadline_ns, struct vms_error *error) {
    enum agent_type type = AGENT_ERROR;
    json_auto_t *hello = NULL;
    int status = channel_receive(channel, deadline_ns, &type, &hello, error);

    if (status < 0)
        return status;
    if (type != AGENT_HELLO)
        return error_set(error, -EPROTO, NO_AGENT);
    if (strcmp(agent_text(hello, "version"), VMSUITE_VERSION) != 0 ||
        agent_whole(hello, "protocol") != AGENT_PROTOCOL)
        return error_set(
            error, -EPROTO,
            "the agent there is version %.40s of vmsuite (protocol %u), and this is version " VMSUITE_VERSION
            " (protocol %d): install the same version there",
            agent_text(hello, "version"), agent_whole(hello, "protocol"), AGENT_PROTOCOL);
    return 0;
}

int channel_open(const struct place *place, const struct bundle *bundle, struct channel *channel,
                 struct vms_error *error) {
    uint64_t deadline_ns = clock_now_ns() + (channel->guest ? BOOT_NS : BEGIN_NS);
    struct argv command = {0};
    int status = channel_command(place, bundle, &command, error);

    channel->to = channel->from = channel->output = -1;
    if (status == 0 && channel->guest) {
        status = driven_guest_prepare(channel->guest, &command, error);
        if (status == 0)
            status = channel_find_program(&command, error);
    }
    if (status == 0)
        status = limits_make(place, &channel->limits, error);
    if (status == 0)
        status = channel_start(&command, channel, error);
    argv_done(&command);
    if (status == 0 && channel->guest)
        driven_guest_started(channel->guest, channel->keeper.kept);
    if (status == 0 && place->kind->carries)
        status = (bundle->is_kept ? bring_unless_found : bring)(channel, bundle, deadline_ns, error);
    if (status == 0)
        status = greet(channel, deadline_ns, error);
    if (status == 0 && channel->guest)
        status = driven_guest_answered(channel->guest, error);
    /* A guest that is given up before it has answered has no agent that would end it. */
    channel->broken = status == -EPROTO || (status < 0 && channel->guest);
    return status;
}

bool channel_freeze(struct channel *channel) {
    if (channel->guest && !channel->is_frozen)
        channel->is_frozen = driven_guest_hold(channel->guest, true);
    if (channel->limits.freezer && !channel->is_frozen) {
        channel->is_frozen = limits_freeze(&channel->limits, true);
        if (!channel->is_frozen)
            (void)limits_freeze(&channel->limits, false);
    }
    return channel->is_frozen;
}

static void wake(struct channel *channel) {
    if (channel->is_frozen && channel->guest)
        (void)driven_guest_hold(channel->guest, false);
    else if (channel->is_frozen)
        (void)limits_freeze(&channel->limits, false);
    channel->is_frozen = false;
}

int channel_send(struct channel *channel, json_t *message, struct vms_error *error) {
    int status;

    wake(channel);
    status = frame_send_json(&channel->stream, message, clock_now_ns() + SEND_NS, error);
    json_decref(message);
    return status == -ECONNRESET ? cut(channel, error) : status;
}

int channel_receive(struct channel *channel, uint64_t deadline_ns, enum agent_type *ret_type,
                    json_t **ret_message, struct vms_error *error) {
    json_auto_t *message = NULL;
    enum agent_type type = AGENT_ERROR;
    struct vms_error reason;
    int status;

    do { /* whatever part of the frame is there is kept */
        reason.text[0] = '\0';
        status = await(channel, channel->from, POLLIN, deadline_ns, &reason);
        if (status == 0)
            status = frame_receive_json(&channel->stream, &message, 0, &reason);
    } while (status == -ETIMEDOUT && clock_now_ns() < deadline_ns);
    if (status == -ECONNRESET)
        return cut(channel, error);
    if (status < 0 && status != -ECANCELED)
        return error_set(error, status, "%s", reason.text[0] ? reason.text : "no answer came in time");
    if (status == 0)
        status = agent_message_check(message, AGENT_FROM_AGENT, &type, error);
    channel->broken |= status < 0;
    if (status < 0)
        return status;
    if (type == AGENT_ERROR)
        return error_set(error, -EREMOTEIO, "the agent there: %.400s", agent_text(message, "text"));
    *ret_type = type;
    *ret_message = TAKE(message);
    return 0;
}

/* Waits until the command has ended and everybody behind it has let go of the channel: who tidies up there
 * still holds it. What still comes is read and dropped. */
static void await_end(struct channel *channel) {
    /* Nothing of a guest stays but the record, which an interrupted run has no use for. */
    bool is_short = channel->broken || (channel->guest && signals_count() > 0);
    uint64_t deadline_ns = clock_now_ns() + (is_short ? BROKEN_NS : END_NS);
    int link = channel->keeper.link;
    char buffer[4096];

    while (clock_now_ns() < deadline_ns && signals_count() < 2 && (link >= 0 || channel->from >= 0)) {
        struct pollfd waiting[] = {{.fd = channel->from, .events = POLLIN},
                                   {.fd = channel->output, .events = POLLIN},
                                   {.fd = link, .events = POLLIN}};

        if (wait_poll(waiting, 3, deadline_ns, NULL) <= 0)
            continue;
        if (waiting[2].revents)
            link = -1;
        if (waiting[1].revents)
            drain(channel);
        if (waiting[0].revents && read(channel->from, buffer, sizeof(buffer)) <= 0)
            channel_close_ends(&channel->from, 1);
    }
}

void channel_close(struct channel *channel) {
    wake(channel);
    if (channel->keeper.pid > 0) {
        channel_close_ends(&channel->to, 1);
        await_end(channel);
        keeper_done(&channel->keeper);
        channel_close_ends(&channel->from, 1);
        channel_close_ends(&channel->output, 1);
        frame_stream_done(&channel->stream);
    }
    limits_done(&channel->limits);
    if (channel->guest)
        driven_guest_end(channel->guest);
    *channel = (struct channel){.to = -1,
                                .from = -1,
                                .output = -1,
                                .tick = channel->tick,
                                .context = channel->context,
                                .guest = channel->guest};
}
