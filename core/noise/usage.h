/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What this run itself does to the machine, so that it is not taken for a disturbance by others. */
#ifndef VMSUITE_CORE_NOISE_USAGE_H
#define VMSUITE_CORE_NOISE_USAGE_H

#include <sys/types.h>

/* A process that works for the trial beside this one: the peer on this machine, with its sessions. */
#define USAGE_NO_HELPER 0
#define USAGE_UNKNOWN_HELPER (-1) /* there is one, but it was started by somebody else */

/* Of this process, its children, and the helper with its children; NaN: unknown. */
struct process_usage {
    double time_s;               /* processor time, the kernel's on their behalf included */
    double involuntary_switches; /* without the helper's */
    double major_faults;         /* without the helper's */
    double disk_bytes;           /* read from and written for block devices, without the helper's */
};

/* Reads what has been used so far; `helper` is a process, or one of the two values above. */
void usage_read(pid_t helper, struct process_usage *ret_usage);

#endif
