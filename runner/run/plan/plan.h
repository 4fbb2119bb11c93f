/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a suite to cases, the order of their trials, and about what they will cost. */
#ifndef VMSUITE_RUNNER_RUN_PLAN_PLAN_H
#define VMSUITE_RUNNER_RUN_PLAN_PLAN_H

#include "common/estimate.h"
#include "documents/suite.h"
#include "module/outcome.h"

/* The most cases that a suite may come to. */
#define PLAN_CASES_MAX 10000

struct plan_step {
    size_t index; /* of the case */
    unsigned trial;
};

struct plan {
    struct plan_step *steps; /* every trial, in the order in which they run */
    size_t n_steps;
    struct vms_estimate *estimates;            /* of one trial, per case; zero where the module gives none */
    const struct suite_benchmark **benchmarks; /* per case, borrowed from the suite */
    char trouble[ESTIMATE_TROUBLE_SIZE];       /* why an estimate is missing; "" */
};

/* Whether a run could be made of a suite, by what is known before: that it comes to no more than
 * PLAN_CASES_MAX cases (-E2BIG), that its modules take the values of each (-EINVAL), and that this machine
 * has the memory (-ENOMEM). */
int plan_check(const struct suite *suite, struct vms_error *error);

/* Fills the run's cases (one for each combination of the parameters' values) and the plan. The run's seed
 * decides the order: rounds of one trial of each case, each round shuffled (a randomised complete block
 * design, so that the machine's drift falls on all cases alike), or case after case where the suite is
 * sequential. -E2BIG above PLAN_CASES_MAX; -EINVAL where a module refuses a case's values. The caller frees
 * with plan_done; the run owns the cases. */
int plan_make(const struct suite *suite, struct outcome_run *run, struct plan *ret_plan,
              struct vms_error *error);
void plan_done(struct plan *plan);

/* The whole plan for people: every case with its parameters, the counts, the estimates, and what
 * run->set.runs such runs of each configuration can find. */
void plan_print(FILE *file, const struct plan *plan, const struct outcome_run *run,
                const struct suite *suite);

#endif
