/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A process that starts another one and outlives it: it adopts whatever that one leaves behind, says how it
 * ended, and kills all of it when asked to, or when our own process is gone. So nobody waits for a process
 * without a deadline, whatever the kernel offers, and no helper that a module started is left. */
#ifndef VMSUITE_RUNNER_CHILDREN_KEEPER_H
#define VMSUITE_RUNNER_CHILDREN_KEEPER_H

#include <sys/types.h>
#include <vmsuite/module.h>

struct keeper {
    pid_t pid;  /* of the keeper; 0: there is none */
    pid_t kept; /* of the process that it keeps, the leader of a process group */
    int link;   /* readable when the kept process has ended, or the keeper is gone */
};

/* How the kept process ended. */
struct keeper_end {
    bool known;  /* false: the keeper was killed, and its process with it */
    bool killed; /* by the signal `number`, else it ended with that exit status */
    int number;
};

#define KEEPER_WORDS_SIZE 96

/* Starts a process that calls `work` (which does not return) with the descriptors of this one: `work` closes
 * what it must not keep. It is confined (confine_child). -errno with a sentence. */
int keeper_start(void (*work)(void *context), void *context, struct keeper *ret_keeper,
                 struct vms_error *error);

/* The same for a program of the system that the user has named: it is only bound to its parent
 * (confine_to_parent), and what it leaves behind may tidy up until keeper_done. The keeper calls `release`
 * (NULL: nothing) once our process has let go or is gone, and again when all has ended: so that what holds
 * the program still is undone even without us. */
int keeper_start_tool(void (*work)(void *context), void (*release)(void *context), void *context,
                      struct keeper *ret_keeper, struct vms_error *error);

/* Sends the kept process SIGTERM. */
void keeper_ask(const struct keeper *keeper);

/* Waits until the kept process has ended, at most until `deadline_ns` (clock_now_ns; 0: only looks). */
bool keeper_wait(const struct keeper *keeper, uint64_t deadline_ns, struct keeper_end *ret_end);

/* Kills what still lives of the kept process and of all it has started, waits for it and frees. Accepts one
 * that was never started. */
void keeper_done(struct keeper *keeper);

/* "was killed by signal 11 (Segmentation fault)", "ended by itself with status 3". */
void keeper_describe(const struct keeper_end *end, char ret_words[static KEEPER_WORDS_SIZE]);

#endif
