/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The guest's end of a bridge that the user has made. */
#ifndef VMSUITE_RUNNER_GUEST_LAUNCHERS_TAP_H
#define VMSUITE_RUNNER_GUEST_LAUNCHERS_TAP_H

#include <arpa/inet.h>
#include <vmsuite/module.h>

/* Makes a tap on the bridge with `queues` queues, and fills in a descriptor for each, which the caller
 * closes; -errno with a sentence. The kernel removes the tap when the last descriptor is closed, whatever
 * ends the processes that hold it. */
int tap_open(const char *bridge, unsigned queues, int *ret_fds, struct vms_error *error);

/* The bridge's own address in the network of the guest's ("A.B.C.D/N"): where the guest finds this host.
 * -EADDRNOTAVAIL with a sentence where it has none. */
int tap_host_address(const char *bridge, const char *guest, char ret_address[static INET_ADDRSTRLEN],
                     struct vms_error *error);

/* Whether a text is an address with the length of its network's prefix, "A.B.C.D/N". */
bool tap_is_address(const char *text);

#endif
