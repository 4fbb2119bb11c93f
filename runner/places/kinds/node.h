/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The names of a cluster's nodes, which become arguments of Slurm's tools and parts of paths. */
#ifndef VMSUITE_RUNNER_PLACES_KINDS_NODE_H
#define VMSUITE_RUNNER_PLACES_KINDS_NODE_H

#include <stdbool.h>

#define NODE_RULE "1 to 64 letters, digits, '.', '_' or '-', beginning with a letter or a digit"

/* Whether the text may be a node's name: as NODE_RULE says. */
bool node_is_name(const char *text);

#endif
