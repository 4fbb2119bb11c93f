/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Limits on the processes that are started: those that run the code of modules or act for strangers, and the
 * system's tools and hypervisors. */
#ifndef VMSUITE_CORE_PROCESS_CONFINE_H
#define VMSUITE_CORE_PROCESS_CONFINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Called first in a forked child: it dies with its parent (-ESRCH: it is dead already), gains no privileges,
 * dumps no core, and has the default action for every signal. 0 or a negative errno. */
int confine_child(pid_t parent);

/* The same for a child that is to become another program. `gains`: that program may gain more rights than
 * this one has, by a set-user-ID file; root's programs never do. */
int confine_program(pid_t parent, bool gains);

/* Less than both, for programs of the system that the user has named: the child dies with its parent and has
 * the default action for every signal, but may dump core and gain privileges, as sudo does. */
int confine_to_parent(pid_t parent);

/* In addition, for the peer's processes: they write no files, and may open a bounded number of
 * descriptors. */
void confine_peer(void);

/* Bounds how many bytes the address space may grow by (RLIMIT_AS). Does nothing in a build with sanitizers,
 * which reserve terabytes. */
void confine_memory(uint64_t more);

/* Closes all descriptors from `first` on, so that a child inherits neither locks nor connections. */
void confine_descriptors(int first);

/* Has exec close all descriptors but the standard ones and the `n_kept` of `kept`, whoever opened them. */
void confine_exec(const int *kept, size_t n_kept);

#endif
