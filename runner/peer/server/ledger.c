/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "peer/server/ledger.h"

#include <stdatomic.h>
#include <sys/mman.h>

struct entry {
    atomic_bool admitted;
    atomic_uint_fast64_t memory;
};

struct ledger {
    size_t size, n; /* of the mapping; entries */
    unsigned sessions_max;
    uint64_t memory_max;
    struct entry entries[];
};

struct ledger *ledger_new(size_t n, unsigned sessions_max, uint64_t memory_max) {
    size_t size = sizeof(struct ledger) + n * sizeof(struct entry);
    struct ledger *ledger = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (ledger == MAP_FAILED)
        return NULL;
    ledger->size = size;
    ledger->n = n;
    ledger->sessions_max = sessions_max;
    ledger->memory_max = memory_max;
    return ledger;
}

void ledger_free(struct ledger *ledger) {
    if (ledger)
        (void)munmap(ledger, ledger->size);
}

/* There are no sums to keep: a session may be killed at any point of these functions, and what its entry then
 * says goes with ledger_release. Each first takes and then looks, so that two at a time are both refused
 * rather than both let in. */
bool ledger_admit(struct ledger *ledger, size_t index) {
    unsigned n = 0;

    atomic_store(&ledger->entries[index].admitted, true);
    for (size_t i = 0; i < ledger->n; i++)
        n += atomic_load(&ledger->entries[i].admitted);
    if (n > ledger->sessions_max)
        atomic_store(&ledger->entries[index].admitted, false);
    return n <= ledger->sessions_max;
}

bool ledger_promise(struct ledger *ledger, size_t index, uint64_t bytes) {
    uint64_t sum = 0;

    if (bytes > ledger->memory_max)
        return false;
    (void)atomic_fetch_add(&ledger->entries[index].memory, bytes);
    for (size_t i = 0; i < ledger->n; i++)
        sum += atomic_load(&ledger->entries[i].memory);
    if (sum > ledger->memory_max)
        (void)atomic_fetch_sub(&ledger->entries[index].memory, bytes);
    return sum <= ledger->memory_max;
}

uint64_t ledger_memory_max(const struct ledger *ledger) {
    return ledger->memory_max;
}

void ledger_release(struct ledger *ledger, size_t index) {
    atomic_store(&ledger->entries[index].admitted, false);
    atomic_store(&ledger->entries[index].memory, 0);
}
