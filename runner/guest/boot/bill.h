/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a guest costs the host beside what the guest sees: processor time, exits and context switches of its
 * monitor's process, trial by trial, and the memory that the monitor takes for itself. */
#ifndef VMSUITE_RUNNER_GUEST_BOOT_BILL_H
#define VMSUITE_RUNNER_GUEST_BOOT_BILL_H

#define BILL_TRIALS_MAX 65536 /* of one boot: a guest may say anything */

#include "guest/boot/qmp.h"
#include "guest/exchange/host_counts.h"

#include <jansson.h>
#include <stdbool.h>
#include <sys/types.h>

struct bill_trial {
    unsigned case_id, trial;
    enum { BILL_UNKNOWN, BILL_BEGUN, BILL_WHOLE } state;
    struct host_counts counts; /* at its beginning, and once it is whole what came since */
};

struct bill {
    const char *root;          /* of the files that are read: "" but in tests */
    pid_t pid;                 /* the monitor; 0: there is none of this host's own */
    bool relayed;              /* a machine between this host and the guest says what it counts */
    const char *socket;        /* of QEMU's monitor, set once it is known; NULL: none */
    struct qmp qmp;            /* asked for exits where the kernel does not show them */
    uint64_t guest_memory;     /* bytes that the guest was given; 0: unknown */
    struct bill_trial *trials; /* owned */
    size_t n_trials;
    struct bill_trial *awaiting; /* one of these: the next line that is relayed is about it; NULL: none */
    bool awaits_end;             /* its end */
    /* bytes of the monitor beside the guest's memory, once it has been measured; NaN: unknown */
    double memory;
};

/* Begins to bill a guest's process, if that is a monitor (QEMU) rather than a program that talks to one; or,
 * `relayed`, by what a machine between this host and the guest says (HOST_COUNTS_LINE). With neither nothing
 * is billed. */
void bill_init(struct bill *bill, const char *root, pid_t pid, bool relayed);
void bill_done(struct bill *bill);

/* Takes a line of the guest's console: those that begin and end a trial (PROGRESS_TRIALS) are counted at;
 * true for them, and for those that are relayed. */
bool bill_take_line(struct bill *bill, const char *line);

/* Counts at the beginning of a trial, or at its end, where it is known otherwise than by a line. */
void bill_mark(struct bill *bill, unsigned case_id, unsigned trial, bool ends);

/* Reads the memory: the proportional share (PSS) of all that is mapped, less that of the guest's memory,
 * which is the smallest mapping that holds `guest_memory`, or the largest of all. */
void bill_read_memory(struct bill *bill);

/* Sets the facts RECORD_FACT_HOST_... of the trials of a record, as far as they are known: what a guest says
 * of them itself is dropped. -ENOMEM. */
int bill_add(const struct bill *bill, json_t *record);

#endif
