/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a guest is told to do: an archive with /job, joined to the appliance's. */
#ifndef VMSUITE_RUNNER_GUEST_JOB_H
#define VMSUITE_RUNNER_GUEST_JOB_H

#include "archive.h"
#include "configuration.h"

/* How the guest's own network card is set up, and where the host is in QEMU's user network. */
#define JOB_ADDRESS "10.0.2.15/24"
#define JOB_HOST "10.0.2.2"

struct job {
    const struct configuration *configuration;
    const uint64_t *seed;   /* NULL: the suite's, or drawn in the guest */
    const char *token_file; /* of the peer; NULL: no peer outside the guest */
    uint16_t port;          /* of the peer */
    unsigned disks;         /* that the guest has to wait for */
};

/* Writes the archive to `path`. The guest gets the configuration without "guest" and "peer", the suite as
 * resolved, and the peer at JOB_HOST. */
int job_write(const struct job *job, const char *path, struct vms_error *error);

#endif
