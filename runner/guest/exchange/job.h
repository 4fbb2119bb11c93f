/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a guest is to do: an archive with /job, joined to the appliance's. */
#ifndef VMSUITE_RUNNER_GUEST_EXCHANGE_JOB_H
#define VMSUITE_RUNNER_GUEST_EXCHANGE_JOB_H

#include "documents/configuration.h"
#include "guest/appliance/archive.h"

/* How the guest's own network card is set up, and where the host is in QEMU's user network. */
#define JOB_ADDRESS "10.0.2.15/24"
#define JOB_HOST "10.0.2.2"
/* The machine between the two, where an emulated host's guest is measured against a peer there; on a bare
 * one, the network of its own that the peer runs in. */
#define JOB_HYPERVISOR "10.0.2.1"

struct job {
    const struct configuration *configuration;
    const uint64_t *seed;      /* NULL: the suite's, or drawn in the guest */
    const char *token_file;    /* of the peer; NULL: no peer outside the guest */
    const char *peer_address;  /* where the peer is: JOB_HOST, JOB_HYPERVISOR, or the bridge's */
    const char *guest_address; /* the guest's, "A.B.C.D/N"; NULL: JOB_ADDRESS */
    uint16_t peer_port;
    bool serves;      /* the guest is the peer, and measures nothing */
    bool peer_beside; /* the guest starts the peer itself, in a network of its own */
    bool ramdisk;     /* the guest copies its scratch disk into memory first */
    bool allow_mismatch;
    bool quiet;           /* nobody reads what the guest would say of its cases */
    unsigned disks;       /* that the guest has to wait for */
    unsigned retry_noisy; /* how often it measures a noisy trial again */
    uint64_t least;       /* bytes that the archive has at least */
};

/* Writes the archive to `path`. The guest gets the configuration without what is this host's: its guest,
 * peer, places and goal; the suite as resolved, and the peer. */
int job_write(const struct job *job, const char *path, struct vms_error *error);

#endif
