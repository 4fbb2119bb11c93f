/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the sessions of a peer hold together: how many they are, and how much memory was promised to them. It
 * lies in memory that the listener shares with them, so that each settles with all others without asking. */
#ifndef VMSUITE_RUNNER_PEER_SERVER_LEDGER_H
#define VMSUITE_RUNNER_PEER_SERVER_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ledger;

/* For `n` entries; NULL without memory. */
struct ledger *ledger_new(size_t n, unsigned sessions_max, uint64_t memory_max);
void ledger_free(struct ledger *ledger);

/* Counts entry `index` as a session of a client that has proved itself; false where there are as many as may
 * be. */
bool ledger_admit(struct ledger *ledger, size_t index);

/* Promises `bytes` more to it; false where that is more than what is left. */
bool ledger_promise(struct ledger *ledger, size_t index, uint64_t bytes);

/* Bytes that may be promised to all sessions together. */
uint64_t ledger_memory_max(const struct ledger *ledger);

/* The session has ended: whatever it held is free again. */
void ledger_release(struct ledger *ledger, size_t index);

#endif
