/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether a trial is still to be run. */
#ifndef VMSUITE_RUNNER_RUN_EXECUTE_WANTED_H
#define VMSUITE_RUNNER_RUN_EXECUTE_WANTED_H

#include "module/outcome.h"

/* After this many failed trials in a row a case is given up; a crash, a timeout or "unsupported" ends it at
 * once. */
#define WANTED_FAILURES_MAX 3

/* False where the trial is there already (a resumed run), the case was given up, or its trials were
 * enough. */
bool wanted_trial(struct outcome_case *outcome, unsigned trial);

/* Whether a case has failed so often, or in such a way, that none of its trials is wanted any more. */
bool wanted_is_given_up(const struct outcome_case *outcome);

/* After a trial: whether it was the case's last. */
bool wanted_no_more(struct outcome_case *outcome, unsigned trial);

#endif
