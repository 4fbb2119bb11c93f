/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What one configuration costs against another: pairs the cases of records, judges the headline metric of
 * each case and an answer for each resource, and says what could not be compared and why. docs/method.md has
 * the statistics; core/stats/effects/table_effects.h and step_down.h are where they are.
 */
#ifndef VMSUITE_RESULTS_COMPARE_COMPARE_H
#define VMSUITE_RESULTS_COMPARE_COMPARE_H

#include "compare/comparison/comparison.h"

/* A new, empty comparison, freed with compare_free; NULL without memory. */
struct comparison *compare_new(const struct compare_options *options);

/* Pairs, judges and sorts; call it once. -EINVAL: less than two sides. -ENOMEM. */
int compare_finish(struct comparison *comparison, struct vms_error *error);

/* Takes NULL. */
void compare_free(struct comparison *comparison);

#endif
