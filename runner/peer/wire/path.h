/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What one end of a session knows about the path to the other end. */
#ifndef VMSUITE_RUNNER_PEER_WIRE_PATH_H
#define VMSUITE_RUNNER_PEER_WIRE_PATH_H

#include "peer/wire/net.h"

struct peer_path {
    bool local;         /* the other end is on this machine */
    int mtu;            /* bytes of the largest packet that the path takes; 0: unknown */
    char interface[32]; /* this and what follows: "" where it is unknown */
    char driver[32];
    char offloads[256];
    /* the ends' addresses, as this end sees them */
    char own[NET_ADDRESS_SIZE], other[NET_ADDRESS_SIZE];
};

/* Reads it for a connected socket. What cannot be determined stays empty. */
void peer_path_read(int fd, struct peer_path *ret_path);

/* The kind of the path that a connection to `host` will take, as the kernel routes it; nothing is sent but
 * what finding the name's addresses takes. Where one of them is this machine's own, all are taken to be.
 * NULL: no address or no way. */
const char *peer_path_foresee(const char *host, uint16_t port);

/* "loopback" or "network". Static. */
const char *peer_path_kind(const struct peer_path *path);

/* Whether what is between the two ends shows one of them another address than the other has: packets of the
 * one are none of the other's then, or have been rewritten. False where an address is unknown. */
bool peer_path_is_translated(const struct peer_path *here, const struct peer_path *there);

#endif
