/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a run is written into while it goes on: its plan, its files' names and its journal, begun anew or
 * where an unfinished run stopped. */
#ifndef VMSUITE_RUNNER_RUN_FILES_LOGBOOK_H
#define VMSUITE_RUNNER_RUN_FILES_LOGBOOK_H

#include "record/write/journal.h"
#include "run/files/run_files.h"
#include "run/plan/plan.h"

struct logbook {
    struct plan plan;
    struct run_files files;
    struct journal *journal;
    double before_s; /* how long the run had lasted when it was resumed; 0 otherwise */
};

struct logbook_suite {
    const struct suite *suite;
    const json_t *json;  /* resolved */
    const json_t *given; /* the configuration, as its record holds it */
};

/* Fills the run's cases, and makes its journal in `folder`. -errno with a sentence; the caller frees with
 * logbook_done in any case, and the files stay. */
int logbook_begin(const char *folder, const struct logbook_suite *suite, struct outcome_run *run,
                  struct logbook *ret_book, struct vms_error *error);

/* The same with the newest unfinished run of run->configuration: what its journal holds is taken over. A run
 * that was killed before its journal had a whole header is begun anew; so is one of a set whose turn had not
 * come. -EALREADY: the set's run is done. */
int logbook_resume(const char *folder, const struct logbook_suite *suite, struct outcome_run *run,
                   struct logbook *ret_book, struct vms_error *error);

/* Removes the journal: the record is written, or nothing was measured. Accepts one that was never begun. */
void logbook_discard(struct logbook *book);

void logbook_done(struct logbook *book);

#endif
