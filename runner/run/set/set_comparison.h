/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the records of a set of runs say together. */
#ifndef VMSUITE_RUNNER_RUN_SET_SET_COMPARISON_H
#define VMSUITE_RUNNER_RUN_SET_SET_COMPARISON_H

#include <stdio.h>
#include <vmsuite/module.h>

/* Compares the records of the set in `folder`, those that have the baseline's name with the others, and
 * prints the table. Nothing where there is only one side. -errno with a sentence. */
int set_comparison_print(FILE *file, const char *folder, const char *set_id, const char *baseline,
                         struct vms_error *error);

#endif
