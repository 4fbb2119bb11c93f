/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The peer's half of one trial: the module's `serve` in a process of its own, joined to its session by a
 * socket pair. */
#ifndef VMSUITE_RUNNER_PEER_SERVER_TRIAL_H
#define VMSUITE_RUNNER_PEER_SERVER_TRIAL_H

#include "children/keeper.h"
#include "peer/wire/message.h"

#include <sys/types.h>
#include <vmsuite/module.h>

#define TRIAL_GRACE_S 5.0 /* after should_stop became true, until the process is killed */

struct trial_process {
    struct keeper keeper; /* its pid is 0 where no trial runs */
    int fd; /* non-blocking; readable when a message waits; the session's end of the socket pair */
};

/* What a trial needs beside the module's functions. */
struct trial_setup {
    const struct vms_module *module;
    const union vms_value *values;
    uint64_t seed;
    struct sockaddr_storage peer, address;
    uint8_t cookie[VMS_COOKIE_SIZE];
    double limit_s;
    uint64_t memory; /* bytes that were promised to it */
};

/* Starts the process, which inherits none of the session's descriptors. */
int trial_start(const struct trial_setup *setup, struct trial_process *ret_trial, struct vms_error *error);

/* Whether there is a process that has not been waited for. */
bool trial_runs(const struct trial_process *trial);

/* Passes a message to the module. 0; -EAGAIN while it has too many unread; -EPIPE once it has ended. */
int trial_put(const struct trial_process *trial, const void *message, size_t length);

/* How a trial ended. */
struct trial_end {
    enum message_ending ending;
    struct vms_error text;
};

/* Takes what the process has said next, or that it has ended (the keeper's link is readable then). 1: a
 * module's message, of *ret_length bytes in `buffer` (of VMS_MESSAGE_MAX bytes); 0: it has ended, as *ret_end
 * says, and is waited for; -EAGAIN: nothing yet. */
int trial_take(struct trial_process *trial, void *buffer, size_t *ret_length, struct trial_end *ret_end);

/* Kills the process and all that it started, and closes the socket; nothing where that was done already. */
void trial_kill(struct trial_process *trial);

#endif
