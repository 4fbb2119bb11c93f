/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The peer that a run starts on loopback where its configuration names none. */
#ifndef VMSUITE_RUNNER_RUN_LOCAL_PEER_H
#define VMSUITE_RUNNER_RUN_LOCAL_PEER_H

#include "module/loader.h"
#include "peer/client.h"

struct local_peer {
    pid_t pid; /* 0: none */
};

/* Starts it on a free port with a random token, and fills in how to reach it. */
int local_peer_start(const struct module_list *modules, struct local_peer *ret_peer,
                     struct peer_address *ret_address, struct vms_error *error);

/* The same with a token and on an address of the caller's. */
int local_peer_start_with(const struct module_list *modules, const struct token *token, const char *bind,
                          struct local_peer *ret_peer, struct peer_address *ret_address,
                          struct vms_error *error);

/* Ends it; takes one that never was. */
void local_peer_end(struct local_peer *peer);

#endif
