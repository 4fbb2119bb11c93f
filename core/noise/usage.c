/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "noise/usage.h"

#include "base/cleanup.h"
#include "source/source.h"

#include <math.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#define DEPTH_MAX 4 /* children of children: a peer's sessions are the first, a module's own the next */
/* Kernels count the blocks of getrusage(2) in 512 bytes, whatever the device's are. */
#define USAGE_BLOCK 512.0

/* Processor time of all threads of a process, living or ended; NaN: it is gone. */
static double process_time(pid_t pid) {
    struct timespec time;
    clockid_t clock;

    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &time) < 0)
        return NAN;
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* Of a process's living children, and theirs. One that ends meanwhile counts as nothing; what a kernel
 * without this list (CONFIG_PROC_CHILDREN) hides counts as others'. */
static double children_time(const struct machine_source *here, pid_t pid, unsigned depth) {
    cleanup_free char *text = NULL;
    double sum = 0;
    char *word, *rest;

    if (depth == DEPTH_MAX || source_text(here, &text, "/proc/%d/task/%d/children", pid, pid) < 0)
        return 0;
    for (rest = text; (word = strsep(&rest, " "));) {
        pid_t child = (pid_t)strtol(word, NULL, 10);
        double time = child > 0 ? process_time(child) : NAN;

        if (!isnan(time))
            sum += time + children_time(here, child, depth + 1);
    }
    return sum;
}

static double ended_time(const struct rusage *children) {
    return (double)(children->ru_utime.tv_sec + children->ru_stime.tv_sec) +
           (double)(children->ru_utime.tv_usec + children->ru_stime.tv_usec) / 1e6;
}

void usage_read(pid_t helper, struct process_usage *ret_usage) {
    const struct machine_source here = machine_source_here();
    struct process_usage usage = {NAN, NAN, NAN, NAN};
    struct rusage self, children;

    if (getrusage(RUSAGE_SELF, &self) == 0 && getrusage(RUSAGE_CHILDREN, &children) == 0) {
        usage.time_s = process_time(getpid()) + ended_time(&children) + children_time(&here, getpid(), 0);
        usage.involuntary_switches = (double)(self.ru_nivcsw + children.ru_nivcsw);
        usage.major_faults = (double)(self.ru_majflt + children.ru_majflt);
        usage.disk_bytes = USAGE_BLOCK * (double)(self.ru_inblock + self.ru_oublock + children.ru_inblock +
                                                  children.ru_oublock);
    }
    if (helper == USAGE_UNKNOWN_HELPER)
        usage.time_s = NAN;
    else if (helper != USAGE_NO_HELPER)
        usage.time_s += process_time(helper) + children_time(&here, helper, 0);
    *ret_usage = usage;
}
