/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a guest costs the host beside what the guest sees: processor time and exits of its monitor's process, trial by
 * trial, and the memory that the monitor takes for itself. */
#ifndef VMSUITE_RUNNER_GUEST_BOOT_BILL_H
#define VMSUITE_RUNNER_GUEST_BOOT_BILL_H

#define BILL_TRIALS_MAX 65536 /* of one boot: a guest may say anything */

#include <jansson.h>
#include <stdbool.h>
#include <sys/types.h>

/* NaN: unknown. */
struct bill_counters {
    double
        processor_s; /* of all threads of the process, those that ended included; the guest's own work, too */
    double exits;    /* of all its processors (KVM's debugfs, where it is mounted) */
};

struct bill_trial {
    unsigned case_id, trial;
    enum { BILL_UNKNOWN, BILL_BEGUN, BILL_WHOLE } state;
    struct bill_counters counters; /* at its beginning, and once it is whole what came since */
};

struct bill {
    const char *root;          /* of the files that are read: "" but in tests */
    pid_t pid;                 /* the monitor; 0: there is none of this host's own, and nothing is billed */
    struct bill_trial *trials; /* owned */
    size_t n_trials;
    double
        memory; /* bytes of the monitor beside the guest's memory, once it has been measured; NaN: unknown */
};

/* Begins to bill a guest's process, if that is a monitor (QEMU) rather than a program that talks to one. */
void bill_init(struct bill *bill, const char *root, pid_t pid);
void bill_done(struct bill *bill);

/* Takes a line of the guest's console: those that begin and end a trial (PROGRESS_TRIALS) are counted at; true for
 * them. */
bool bill_take_line(struct bill *bill, const char *line);

/* Reads the memory: the proportional share (PSS) of all that is mapped, less that of the largest mapping, which is the
 * guest's memory. */
void bill_read_memory(struct bill *bill);

/* Sets the facts RECORD_FACT_HOST_CPU and RECORD_FACT_HOST_EXITS of the trials of a record, as far as they are known:
 * what a guest says of them itself is dropped. -ENOMEM. */
int bill_add(const struct bill *bill, json_t *record);

#endif
