/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What disturbed a trial: counters of kernel and process before and after it, and rules with limits that turn
 * their difference into flags. A flagged trial is reported, never dropped. What the run's own processes do to
 * each other and to the disk is the case's own, and no disturbance.
 *
 * Reading takes about 0.1 ms and is done outside the timed region. Counters that this kernel does not have
 * are NaN and raise no flag. */
#ifndef VMSUITE_CORE_NOISE_NOISE_H
#define VMSUITE_CORE_NOISE_NOISE_H

#include "machine/machine.h"
#include "noise/usage.h"
#include "source/cgroup.h"

#include <stdio.h>

struct noise_counters {
    double taken_s;      /* when, on the monotonic clock */
    double cost_s;       /* what taking them took */
    unsigned processors; /* that are online */
    /* Of all processors together, since boot (/proc/stat); `idle_s` with what waits for a disk. */
    double idle_s, steal_s, interrupt_s;
    struct process_usage own;
    double disk_bytes;                              /* read and written by everybody (/proc/vmstat) */
    double stall_cpu_s, stall_memory_s, stall_io_s; /* "some" totals of /proc/pressure */
    double frequency_hz;                            /* mean over at most 8 processors (cpufreq) */
    double throttles;                               /* thermal_throttle events of at most 64 processors */
    struct cgroup_quota quota;                      /* of processor time, of our control groups */
};

/* The difference over a trial. Shares are from 0 to 1; NaN: unknown. */
struct noise {
    double steal;      /* share of all processors' time that the hypervisor gave to others */
    double other_load; /* share of all processors' time that processes of others used, at least: the time of
                          interrupts is left out, since the kernel does not say whose they were */
    double involuntary_switches, major_faults;
    double stall_cpu, stall_memory, stall_io; /* share of the time in which some task waited for it */
    double other_io;                          /* share of the bytes to and from disks that the trial did not
                                                 move; NaN where it moved next to none */
    double frequency_change;                  /* after / before - 1 */
    double throttles;
    double throttled_periods; /* periods in which a quota of processor time held the control group back */
    double cost_s;            /* what taking the counters took, outside the timed region */
};

enum noise_flag {
    NOISE_STEAL = 1,
    NOISE_OTHER_LOAD = 2,
    NOISE_SWITCHES = 4,
    NOISE_FAULTS = 8,
    NOISE_STALL_CPU = 16,
    NOISE_STALL_MEMORY = 32,
    NOISE_STALL_IO = 64,
    NOISE_FREQUENCY = 128,
    NOISE_THROTTLED = 256,
    NOISE_QUOTA = 512
};
#define NOISE_FLAGS 10

/* A rule: the flag is raised where the figure lies above `limit`, and what it counts above `least` (shares of
 * short trials are coarse: the kernel counts in ticks of up to 10 ms). */
struct noise_rule {
    enum noise_flag flag;
    const char *name;  /* as records say it */
    double limit;      /* shares: 0.01 is 1%; switches: per second and processor; others: events */
    double least;      /* seconds of processor time, or events */
    bool by_others;    /* only where others ran, too: our own processes may do it to each other */
    const char *words; /* for people, behind the figure: "involuntary switches", "of the time waited for
                          memory" */
};
extern const struct noise_rule noise_rules[NOISE_FLAGS];

/* Reads the counters. `helper` is the process that works for the trial beside this one, or USAGE_NO_HELPER or
 * USAGE_UNKNOWN_HELPER; a captured machine has no processes. */
void noise_read(const struct machine_source *source, pid_t helper, struct noise_counters *ret_counters);

/* The difference of two readings and its flags (enum noise_flag, or-ed). `ret_noise` may be NULL. */
void noise_judge(const struct noise_counters *before, const struct noise_counters *after,
                 struct noise *ret_noise, uint32_t *ret_flags);

/* The figure that a rule judges. */
double noise_figure(const struct noise *noise, enum noise_flag flag);

/* "steal", ... ; NULL for no flag of the list. */
const char *noise_flag_name(enum noise_flag flag);

/* Writes what the flag says of a trial, for people: "8% steal", "3 major page faults". */
#define NOISE_TEXT_SIZE 80
void noise_format(const struct noise *noise, enum noise_flag flag, char ret_text[static NOISE_TEXT_SIZE]);

#endif
