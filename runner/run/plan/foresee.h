/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which cases will not run here, said before anything is measured. */
#ifndef VMSUITE_RUNNER_RUN_PLAN_FORESEE_H
#define VMSUITE_RUNNER_RUN_PLAN_FORESEE_H

#include "module/outcome.h"

#include <stdio.h>

/* Prints a line for each case whose module refuses it in its probe, with its reason. Only modules that need
 * nothing (vms_needs) are asked, in a process of their own, for a few seconds at the most; of the others a
 * run finds out. */
void foresee_print(FILE *file, const struct outcome_case *cases, size_t n_cases);

#endif
