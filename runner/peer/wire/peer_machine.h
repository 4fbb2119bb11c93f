/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a peer says of the machine that it is on: whether that is the client's, too, and how the peer shares
 * its processors with others. */
#ifndef VMSUITE_RUNNER_PEER_WIRE_PEER_MACHINE_H
#define VMSUITE_RUNNER_PEER_WIRE_PEER_MACHINE_H

#include "module/outcome.h"
#include "source/cgroup.h"

#include <jansson.h>
#include <stdbool.h>

struct peer_machine {
    char boot[40]; /* the kernel's name of its boot; this and the group: "" where it is unknown */
    char cpu_group[OUTCOME_FACT_SIZE]; /* by which it shares processor time: as in struct cgroup_share */
    char cpu_group_id[CGROUP_ID_SIZE]; /* as there */
    double cpu_weight; /* of that group, as there; 0: unknown, or the root's, which has none */
};

/* Reads it for this process. */
void peer_machine_read(struct peer_machine *ret_machine);

/* As the message "opened" has it. NULL without memory. */
json_t *peer_machine_new_json(const struct peer_machine *machine);

/* -EPROTO: it is malformed. */
int peer_machine_take(const json_t *json, struct peer_machine *ret_machine);

/* Whether both are known to be one machine in one boot, */
bool peer_machine_is_same(const struct peer_machine *a, const struct peer_machine *b);

/* and not to share its processors by one control group. */
bool peer_machine_is_apart(const struct peer_machine *a, const struct peer_machine *b);

#endif
