/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Control groups of both versions, made up in a folder: what stands between a test and /sys/fs/cgroup lets
 * the kernel's files come and go with their group, and freezes and empties it when the test says so. Its
 * object is linked into a test of its own, since it stands before the C library. */
#ifndef VMSUITE_TESTS_FAKES_FAKE_CGROUPS_H
#define VMSUITE_TESTS_FAKES_FAKE_CGROUPS_H

#include <stdbool.h>

#define FAKE_CGROUPS "/sys/fs/cgroup"
#define FAKE_CGROUPS_OTHER "4242" /* a process, if one looks */

struct fake_cgroups {
    char folder[64];     /* in place of FAKE_CGROUPS */
    const char *own;     /* /proc/self/cgroup */
    const char *other;   /* that of FAKE_CGROUPS_OTHER */
    const char *refused; /* a file that cannot be opened */
    int lag;             /* looks at a freezer until it is as it should be; -1: it never is */
    int busy;            /* attempts to remove a group that fail */
    unsigned n_attempts;
};
extern struct fake_cgroups fake_cgroups;

/* Version 2 has a list of controllers at its root; version 1 a folder for each of three. `own` is what
 * /proc/self/cgroup says. */
void fake_cgroups_begin(bool is_new, const char *own);
void fake_cgroups_end(void);

/* Where a path really lies, which stays until the next call. */
const char *fake_cgroups_path(const char *path);

/* What a file of the group holds; "" where there is none. The next call takes it away. */
const char *fake_cgroups_text(const char *group, const char *name);

#endif
