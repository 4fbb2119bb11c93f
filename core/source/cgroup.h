/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The control group of this process (cgroups(7)). */
#ifndef VMSUITE_CORE_SOURCE_CGROUP_H
#define VMSUITE_CORE_SOURCE_CGROUP_H

#include "source/source.h"

/* Its path below its hierarchy, "" for the root: with `controller` "" of version 2, else of that controller
 * of version 1. NULL: there is none. The caller frees. */
char *cgroup_path(const struct machine_source *source, const char *controller);

/* What a quota of processor time did since the groups exist, of this group and those above it, whose quotas
 * hold it back, too: nr_periods and nr_throttled of cpu.stat, both versions. NaN: none counts it. */
struct cgroup_quota {
    double periods;
    double throttled; /* of them, those in which the group was held back */
};
void cgroup_read_quota(const struct machine_source *source, struct cgroup_quota *ret_quota);

#endif
