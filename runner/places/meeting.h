/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the places' network cases find their other end: a peer that is started at a place of its own, or the one that
 * the configuration names. */
#ifndef VMSUITE_RUNNER_PLACES_MEETING_H
#define VMSUITE_RUNNER_PLACES_MEETING_H

#include "peer/wire/address.h"
#include "places/channel.h"

struct meeting {
    struct channel channel; /* to the peer's place */
    json_t *peer;           /* as "open" has it (agent_message.h); NULL: each place starts its own */
};

/* Starts a peer at the place, with a token that is made for it and known to the agents alone. As channel_open. */
int meeting_at_place(const struct place *place, const struct bundle *bundle, struct meeting *meeting,
                     struct vms_error *error);

/* Takes a peer that is there. -ENOMEM. */
int meeting_at_address(const struct peer_address *address, struct meeting *meeting);

void meeting_end(struct meeting *meeting);

#endif
