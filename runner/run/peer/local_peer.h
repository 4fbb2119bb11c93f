/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The peer that a run starts on loopback where its configuration names none. */
#ifndef VMSUITE_RUNNER_RUN_PEER_LOCAL_PEER_H
#define VMSUITE_RUNNER_RUN_PEER_LOCAL_PEER_H

#include "children/keeper.h"
#include "module/loader.h"
#include "peer/client/client.h"

struct local_peer {
    struct keeper keeper;
    struct vms_error *reason; /* shared with it: why it gave up; owned */
};

/* Starts it on a free port with a random token, and fills in how to reach it. */
int local_peer_start(const struct module_list *modules, struct local_peer *ret_peer,
                     struct peer_address *ret_address, struct vms_error *error);

/* The same with a token and on an address of the caller's. */
int local_peer_start_with(const struct module_list *modules, const struct token *token, const char *bind,
                          struct local_peer *ret_peer, struct peer_address *ret_address,
                          struct vms_error *error);

/* Whether it has ended by itself, with why as a sentence. */
bool local_peer_has_ended(const struct local_peer *peer, struct vms_error *error);

/* Ends it; accepts one that was never started. */
void local_peer_end(struct local_peer *peer);

#endif
