/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What this machine is. Everything reads through a root prefix and an injectable CPUID, so that a captured
 * machine is a test case. */
#ifndef VMSUITE_CORE_MACHINE_MACHINE_H
#define VMSUITE_CORE_MACHINE_MACHINE_H

#include "facts/facts.h"
#include "source/source.h"

/* Reads all facts. `scratch` (NULL: left out) is the folder whose file system and device are described.
 * -ENOMEM; what cannot be read is a fact's status, not an error. */
int machine_read(const struct machine_source *source, const char *scratch, struct machine *ret_machine);

/* Watches this machine while nothing of ours runs: a thread on each processor that may be used spins for so
 * long, and what it lost is added to the facts ("load.stalled", ...; "load.watched_s" is the mean over the
 * threads). -ENOMEM. */
int machine_watch(double seconds, struct machine *machine);

#endif
