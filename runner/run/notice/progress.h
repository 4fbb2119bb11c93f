/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How far a run is: one live line on a terminal, a plain line per finished case in a log, JSON lines on
 * request. */
#ifndef VMSUITE_RUNNER_RUN_NOTICE_PROGRESS_H
#define VMSUITE_RUNNER_RUN_NOTICE_PROGRESS_H

#include "run/notice/progress_lines.h"
#include "run/plan/plan.h"

/* The last two are a guest's for its host: with a line at the beginning and the end of each trial
 * (progress_lines.h), and otherwise plain, or but how long it will take. */
enum progress_mode {
    PROGRESS_AUTO,
    PROGRESS_PLAIN,
    PROGRESS_JSON,
    PROGRESS_NONE,
    PROGRESS_TRIALS,
    PROGRESS_MARKS
};

/* What a case's process is at. */
enum progress_stage { PROGRESS_PREPARING, PROGRESS_WARM_UP, PROGRESS_TRIAL };

struct progress {
    enum progress_mode mode;
    bool live;  /* a line on a terminal that is rewritten */
    FILE *file; /* stderr; stdout for JSON lines */
    const struct outcome_run *run;
    const struct plan *plan;
    const struct outcome_case *outcome; /* that is being run; NULL between trials */
    enum progress_stage stage;
    unsigned number;                      /* of the warm-up or trial */
    uint64_t start_ns, step_ns, stage_ns; /* when run, step and stage began */
    uint64_t drawn_ns;                    /* when the line was last written */
    double done_cost, total_cost;         /* of the steps in seconds, by their estimates */
    double done_s;                        /* what the steps that are done took */
    size_t n_done;
};

/* "auto", "plain", "json", "none"; NULL behind the last. */
const char *progress_mode_name(size_t index);

/* The run begins: run and plan are borrowed until progress_end. Prints the number of cases and the estimate,
 * as the mode has it. */
void progress_begin(struct progress *progress, enum progress_mode mode, const struct outcome_run *run,
                    const struct plan *plan);
/* A step begins, which is to end in a trial of the case. */
void progress_begin_step(struct progress *progress, const struct outcome_case *outcome);
/* It prepares, warms up for the `number`-th time, or runs trial `number`. */
void progress_stage(struct progress *progress, enum progress_stage stage, unsigned number);
/* Lets the clock of a live line go on. Milliseconds until it is to be called again; -1: never. */
int progress_tick(struct progress *progress);
/* A trial has ended (`trial` NULL: it was left out, its case was given up or it is in the journal). */
void progress_step(struct progress *progress, const struct outcome_case *outcome,
                   const struct outcome_trial *trial);
/* The run has ended; `record` is its file, or NULL. */
void progress_end(struct progress *progress, const char *record);

#endif
