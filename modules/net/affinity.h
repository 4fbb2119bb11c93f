/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which processors a half of a trial may use. */
#ifndef VMSUITE_MODULES_NET_AFFINITY_H
#define VMSUITE_MODULES_NET_AFFINITY_H

#include <sched.h>
#include <vmsuite/module.h>

/* Reads a list such as "0" or "0,2-3". -EINVAL with a sentence. An empty list is an empty set. */
int net_cpus_parse(const char *list, cpu_set_t *ret_set, struct vms_error *error);

/* Restricts the calling thread (and those it starts) to `list`; "" leaves it as it is. *ret_old is the set
 * from before, for net_cpus_restore. */
int net_cpus_apply(const char *list, cpu_set_t *ret_old, struct vms_error *error);
void net_cpus_restore(const cpu_set_t *old);

/* Nanoseconds of processor time that the calling thread has used. */
uint64_t net_cpu_now(void);

#endif
