/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fleet/fleet_units.h"

#include "base/error.h"
#include "base/text.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAIR_FORM "%s+%s" /* no node's name has a "+" */

static char *new_pair(const char *first, const char *second) {
    return text_new(PAIR_FORM, first, second);
}

/* A node by itself. */
static void fill_node(struct fleet_unit *unit, const char *node) {
    *unit = (struct fleet_unit){.name = strdup(node), .host = strdup(node), .node = node};
}

/* One direction of a pair. */
static void fill_direction(struct fleet_unit *unit, const char *const pair[static 2], size_t client) {
    *unit = (struct fleet_unit){.name = new_pair(pair[client], pair[1 - client]),
                                .host = new_pair(pair[0], pair[1]),
                                .node = pair[client],
                                .partner = pair[1 - client]};
}

int fleet_units_make(char *const *nodes, size_t n_nodes, bool pairs, struct fleet_unit **ret_units,
                     struct vms_error *error) {
    struct fleet_unit *units;
    bool failed = false;

    if (pairs && n_nodes % 2 != 0)
        return error_set(error, -EINVAL,
                         "pairs take an even number of nodes: %s, the last of %zu, has no partner",
                         n_nodes > 0 ? nodes[n_nodes - 1] : "none", n_nodes);
    units = calloc(n_nodes + 1, sizeof(*units));
    if (!units)
        return error_memory(error);
    for (size_t i = 0; i < n_nodes; i++) {
        const char *const pair[] = {nodes[i - i % 2], nodes[pairs ? i - i % 2 + 1 : i]};

        if (pairs)
            fill_direction(&units[i], pair, i % 2);
        else
            fill_node(&units[i], nodes[i]);
        failed |= !units[i].name || !units[i].host;
    }
    if (failed) {
        fleet_units_free(units, n_nodes);
        return error_memory(error);
    }
    *ret_units = units;
    return 0;
}

void fleet_units_free(struct fleet_unit *units, size_t n_units) {
    for (size_t i = 0; units && i < n_units; i++) {
        free(units[i].name);
        free(units[i].host);
    }
    free(units);
}
