/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cases by what they are: finds the one that is the same work without a look at all of them. */
#ifndef VMSUITE_RESULTS_RECORD_IDENTITY_IDENTITY_INDEX_H
#define VMSUITE_RESULTS_RECORD_IDENTITY_IDENTITY_INDEX_H

#include "record/identity/identity.h"

#include <stdint.h>

struct identity_slot {
    uint64_t hash;
    const struct identity *identity; /* borrowed; NULL: empty */
    size_t number;
};

/* Zeroed: empty. */
struct identity_index {
    struct identity_slot *slots; /* owned; a power of two, of which at most half are taken */
    size_t n_slots, n;
};

/* The number of the case that is the same work (identity_is_same), SIZE_MAX where there is none. */
size_t identity_index_find(const struct identity_index *index, const struct identity *identity);
/* Adds a case that is not there yet; its identity stays until identity_index_done. -ENOMEM. */
int identity_index_add(struct identity_index *index, const struct identity *identity, size_t number);
void identity_index_done(struct identity_index *index);

#endif
