/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The control group of this process (cgroups(7)). */
#ifndef VMSUITE_CORE_SOURCE_CGROUP_H
#define VMSUITE_CORE_SOURCE_CGROUP_H

#include "source/source.h"

/* Its path below its hierarchy, "" for the root: with `controller` "" of version 2, else of that controller
 * of version 1. NULL: there is none. The caller frees. */
char *cgroup_path(const struct machine_source *source, const char *controller);

/* One line of /proc/PID/cgroup: "4:cpu,cpuacct:/a" of version 1, where systemd's own hierarchy has the
 * controllers "name=systemd"; "0::/a" of version 2, which has "" there. */
struct cgroup_line {
    const char *controllers, *path; /* parts of the line */
};

/* Takes a line apart in place. False: it is none. */
bool cgroup_read_line(char *line, struct cgroup_line *ret_line);

/* What a quota of processor time did since the groups exist, of this group and those above it, whose quotas
 * hold it back, too: nr_periods and nr_throttled of cpu.stat, both versions. NaN: none counts it. */
struct cgroup_quota {
    double periods;
    double throttled; /* of them, those in which the group was held back */
};
void cgroup_read_quota(const struct machine_source *source, struct cgroup_quota *ret_quota);

#define CGROUP_SHARES_PER_WEIGHT 10.24 /* version 1 counts 1024 where version 2 counts 100 */

/* What groups that are made for a place begin with; then comes what nobody else's has. */
#define CGROUP_PLACE_PREFIX "vmsuite-place-"

#define CGROUP_ID_SIZE 24

/* The group by which processor time is shared out: what is in it gets the group's part of a busy machine
 * together. */
struct cgroup_share {
    /* owned: its path, in which "*" stands for what is another each time, a number or an id; "/": the root,
     * where each process has a part of its own. In a namespace of control groups it begins with "namespace:",
     * since what is above is hidden */
    char *group;
    double weight;    /* as version 2 counts: 100 unless it was set; NaN: the root has none, or unknown */
    const char *file; /* that says the weight */
    /* what the kernel tells it from others by until the next boot, from within a namespace, too; "": unknown,
     * since its folder is not mounted, or the group that shares may lie above what a container sees */
    char id[CGROUP_ID_SIZE];
};

/* -ENOENT: there is none. -ENOMEM. */
int cgroup_read_share(const struct machine_source *source, struct cgroup_share *ret_share);

/* Whether two groups of one machine, each by its `group` and `id` as above, are known not to be one: what a
 * namespace hides is known by the ids alone. */
bool cgroup_are_apart(const char *group, const char *id, const char *other, const char *other_id);

#endif
