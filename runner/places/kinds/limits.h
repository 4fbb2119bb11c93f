/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Limits of a place: a control group of its own, version 1 or 2, which is removed with it. */
#ifndef VMSUITE_RUNNER_PLACES_KINDS_LIMITS_H
#define VMSUITE_RUNNER_PLACES_KINDS_LIMITS_H

#include "places/kinds/place.h"

#include <sys/types.h>

#define LIMITS_GROUPS_MAX 3

struct limits {
    char *groups[LIMITS_GROUPS_MAX]; /* owned: the folders, one for each hierarchy that is used */
    size_t n_groups;
    const char *freezer; /* one of them, whose processes can be held still; NULL: none can */
    pid_t beside;        /* a process whose groups, which are not ours, are joined before; 0: none */
};

/* The process of that number, which runs; 0: it is no such number, or there is none. */
pid_t limits_process(const char *text);

/* Of the kind "cgroup": that some limit is given, and each of the values. -EINVAL with a sentence. */
int limits_check(const struct place *place, struct vms_error *error);
int limits_check_cpu(const char *value, struct vms_error *error);
int limits_check_weight(const char *value, struct vms_error *error);
int limits_check_memory(const char *value, struct vms_error *error);

/* Makes the groups and sets the limits that the place names, none perhaps; and one to freeze a place whose
 * kind can be frozen, where this machine and this user can. -errno with a sentence. */
int limits_make(const struct place *place, struct limits *ret_limits, struct vms_error *error);

/* In a new process: joins the groups. -errno. */
int limits_join(const struct limits *limits);

/* Holds the groups' processes still, or lets them go on. Returns whether they are as wanted. */
bool limits_freeze(const struct limits *limits, bool frozen);

/* Removes those of the groups that hold no process. */
void limits_remove(const struct limits *limits);

/* Removes the groups, which hold no process any more. */
void limits_done(struct limits *limits);

#endif
