/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Clients that have not proved yet that they know the token. They have slots of their own, so that they keep
 * out nobody who has; where these are full, one of them is dropped for the newcomer. */
#ifndef VMSUITE_RUNNER_PEER_SERVER_STRANGERS_H
#define VMSUITE_RUNNER_PEER_SERVER_STRANGERS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define STRANGERS_MAX 64

/* The network that a client is from: an IPv4 address, or the first 64 bits of an IPv6 one, which are one
 * customer's. */
struct stranger_source {
    uint8_t bytes[8];
};

struct stranger {
    struct stranger_source source;
    uint64_t since_ns;
};

/* The network that the address is in. */
struct stranger_source stranger_source(const struct sockaddr_storage *client);

/* Which of `n` strangers (0 < n <= STRANGERS_MAX) is dropped: one of those from the source that has most of
 * them, or from all such sources, and of these one of the older half, by `chance` (any number): so that a
 * crowd from one place crowds out itself, one from as many places as there are strangers lets each stay for a
 * while, and nobody can time an arrival to outlast the others. An index. */
size_t stranger_to_drop(const struct stranger *strangers, size_t n, uint32_t chance);

#endif
