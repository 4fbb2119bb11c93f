/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a suite can find, before anything is measured: the smallest difference in each resource, against
 * another configuration that is measured alike. core/stats/effects/plan.h has the statistics. */
#ifndef VMSUITE_RUNNER_RUN_PLAN_OUTLOOK_H
#define VMSUITE_RUNNER_RUN_PLAN_OUTLOOK_H

#include "documents/suite.h"
#include "stats/effects/plan.h"

#include <stdio.h>

#define OUTLOOK_POWER 0.9 /* the probability with which a difference is found */
#define OUTLOOK_RESOURCES 4
/* Fewer are not planned: two runs of each configuration hardly show how far runs differ. */
#define OUTLOOK_RUNS_MIN 3

/* The noise that is assumed of a resource's headlines, measured as docs/method.md says. */
struct plan_noise outlook_noise(enum vms_resource resource);

/* A resource of a suite. */
struct outlook {
    enum vms_resource resource;
    size_t n_cases;
    struct plan_sides plan;
    struct plan_noise noise; /* of the mean of its cases */
};

/* Lists the resources of a suite, for comparisons of `runs` runs of each configuration; returns how many. */
size_t outlook_list(const struct suite *suite, size_t runs, struct outlook ret[static OUTLOOK_RESOURCES]);

/* The fewest runs of each configuration, from OUTLOOK_RUNS_MIN to `most`, that find the difference `find` (of
 * logarithms) in every resource with OUTLOOK_POWER; 0 where they would be more. */
size_t outlook_runs(const struct suite *suite, double find, size_t most);

/* Prints it: "3 runs of each configuration find 5.1% in cpu, a factor of 1.6 in network", and what that
 * means. */
void outlook_print(FILE *file, const struct suite *suite, size_t runs);

#endif
