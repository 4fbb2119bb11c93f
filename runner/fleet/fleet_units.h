/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a fleet measures by a job each: a node, or one direction between the two nodes of a pair. */
#ifndef VMSUITE_RUNNER_FLEET_FLEET_UNITS_H
#define VMSUITE_RUNNER_FLEET_FLEET_UNITS_H

#include <stdbool.h>
#include <vmsuite/module.h>

struct fleet_unit {
    char *name; /* owned: of its files: the node's, or "CLIENT+SERVER" */
    char *host; /* owned: what it counts as where the fleet is compared: the node's, or for both directions of
                   a pair "FIRST+SECOND" */
    const char *node;    /* borrowed: that is measured; of a pair the client */
    const char *partner; /* borrowed: of a pair the server; NULL: it is a node by itself */
};

/* As many as there are nodes: each by itself, or the first with the second, the third with the fourth, in
 * both directions, so that no node is in two pairs. The nodes' names are borrowed. -EINVAL with a sentence
 * where a node has no partner. The caller frees with fleet_units_free. */
int fleet_units_make(char *const *nodes, size_t n_nodes, bool pairs, struct fleet_unit **ret_units,
                     struct vms_error *error);
void fleet_units_free(struct fleet_unit *units, size_t n_units);

#endif
