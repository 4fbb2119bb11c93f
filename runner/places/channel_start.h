/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How the command that leads to a place begins. */
#ifndef VMSUITE_RUNNER_PLACES_CHANNEL_START_H
#define VMSUITE_RUNNER_PLACES_CHANNEL_START_H

#include "places/channel.h"

/* What the place says before the bundle is brought that is to stay there: that it is wanted, or there. */
#define CHANNEL_WANTED '+'
#define CHANNEL_FOUND '-'

/* The command's first word becomes a path. -ENOENT with a sentence: there is no such program. */
int channel_find_program(struct argv *command, struct vms_error *error);

/* Starts the command, below a keeper, in the limits that the channel has; its pipes are the channel's then.
 * -errno with a sentence. */
int channel_start(const struct argv *command, struct channel *channel, struct vms_error *error);

/* Closes those of the descriptors that are open, and makes them -1. */
void channel_close_ends(int *fds, size_t n);

#endif
