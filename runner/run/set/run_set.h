/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Several whole runs in one go: each is this program started anew, so that memory layout, processes and the
 * run's own start vary between runs as they do between any two; the configurations in random order in each
 * round. The records carry the set's id. */
#ifndef VMSUITE_RUNNER_RUN_SET_RUN_SET_H
#define VMSUITE_RUNNER_RUN_SET_RUN_SET_H

#include "documents/goal.h"
#include "module/outcome.h"

#include <stdio.h>

#define RUN_SET_RUNS_MAX 1000

/* What a program that was started for one run of a set is to do. */
struct run_set_member {
    struct outcome_set set;
    size_t configuration; /* index of the one that it measures, or of the visit that it makes */
};

/* True where this program was started for a set; the environment then no longer says so. */
bool run_set_read_member(struct run_set_member *ret_member);

struct run_set_request {
    const char *output; /* the folder; the set's own journal, run-set-ID.jsonl, is there until all is done */
    const char *const *configurations; /* their names */
    size_t n_configurations;
    unsigned runs;
    const char *baseline; /* the first configuration's name, as its records have it */
    /* of each run, which measures all of them in turn; NULL: the runs are of this machine alone */
    const char *const *places;
    size_t n_places;
    /* of places: how many visits a run is, each in a program of its own, in random order with the others of
     * its round; one that is lost does not end them. 0: one for each configuration */
    size_t n_visits;
    FILE *comparison; /* where what the records say together is printed; NULL: it is not */
    struct goal goal; /* set: runs may end early, see looks.h */
    bool resume;
};

/* Makes the runs. Returns the program's exit status, the worst of all runs; an interrupt, wrong input or a
 * machine that is not as expected ends the set, and --resume continues it. */
int run_set_measure(const struct run_set_request *request);

#endif
