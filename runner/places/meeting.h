/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the places' network cases find their other end: a peer that is started at a place of its own, or the
 * one that the configuration names. */
#ifndef VMSUITE_RUNNER_PLACES_MEETING_H
#define VMSUITE_RUNNER_PLACES_MEETING_H

#include "peer/wire/address.h"
#include "places/channel.h"

struct meeting {
    struct channel channel;     /* to the peer's place */
    struct driven_guest *guest; /* that it is; NULL: it is none */
    json_t *peer;               /* as "open" has it (agent_message.h); NULL: each place starts its own */
};

/* Starts a peer at the place (a guest on a bridge, where it is one), with a token that is made for it and
 * known to the agents alone. As channel_open. */
int meeting_at_place(const struct place *place, const struct bundle *bundle, struct meeting *meeting,
                     struct vms_error *error);

/* Takes a peer that is there. -ENOMEM. */
int meeting_at_address(const struct peer_address *address, struct meeting *meeting);

/* A peer as "open" has it: its addresses, which are taken over. NULL without memory. */
json_t *meeting_new_peer(json_t *hosts, unsigned port, const struct token *token);

void meeting_end(struct meeting *meeting);

#endif
