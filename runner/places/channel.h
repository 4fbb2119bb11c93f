/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The way to a place while it is used: a command that leads there, an agent at its end, and messages
 * between. */
#ifndef VMSUITE_RUNNER_PLACES_CHANNEL_H
#define VMSUITE_RUNNER_PLACES_CHANNEL_H

#include "agent/agent_message.h"
#include "children/keeper.h"
#include "guest/driven/driven_guest.h"
#include "peer/wire/frame.h"
#include "places/bundle/bundle.h"
#include "places/kinds/limits.h"
#include "places/kinds/place.h"

#define CHANNEL_WORDS_SIZE 400

struct channel {
    struct keeper keeper; /* of the command; its pid is 0 where there is none */
    int to, from, output; /* the agent's input and output; what the command prints on stderr */
    struct frame_stream stream;
    struct limits limits;
    bool is_frozen;                 /* until the next message is sent */
    uint64_t stopped_ns;            /* when what is there said that it stops; 0: it did not */
    bool broken;                    /* what came is no message: nothing that follows is waited for */
    char words[CHANNEL_WORDS_SIZE]; /* the end of what was printed */
    /* Lets the clock on the terminal go on: milliseconds until it is to be called again, -1: never. NULL:
     * none. */
    int (*tick)(void *context);
    void *context;
    struct driven_guest *guest; /* borrowed: what is at the other end; NULL: no guest */
};

/* The command that starts an agent at a place, for people, too. The words are those of an argument array. */
int channel_command(const struct place *place, const struct bundle *bundle, struct argv *ret_command,
                    struct vms_error *error);

/* Starts it, or boots channel->guest, brings the bundle where the place's kind wants one, and waits for an
 * agent of our version. -errno with a sentence: -EPROTO another version, or no agent at all. The caller frees
 * with channel_close, also after a failure. */
int channel_open(const struct place *place, const struct bundle *bundle, struct channel *channel,
                 struct vms_error *error);

/* Sends a message, which it takes over, and waits for the next one. -ECANCELED: a signal has come.
 * -ETIMEDOUT. -ECONNRESET: the way is cut, with what is known of the reason. -EPROTO: what came is no
 * message. -EREMOTEIO: the agent refused, with its sentence. */
int channel_send(struct channel *channel, json_t *message, struct vms_error *error);
int channel_receive(struct channel *channel, uint64_t deadline_ns, enum agent_type *ret_type,
                    json_t **ret_message, struct vms_error *error);

/* Holds what is at the other end still until the next message is sent. False where it cannot be. */
bool channel_freeze(struct channel *channel);

/* Ends the agent's input, gives the command some seconds to end in order, unless it broke the rules, and
 * kills what is left of it here. Accepts one that was never opened. What was set before it was opened stays:
 * tick, context and guest. */
void channel_close(struct channel *channel);

#endif
