/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From collected values to verdicts, a stage after the other. */
#ifndef VMSUITE_RESULTS_COMPARE_EFFECTS_EFFECTS_H
#define VMSUITE_RESULTS_COMPARE_EFFECTS_EFFECTS_H

#include "compare/collect/collected.h"

/* Pairs the subjects of side `other` with the baseline's: rows and refusals. */
int compare_pair(struct comparison *comparison, size_t other);

/* "tcp-small message_size=64 cpus=0-1". Owned; NULL without memory. */
char *compare_label(const struct collected_side *side, const struct subject *subject);

/* Describes all rows: medians, means, ranks over all trials (describe.c). */
int compare_describe(struct comparison *comparison);

/* What a whole run may be off by in a resource, where one run does not show it and nothing else is given. */
struct shift_prior compare_prior(const char *resource);

/* Finds the effects of all rows, and of the resources: comparison->answers. */
int compare_measure(struct comparison *comparison);

/* Sets the losses of a finding from its effect. `lower`: the loss is counted on what is better when lower. */
void compare_set_loss(struct compare_finding *finding, bool lower);

/* Judges findings: one list of claims, verdicts, what would decide. */
int compare_judge(struct comparison *comparison);

/* Whether every resource of every configuration is slower, faster or equivalent. */
bool compare_is_sure(const struct comparison *comparison);

#endif
