/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shaking hands with the peer before the first case: an address, token or module that is wrong costs no
 * measuring. */
#ifndef VMSUITE_RUNNER_RUN_PEER_MEET_PEER_H
#define VMSUITE_RUNNER_RUN_PEER_MEET_PEER_H

#include "module/outcome.h"
#include "run/peer/local_peer.h"

/* Opens and closes a session for each two-sided module that some case uses: address, token, versions and the
 * module's presence there. The address that answered takes the place of the name in `address`, so that the
 * cases need not look for it again. Errors as peer_client_open, except for parameters, which concern their
 * case alone; the sentence says which peer and module, or why our own peer is gone. */
int meet_peer(const struct outcome_run *run, const struct local_peer *local_peer,
              struct peer_address *address, struct vms_error *error);

#endif
