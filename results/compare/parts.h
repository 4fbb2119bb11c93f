/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The stages of a comparison, and what they say on the way. */
#ifndef VMSUITE_RESULTS_COMPARE_PARTS_H
#define VMSUITE_RESULTS_COMPARE_PARTS_H

#include "compare/collected.h"

/* Pairs the subjects of side `other` with the baseline's: rows and refusals. */
int compare_pair(struct comparison *comparison, size_t other);

/* "tcp-small message_size=64 cpus=0-1". Owned; NULL without memory. */
char *compare_label(const struct collected_side *side, const struct subject *subject);

/* Describes all rows: medians, means, ranks over all trials (describe.c). */
int compare_describe(struct comparison *comparison);

/* Finds the effects of all rows, and of the resources: comparison->answers. */
int compare_measure(struct comparison *comparison);

/* Sets the losses of a finding from its effect. `lower`: the loss is counted on what is better when lower. */
void compare_set_loss(struct compare_finding *finding, bool lower);

/* Judges findings: one list of claims, verdicts, what would decide. */
int compare_judge(struct comparison *comparison);

/* By what rows are sorted, the worst first: the cost as a logarithm, infinite where there is a loss and no
 * ratio. */
double compare_badness(const struct compare_row *row);

/* Whether the answer is about some of its cases only, which its sentence says. */
bool compare_is_partial(const struct compare_answer *answer);

/* Sets the sentences of the answers. */
int compare_answer(struct comparison *comparison);

/* Whether a metric is tested though it is no headline. */
bool compare_is_asked(const struct comparison *comparison, const char *metric);

bool compare_is_lower_better(const struct compare_row *row);

/* A sentence for what went wrong with memory or the temporary file; returns `status`. */
int compare_fail(struct vms_error *error, int status, const char *what);

/* printf into a new text; NULL without memory. */
char *compare_sentence(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Appends to the comparison's lists; takes the texts over. -ENOMEM (the texts may be NULL: also -ENOMEM). */
int compare_warn(struct comparison *comparison, char *sentence);
int compare_refuse(struct comparison *comparison, size_t other, char *label, char *reason);

typedef int compare_writer(FILE *file, const struct comparison *comparison, const struct compare_view *view);
compare_writer compare_write_table, compare_write_markdown, compare_write_json, compare_write_csv,
    compare_write_junit;

#endif
