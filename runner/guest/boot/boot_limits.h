/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How long a boot may take, and how long a guest may be silent: from what its suite should take. */
#ifndef VMSUITE_RUNNER_GUEST_BOOT_BOOT_LIMITS_H
#define VMSUITE_RUNNER_GUEST_BOOT_BOOT_LIMITS_H

#include "documents/configuration.h"

/* All in seconds. */
struct boot_limits {
    double boot;        /* expected, to the guest's first process */
    double job;         /* expected, from there to its end: what the modules say, drawn out by the launcher */
    unsigned ready;     /* the most to the first process */
    unsigned deadline;  /* the most in all */
    bool may_be_silent; /* it measures nothing itself: its silence says nothing */
    bool may_hang;      /* as its kind does at times: less silence is waited for, and from its start on */
};

/* For a configuration with a guest. */
struct boot_limits boot_limits_of(const struct configuration *configuration);

/* The longest that a guest whose first process was there after `boot` seconds may then say nothing before it
 * is taken for hung: several times its whole job, since suites run in rounds whose first words come late, but
 * its job and two boots where it may hang.
 * Where the boot took longer than expected, so may the job. Never more than the deadline. */
unsigned boot_limits_silence(const struct boot_limits *limits, double boot);

/* The longest that a guest which hangs at times may say nothing on its way to its first process, in seconds,
 * `heard` seconds after its start, when it last said something: twice what the whole way should take, and on
 * a slow machine twice what it took so far. */
unsigned boot_limits_standstill(const struct boot_limits *limits, double heard);

/* What a suite takes beside its boot in this configuration, in seconds, guest or not. `ret_trouble`
 * (NULL: not wanted): why an estimate is missing, or "". */
double boot_limits_job(const struct configuration *configuration, char *ret_trouble);

#endif
