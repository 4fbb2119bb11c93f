/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record/identity/identity_index.h"

#include "record/text/hash.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS_FIRST 64

/* Numbers that are equal have one hash: 0 and -0, too. */
static uint64_t hash_real(uint64_t hash, double number) {
    uint64_t bits;

    number = number == 0 ? 0 : number;
    memcpy(&bits, &number, sizeof(bits));
    return hash_number(hash, bits);
}

static uint64_t hash_param(const struct view_param *param) {
    uint64_t hash = hash_number(hash_text(HASH_START, param->name), param->value.kind);

    return param->value.kind == VIEW_REAL ? hash_real(hash, param->value.number)
                                          : hash_text(hash, param->value.text);
}

/* Parameters and facts are added up, as their order says nothing. */
static uint64_t hash_of(const struct identity *identity) {
    const uint64_t numbers[] = {identity->resource, identity->workload_version, identity->warmup,
                                identity->neighbours};
    const char *const texts[] = {identity->group, identity->module, identity->path, identity->cpus};
    uint64_t hash = HASH_START;

    for (size_t i = 0; i < VMS_LENGTH(texts); i++)
        hash = hash_number(hash_text(hash, texts[i]), numbers[i]);
    for (size_t i = 0; i < identity->n_params; i++)
        hash += hash_param(&identity->params[i]);
    for (size_t i = 0; i < identity->n_facts; i++)
        hash += hash_text(hash_text(HASH_START, identity->facts[i].key), identity->facts[i].value);
    return hash_number(HASH_START, hash);
}

/* The slot of the identity, or the empty one where it belongs. There are slots, and not all are taken. */
static struct identity_slot *find_slot(const struct identity_index *index, const struct identity *identity,
                                       uint64_t hash) {
    size_t at = hash & (index->n_slots - 1);

    while (index->slots[at].identity &&
           (index->slots[at].hash != hash || !identity_is_same(index->slots[at].identity, identity)))
        at = (at + 1) & (index->n_slots - 1);
    return &index->slots[at];
}

size_t identity_index_find(const struct identity_index *index, const struct identity *identity) {
    const struct identity_slot *slot = index->n > 0 ? find_slot(index, identity, hash_of(identity)) : NULL;

    return slot && slot->identity ? slot->number : SIZE_MAX;
}

static int grow(struct identity_index *index) {
    struct identity_index grown = {.n_slots = index->n_slots ? 2 * index->n_slots : SLOTS_FIRST,
                                   .n = index->n};

    grown.slots = calloc(grown.n_slots, sizeof(*grown.slots));
    if (!grown.slots)
        return -ENOMEM;
    for (size_t i = 0; i < index->n_slots; i++) {
        size_t at = index->slots[i].hash & (grown.n_slots - 1);

        if (!index->slots[i].identity)
            continue;
        while (grown.slots[at].identity)
            at = (at + 1) & (grown.n_slots - 1);
        grown.slots[at] = index->slots[i];
    }
    free(index->slots);
    *index = grown;
    return 0;
}

int identity_index_add(struct identity_index *index, const struct identity *identity, size_t number) {
    uint64_t hash = hash_of(identity);

    if (2 * index->n >= index->n_slots && grow(index) < 0)
        return -ENOMEM;
    *find_slot(index, identity, hash) = (struct identity_slot){hash, identity, number};
    index->n++;
    return 0;
}

void identity_index_done(struct identity_index *index) {
    free(index->slots);
    *index = (struct identity_index){0};
}
