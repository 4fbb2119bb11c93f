/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which processors a half of a trial may use. */
#ifndef VMSUITE_MODULES_SHARED_NET_AFFINITY_H
#define VMSUITE_MODULES_SHARED_NET_AFFINITY_H

#include <sched.h>
#include <vmsuite/module.h>

/* Reads a list such as "0" or "0,2-3". -EINVAL with a sentence. An empty list is an empty set. */
int net_cpus_parse(const char *list, cpu_set_t *ret_set, struct vms_error *error);

/* Whether the lists of both sides can be read. -EINVAL with a sentence. */
int net_cpus_check(const char *cpus, const char *peer_cpus, struct vms_error *error);

/* Runs one half of a trial on the processors in `list`. An error while the trial is to stop is -ECANCELED:
 * who stops first breaks the other's connections. */
typedef int net_half(const struct vms_host *host, const union vms_value *values, struct vms_error *error);
int net_run_placed(const struct vms_host *host, const union vms_value *values, const char *list,
                   net_half *half, struct vms_error *error);

/* Nanoseconds of processor time that the calling thread has used. */
uint64_t net_cpu_now(void);

#endif
