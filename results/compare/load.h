/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Record files into a comparison: one case in memory at a time, its values in a temporary file, so that
 * memory grows with the number of cases, not with that of records or samples. */
#ifndef VMSUITE_RESULTS_COMPARE_LOAD_H
#define VMSUITE_RESULTS_COMPARE_LOAD_H

#include "compare/comparison/comparison.h"

#define LOAD_NODE "node" /* the label of a run that names its node, as `vmsuite fleet` gives it */

/*
 * Adds the records of `paths` and finishes the comparison. The first n_baseline (at least 1) are runs of the
 * baseline. The others are grouped by the label of their configuration, in the order in which it first comes.
 * Where some of them have another configuration than the baseline, those of the baseline's own are further
 * runs of it; where none has, all are the other side, called "NAME (other)": two runs of one configuration
 * are compared. Records of one configuration must not be of several nodes (LOAD_NODE). -EINVAL with a
 * sentence: a file that is no record, or nothing to compare with. -ENOMEM.
 */
int compare_load(struct comparison *comparison, char *const *paths, size_t n_paths, size_t n_baseline,
                 struct vms_error *error);

#endif
