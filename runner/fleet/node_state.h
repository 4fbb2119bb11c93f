/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How far each unit of a fleet is: a node, or a direction of a pair. */
#ifndef VMSUITE_RUNNER_FLEET_NODE_STATE_H
#define VMSUITE_RUNNER_FLEET_NODE_STATE_H

#include "fleet/fleet_folder.h"

enum node_phase {
    NODE_MISSING, /* nothing was submitted for it */
    NODE_WAITING,
    NODE_RUNNING,
    NODE_DONE,   /* its record is whole */
    NODE_FAILED, /* its run ended without a record that can be used */
    NODE_LOST,   /* the node, or its job, is gone */
};

#define NODE_WORDS_SIZE 320

struct node_state {
    enum node_phase phase;
    uint64_t job;                /* 0: none */
    bool is_noted;               /* the job, in the folder; else the queue alone tells of it */
    char words[NODE_WORDS_SIZE]; /* why, or what it waits for; "" */
    char *record;                /* owned: of a node that is done */
};

/* "waiting", ...; NULL behind the last. */
const char *node_phase_name(size_t phase);

/* Looks at a unit: its record, which is checked as a stranger's is, the queue, and what its job left. -errno
 * with a sentence where that cannot be read. The caller frees with node_state_done. */
int node_state_read(const struct fleet_folder *folder, const struct fleet_unit *unit,
                    const struct slurm_queue *queue, struct node_state *ret_state, struct vms_error *error);
void node_state_done(struct node_state *state);

#endif
