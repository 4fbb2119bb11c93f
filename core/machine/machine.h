/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What this machine is. Everything reads through a root prefix and an injectable CPUID, so that a captured
 * machine is a test case. */
#ifndef VMSUITE_CORE_MACHINE_MACHINE_H
#define VMSUITE_CORE_MACHINE_MACHINE_H

#include "facts/facts.h"
#include "gaps/accounts.h"
#include "source/source.h"

/* Reads all facts. `scratch` (NULL: left out) is the folder whose file system and device are described.
 * -ENOMEM; what cannot be read is a fact's status, not an error. */
int machine_read(const struct machine_source *source, const char *scratch, struct machine *ret_machine);

/* What was seen of this machine while nothing of ours ran. Begins as zeros. */
struct machine_watch {
    struct stall_account sum; /* of all watches that went well */
    struct vms_error error;   /* of the last that did not; "": all did */
};

/* Watches once more: a thread on each processor that may be used spins for `seconds`, and touches no memory
 * but its stack. What it lost is added. */
void machine_watch(double seconds, struct machine_watch *watch);

/* How long one processor has been watched, over all watches. */
double machine_watched(const struct machine_watch *watch);

/* Adds what was found to the facts ("load.stalled", ...; "load.watched_s" is the mean over the threads), or
 * why nothing was. -ENOMEM. */
int machine_watch_note(const struct machine_watch *watch, struct machine *machine);

#endif
