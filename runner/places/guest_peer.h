/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The other end of network cases of a guest: beside it on this machine, as in a study. */
#ifndef VMSUITE_RUNNER_PLACES_GUEST_PEER_H
#define VMSUITE_RUNNER_PLACES_GUEST_PEER_H

#include "guest/launchers/guest_settings.h"
#include "run/peer/local_peer.h"

#include <jansson.h>

/* Starts a peer that only this machine and the guest can reach. `ret_json`: where the guest finds it, as
 * "open" has it (agent_message.h), or NULL where the guest has no network. -errno with a sentence. */
int guest_peer_start(const struct guest_settings *settings, const struct module_list *modules,
                     struct local_peer *ret_peer, json_t **ret_json, struct vms_error *error);

/* A peer as the guest finds it: what is on loopback here has another address there. NULL without memory. */
json_t *guest_peer_seen(const struct guest_settings *settings, const json_t *peer);

#endif
