/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How far a run is: one live line on a terminal, a plain line per finished case in a log, JSON lines on
 * request. */
#ifndef VMSUITE_RUNNER_RUN_PROGRESS_H
#define VMSUITE_RUNNER_RUN_PROGRESS_H

#include "run/plan.h"

enum progress_mode { PROGRESS_AUTO, PROGRESS_PLAIN, PROGRESS_JSON, PROGRESS_NONE };

struct progress {
    enum progress_mode mode;
    bool live;  /* a line on a terminal that is rewritten */
    FILE *file; /* stderr; stdout for JSON lines */
    const struct outcome_run *run;
    const struct plan *plan;
    uint64_t start_ns;
    double done_cost, total_cost; /* of the steps, by their estimates */
    size_t n_done;
};

/* "auto", "plain", "json", "none"; NULL behind the last. */
const char *progress_mode_name(size_t index);

void progress_begin(struct progress *progress, enum progress_mode mode, const struct outcome_run *run,
                    const struct plan *plan);
/* A trial begins. */
void progress_trial(struct progress *progress, const struct outcome_case *outcome, unsigned trial);
/* A trial has ended (`trial` NULL: it was left out, its case was given up or it is in the journal). */
void progress_step(struct progress *progress, const struct outcome_case *outcome,
                   const struct outcome_trial *trial);
/* The run has ended; `record` is its file, or NULL. */
void progress_end(struct progress *progress, const char *record);

#endif
