/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which processors a case was allowed to use. It differs with taskset, cpusets and containers, which no other
 * fact shows. */
#ifndef VMSUITE_MODULES_SHARED_CASE_AFFINITY_H
#define VMSUITE_MODULES_SHARED_CASE_AFFINITY_H

#include "shared/case/report.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

/* The rows of the facts that report_affinity reports. */
#define AFFINITY_FACTS                                                                                       \
    {"affinity_of_process", VMS_ROLE_WORK, "Whether the process was allowed to use all processors."}, {      \
        "processors_allowed", VMS_ROLE_PLAIN, "The processors that the process was allowed to use."          \
    }

/* "0-3,6": a set of processors as the kernel writes one. */
static inline void affinity_format(const cpu_set_t *set, char *ret_text, size_t size) {
    size_t used = 0;

    ret_text[0] = '\0';
    for (int cpu = 0; cpu < CPU_SETSIZE && used < size; cpu++) {
        int last = cpu;

        if (!CPU_ISSET(cpu, set))
            continue;
        while (last + 1 < CPU_SETSIZE && CPU_ISSET(last + 1, set))
            last++;
        used += (size_t)snprintf(ret_text + used, size - used, last > cpu ? "%s%d-%d" : "%s%d",
                                 used ? "," : "", cpu, last);
        cpu = last;
    }
}

/* Reports `affinity_of_process`, which is "all" or "bound", and the processors. To be called before the
 * module binds itself. */
static inline int report_affinity(const struct vms_host *host, struct vms_error *error) {
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    char text[200];
    cpu_set_t set;
    int status;

    if (sched_getaffinity(0, sizeof(set), &set) < 0)
        return report_fact(host, error, "affinity_of_process", "unknown: %s", strerror(errno));
    affinity_format(&set, text, sizeof(text));
    status = report_fact(host, error, "affinity_of_process", "%s",
                         online > 0 && CPU_COUNT(&set) < online ? "bound" : "all");
    return status == 0 ? report_fact(host, error, "processors_allowed", "%s", text) : status;
}

#endif
