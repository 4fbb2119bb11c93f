/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "compare/effects/nearest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PARAMETER 4 /* other parameters make another case; other settings are the same case done otherwise */

/* How far two cases of one group and module are from being the same work. */
static size_t count_changes(const struct identity *a, const struct identity *b) {
    size_t n = 0;

    for (size_t i = 0; i < a->n_params; i++) {
        const struct view_value *value = identity_find_param(b, a->params[i].name);

        n += !value || !view_is_same_value(&a->params[i].value, value);
    }
    for (size_t i = 0; i < b->n_params; i++)
        n += !identity_find_param(a, b->params[i].name);
    return PARAMETER * n + (a->workload_version != b->workload_version) + (strcmp(a->path, b->path) != 0) +
           (a->warmup != b->warmup) + (strcmp(a->cpus, b->cpus) != 0) + (a->neighbours != b->neighbours) +
           !identity_has_same_facts(a, b);
}

/* What a case has in common with others: group, module, and parameters if they are wanted. */
static struct identity key_of(const struct identity *identity, bool params) {
    return (struct identity){.group = identity->group,
                             .module = identity->module,
                             .path = "",
                             .cpus = "",
                             .params = params ? identity->params : NULL,
                             .n_params = params ? identity->n_params : 0};
}

static int chain_init(struct nearest_chain *chain, const struct collected_side *side, bool params) {
    size_t *last = calloc(side->n_subjects + 1, sizeof(*last)); /* of each first one's chain */
    int status = 0;

    chain->keys = calloc(side->n_subjects + 1, sizeof(*chain->keys));
    chain->next = calloc(side->n_subjects + 1, sizeof(*chain->next));
    if (!last || !chain->keys || !chain->next)
        status = -ENOMEM;
    for (size_t i = 0; status == 0 && i < side->n_subjects; i++) {
        size_t first;

        if (side->subjects[i].paired)
            continue;
        chain->keys[i] = key_of(side->subjects[i].identity, params);
        chain->next[i] = SIZE_MAX;
        first = identity_index_find(&chain->index, &chain->keys[i]);
        if (first == SIZE_MAX) {
            status = identity_index_add(&chain->index, &chain->keys[i], i);
            last[i] = i;
        } else {
            chain->next[last[first]] = i;
            last[first] = i;
        }
    }
    free(last);
    return status;
}

static void chain_done(struct nearest_chain *chain) {
    free(chain->keys);
    free(chain->next);
    identity_index_done(&chain->index);
}

int nearest_init(struct nearest *nearest, struct collected_side *side) {
    int status;

    *nearest = (struct nearest){.side = side};
    status = chain_init(&nearest->alike, side, true);
    return status < 0 ? status : chain_init(&nearest->kin, side, false);
}

void nearest_done(struct nearest *nearest) {
    chain_done(&nearest->alike);
    chain_done(&nearest->kin);
}

/* The first subject of the key's chain that is not paired, behind `before` where that is not SIZE_MAX. Those
 * that are paired leave the chain, so that each is passed over once. */
static size_t next_open(struct nearest *nearest, struct nearest_chain *chain, const struct identity *key,
                        size_t before) {
    size_t at = before == SIZE_MAX ? identity_index_find(&chain->index, key) : chain->next[before];

    if (before == SIZE_MAX && at != SIZE_MAX && nearest->side->subjects[at].paired) {
        before = at;
        at = chain->next[at];
    }
    while (at != SIZE_MAX && nearest->side->subjects[at].paired)
        at = chain->next[at];
    if (before != SIZE_MAX)
        chain->next[before] = at;
    return at;
}

/* The first that differs least, or by `enough` at the most. */
static size_t least_of(struct nearest *nearest, struct nearest_chain *chain, bool params, size_t enough,
                       const struct identity *identity, size_t *ret_least) {
    const struct identity key = key_of(identity, params);
    size_t found = SIZE_MAX, at = SIZE_MAX;

    *ret_least = SIZE_MAX;
    while (*ret_least > enough && (at = next_open(nearest, chain, &key, at)) != SIZE_MAX) {
        size_t changes = count_changes(identity, nearest->side->subjects[at].identity);

        if (changes < *ret_least) {
            *ret_least = changes;
            found = at;
        }
    }
    return found;
}

/* Where none of the same parameters is nearer than another parameter, nothing is nearer than that. */
struct subject *nearest_find(struct nearest *nearest, const struct identity *identity) {
    size_t least, found = least_of(nearest, &nearest->alike, true, 0, identity, &least);

    if (least >= PARAMETER)
        found = least_of(nearest, &nearest->kin, false, PARAMETER, identity, &least);
    return found == SIZE_MAX ? NULL : &nearest->side->subjects[found];
}
