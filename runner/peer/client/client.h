/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The client's end of a session with a peer. One session serves one case; it lives in the case's process. */
#ifndef VMSUITE_RUNNER_PEER_CLIENT_CLIENT_H
#define VMSUITE_RUNNER_PEER_CLIENT_CLIENT_H

#include "peer/wire/address.h"
#include "peer/wire/path.h"
#include "stats/clock_offset.h"

#include <vmsuite/module.h>

struct peer_client; /* one session */

/* What is to be run together with the peer. All borrowed. */
struct peer_work {
    const struct vms_module *module;
    char *const *texts; /* of its parameters, one each, as a user would type them */
    uint64_t seed;
};

/* Connects, authenticates, and opens a session for the work. Refused by the peer: -EACCES (token), -ENOENT
 * (no such module there), -EPROTO (version), -EBUSY (too many sessions), -EINVAL (parameters), with the
 * peer's sentence. A peer that is busy, or hangs up before it knows us because strangers crowd it, is asked
 * again several times. */
int peer_client_open(const struct peer_address *address, const struct peer_work *work, uint64_t deadline_ns,
                     struct peer_client **ret_client, struct vms_error *error);

/* Puts the address that answered, as a number, in the place of the host's name. */
void peer_client_locate(const struct peer_client *client, struct peer_address *address);

/* Fills the host's peer, address, cookie, put and get. `host->context` must be a pointer whose first member
 * is the struct peer_client pointer. */
void peer_client_lend(struct peer_client *client, struct vms_host *host);

/* Asks the peer to run its half of one trial, with a limit on its duration; returns when it has begun. The
 * clocks are compared before that (some milliseconds), and while the trial runs (by a thread of its own, a
 * few times a second and then less often). */
int peer_client_begin(struct peer_client *client, double limit_s, struct vms_error *error);

/* Waits until the peer's half has ended; its error, if it failed, with its sentence: -EREMOTEIO (failed or
 * crashed), -ENOTSUP, -ETIMEDOUT, -ECONNRESET, or as the peer refuses. */
int peer_client_end(struct peer_client *client, uint64_t deadline_ns, struct vms_error *error);

/* How far the peer's clock was from ours, and how much faster it ran, during the last trial that has ended:
 * offset of CLOCK_REALTIME, rate of CLOCK_MONOTONIC. NaN where it is unknown. Valid until the next trial. */
const struct clock_offset *peer_client_clock(const struct peer_client *client);

/* The path to the peer as this end sees it, and as the peer reports it. Valid as long as the client is. */
const struct peer_path *peer_client_path(const struct peer_client *client);
const struct peer_path *peer_client_far_path(const struct peer_client *client);

/* The machine that the peer is on, as it reports that. Valid as long as the client is. */
const struct peer_machine *peer_client_far_machine(const struct peer_client *client);

/* Ends the session; takes NULL. */
void peer_client_close(struct peer_client *client);

#endif
