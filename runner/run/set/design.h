/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Chooses runs and trials for a goal: a difference that is to be found, or a time that may be spent. */
#ifndef VMSUITE_RUNNER_RUN_SET_DESIGN_H
#define VMSUITE_RUNNER_RUN_SET_DESIGN_H

#include "documents/goal.h"
#include "documents/suite.h"

#include <stdio.h>

/* What a run costs besides its trials and warm-ups: its start and reading the machine's facts. */
#define DESIGN_RUN_S 3.0

struct design {
    unsigned runs;  /* of each configuration */
    double seconds; /* of all of them */
    bool reaches;   /* the named difference is found; true where none is named */
};

/* What is to be compared. */
struct design_rounds {
    size_t n_configurations; /* each with a run in every round */
    double besides_s;        /* what a round takes besides those runs */
    bool keeps_trials;       /* the suite's trials were named, and stay as they are */
};

/* Gives each benchmark of the suite the trials with which time is spent best: more where trials differ much,
 * cost little, or a run costs much besides them. Benchmarks whose trials are "auto" stay as they are. With a
 * budget, fewer where a comparison of OUTLOOK_RUNS_MIN rounds would not fit it. Then as design_runs, with the
 * suite's own estimates. */
int design_suite(const struct goal *goal, const struct design_rounds *rounds, struct suite *suite,
                 struct design *ret_design, struct vms_error *error);

/* Chooses how many runs: the fewest that find the difference, as many as the budget allows, or the smaller of
 * the two; `most` at most. `round_s` is the time of one run of each configuration. -EINVAL with a sentence
 * where the budget does not allow one round. */
int design_runs(const struct goal *goal, const struct suite *suite, double round_s, size_t most,
                struct design *ret_design, struct vms_error *error);

/* "Planned: 4 runs of each configuration, about 6 min; ..." in a line, with what could not be reached. */
void design_print(FILE *file, const struct design *design, const struct goal *goal);

#endif
