/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "shared/net/affinity.h"

#include "shared/case/processors.h"
#include "shared/net/error.h"

#include <errno.h>
#include <time.h>

int net_cpus_parse(const char *list, cpu_set_t *ret_set, struct vms_error *error) {
    const char *at = list;
    cpu_set_t set;

    CPU_ZERO(&set);
    while (*at) {
        long first, last;

        if (!processors_take(&at, &first, &last) || last >= CPU_SETSIZE)
            return report_error(
                error, -EINVAL,
                "\"%s\" is not a list of processors: give numbers and ranges such as \"0,2-3\"", list);
        for (long cpu = first; cpu <= last; cpu++)
            CPU_SET((size_t)cpu, &set);
    }
    *ret_set = set;
    return 0;
}

int net_cpus_check(const char *cpus, const char *peer_cpus, struct vms_error *error) {
    cpu_set_t set;
    int status = net_cpus_parse(cpus, &set, error);

    return status == 0 ? net_cpus_parse(peer_cpus, &set, error) : status;
}

int net_run_placed(const struct vms_host *host, const union vms_value *values, const char *list,
                   net_half *half, struct vms_error *error) {
    cpu_set_t set, old;
    int status = net_cpus_parse(list, &set, error);
    bool bound = status == 0 && CPU_COUNT(&set) > 0;

    if (status < 0)
        return status;
    /* Nothing is asked where nothing is to be bound: some systems do not answer, or for fewer processors
     * only. */
    if (bound && sched_getaffinity(0, sizeof(old), &old) < 0)
        return net_fail_errno(error, errno, "asking for the processors in use");
    if (bound && sched_setaffinity(0, sizeof(set), &set) < 0)
        return report_error(error, -EINVAL, "none of the processors \"%s\" can be used here", list);
    status = half(host, values, error);
    if (bound)
        (void)sched_setaffinity(0, sizeof(old), &old);
    if (status < 0 && host->should_stop(host->context))
        return net_fail_stopped(error);
    return status;
}

uint64_t net_cpu_now(void) {
    struct timespec time;

    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (uint64_t)time.tv_sec * UINT64_C(1000000000) + (uint64_t)time.tv_nsec;
}
