/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What happens when memory runs out: docs/decisions/memory.md. */
#ifndef VMSUITE_CORE_PROCESS_MEMORY_H
#define VMSUITE_CORE_PROCESS_MEMORY_H

#include <stdbool.h>

/* What a failed allocation does in this process and those that it forks. */
enum memory_policy {
    MEMORY_ENDS,   /* ends the process, as it begins */
    MEMORY_WAITS,  /* tries again for 10 s first: for a process with hours of work in it */
    MEMORY_RETURNS /* returns NULL: for code whose workload may not fit into the machine, that is, modules */
};

/* Chooses one, and returns the one before. */
enum memory_policy memory_choose(enum memory_policy policy);

/* Called for each allocation that failed, with the number of attempts before this one. True: try again;
 * false: return NULL. Where the policy allows neither, "out of memory" is written to stderr and the process
 * ends with the exit status `status`, without another allocation. */
bool memory_failed(unsigned attempt, int status);

#endif
