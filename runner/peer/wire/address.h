/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a peer is. */
#ifndef VMSUITE_RUNNER_PEER_WIRE_ADDRESS_H
#define VMSUITE_RUNNER_PEER_WIRE_ADDRESS_H

#include "peer/wire/token.h"

#include <sys/types.h>

#define PEER_PORT 7411
#define PEER_HOST_SIZE 256

struct peer_address {
    char host[PEER_HOST_SIZE]; /* name or numeric address, IPv4 or IPv6 */
    uint16_t port;
    struct token token;
    pid_t pid; /* of a peer that this run has started itself, else 0 */
};

/* Whether `text` can be a host: a name or a bare address. -EINVAL with a sentence that says how it has to be
 * written: without port, brackets, prefix length, and a link-local one with its interface. Nothing is looked
 * up. */
int peer_address_check(const char *text, struct vms_error *error);

#endif
