/* SPDX-License-Identifier: GPL-3.0-or-later */
/* "trials": "auto": when a case has enough. */
#ifndef VMSUITE_RUNNER_RUN_EXECUTE_ENOUGH_H
#define VMSUITE_RUNNER_RUN_EXECUTE_ENOUGH_H

#include "module/outcome.h"

#define ENOUGH_LEAST 5 /* trials before the interval is believed */

/* Whether the case has enough trials: half the 95% interval of its headline's mean is within the case's
 * target of the mean, or its cap is reached. Then its wanted trials become those that were made, and its fact
 * "trials" says which it was. A case without a target never has. (Looking after each trial makes the interval
 * a little too narrow: its coverage lies some points below 95%.) */
bool enough_trials(struct outcome_case *outcome);

#endif
