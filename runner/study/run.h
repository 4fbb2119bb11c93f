/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A study while it goes on: a run over what it compares, in rounds of one whole visit to each
 * (run/set/visits.h), which boots it or reaches it, or the places that take turns; whatever fails. */
#ifndef VMSUITE_RUNNER_STUDY_RUN_H
#define VMSUITE_RUNNER_STUDY_RUN_H

#include "common/estimate.h"
#include "run/set/visits.h"
#include "study/records.h"

#include <stdio.h>

/* What has become of one configuration under one clock. */
struct run_tally {
    /* boots: of the plan; whose record was there; measured; without record */
    unsigned wanted, kept, ok, failed;
    size_t found;    /* records that were there, of the same round or not */
    bool partial;    /* a case failed in a boot that gave a record */
    double seconds;  /* that the `ok` boots took together */
    double estimate; /* seconds of a boot, before any was seen */
};

struct study_run {
    const struct study *study;
    bool resume; /* what was begun goes on, as far as it can */
    const struct module_list *modules;
    const char *output;                        /* the study's folder */
    char *folders[STUDY_CLOCKS];               /* owned: of the records of each clock */
    char **troubles;                           /* owned, per entry: why it cannot be booted here, or NULL */
    struct run_tally (*tallies)[STUDY_CLOCKS]; /* owned, per entry */
    struct visits boots[STUDY_CLOCKS];         /* of leads, the same when the study is continued */
    bool *settled[STUDY_CLOCKS];               /* owned, per round and entry: its record is there */
    double seconds;                            /* wall time */
    char unestimated[ESTIMATE_TROUBLE_SIZE];   /* why an estimate is missing; "" */
};

/* Plans the boots, estimates them, asks which can be booted here, and counts the records that are there.
 * Boots nothing, writes nothing. -ENOMEM with a sentence. The caller frees with run_done. */
int run_prepare(const struct study *study, const struct module_list *modules, const char *output,
                struct study_run *ret_run, struct vms_error *error);
void run_done(struct study_run *run);

/* Whether the boot measures the entry; whether that is still to be done: its record is not there, and can be
 * had here. */
bool run_has(const struct study_run *run, enum study_clock clock, size_t boot, size_t entry);
bool run_wants(const struct study_run *run, enum study_clock clock, size_t boot, size_t entry);

/* Whether nothing is to be done for a boot: all that it measures is there, or cannot be had here. */
bool run_is_settled(const struct study_run *run, enum study_clock clock, size_t boot);

/* The names of what the boot is still to measure, or of all that it measures. The caller frees; NULL without
 * memory. */
char *run_names(const struct study_run *run, enum study_clock clock, size_t boot);

/* Seconds of a boot, as those before it took, else as estimated; and of all from it on. */
double run_boot_seconds(const struct study_run *run, enum study_clock clock, size_t boot);
double run_remaining(const struct study_run *run, enum study_clock clock, size_t boot);

/* The plan for people. */
void run_print(FILE *file, const struct study_run *run);

/* Boots and measures all that is not there yet; reports each on stderr, and continues where one fails.
 * Returns EXIT_DONE, EXIT_FAILED where anything failed or could not be booted, EXIT_INTERRUPTED. */
int run_boots(struct study_run *run);

/* What became of each configuration, on stderr. */
void run_summary(const struct study_run *run);

/* The whole records of a configuration under a clock, appended. */
int run_records(const struct study_run *run, size_t entry, enum study_clock clock, struct record_list *list,
                struct vms_error *error);

#endif
