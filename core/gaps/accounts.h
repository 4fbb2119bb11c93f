/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the kernel says that time went: what it reports of a processor, and of the thread that spins on
 * it. */
#ifndef VMSUITE_CORE_GAPS_ACCOUNTS_H
#define VMSUITE_CORE_GAPS_ACCOUNTS_H

#include <stdbool.h>

/* Of some processors together, in seconds since boot, as /proc/stat counts them in ticks. NaN: unknown. */
struct processor_account {
    double steal_s, interrupts_s;
};

/* Of the calling thread, since it began. NaN: unknown. */
struct thread_account {
    double ran_s;    /* by its own clock */
    double waited_s; /* ready to run and not run: other threads, and a quota (/proc/thread-self/schedstat) */
    double switches; /* involuntary ones */
};

/* Reads the account of the `n` processors in `cpus`. */
void accounts_of_processors(const int *cpus, unsigned n, struct processor_account *ret_account);
/* The same from the text of /proc/stat. */
void accounts_of_text(const char *text, const int *cpus, unsigned n, struct processor_account *ret_account);
void accounts_of_thread(struct thread_account *ret_account);

/* What all processors together lost, and what the kernel says of it, in seconds. */
struct stall_account {
    unsigned processors;
    unsigned watches; /* of which this is the sum; the kernel's accounts were read before and after each */
    double wall_s, stalled_s, longest_s;
    double ran_s, waited_s, steal_s, interrupts_s; /* NaN: unknown */
    double switches, gaps;
};

/* Stalled and in no account: reported neither as waiting nor as steal nor as interrupts. NaN: unknown. */
double account_hidden(const struct stall_account *account);

/* Adds to `sum` what a further watch of the same processors found. */
void account_join(struct stall_account *sum, const struct stall_account *more);

/* Whether account_hidden() is more than accounts in ticks can be wrong by, and more than 1% of the time. */
bool account_is_short(const struct stall_account *account);

#endif
