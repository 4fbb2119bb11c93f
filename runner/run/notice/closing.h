/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a finished run is warned of, in a line for each kind. */
#ifndef VMSUITE_RUNNER_RUN_NOTICE_CLOSING_H
#define VMSUITE_RUNNER_RUN_NOTICE_CLOSING_H

#include "module/outcome.h"

#include <stdbool.h>
#include <stdio.h>

/* Where each kind begins among the warnings of the run: those of disturbed trials, of cases that drift or
 * fall into two groups, and what comes after them. */
struct closing_kinds {
    size_t noise, stability, rest;
};

/* Adds the warnings of its trials to a finished run, behind `mismatch` (NULL: the machine is what it has to
 * be), and notes where each kind begins. `cpu_group` is that by which this end shares its processors ("":
 * unknown). -ENOMEM. */
int closing_judge(struct outcome_run *run, const char *mismatch, const char *cpu_group,
                  struct closing_kinds *ret_kinds);

/* Prints the warnings: "45 of 45 trials disturbed: up to 87% of the processors' time used by others", how
 * many cases drift, and the first few of the rest; with `details` each warning as the record has it. */
void closing_warnings(FILE *file, const struct outcome_run *run, const struct closing_kinds *kinds,
                      bool details);

#endif
