/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The deterministic gate: figures of guests whose clock counts instructions are kept in a file, and later
 * ones are compared with them. results/schema/baseline.schema.json describes the file's fields. */
#ifndef VMSUITE_RUNNER_STUDY_BASELINE_H
#define VMSUITE_RUNNER_STUDY_BASELINE_H

#include "compare/gate.h"

#define BASELINE_SCHEMA "vmsuite.baseline/1"

/* A baseline without configurations, of that suite. New reference, or NULL without memory. */
json_t *baseline_new(const json_t *suite);

/* Adds a configuration, without figures yet. Borrowed, or NULL without memory. */
json_t *baseline_add_configuration(json_t *baseline, const char *name);

/* Adds a record's figures to its configuration: the median of each metric, and whether it is gated, after
 * `policy` (the limits of a loss there are tolerances either way here). What waited for the real host never
 * is. Further records of the configuration add further values. -ENOMEM. */
int baseline_add_record(json_t *configuration, const json_t *record, const struct compare_gate *policy);

/* Reads a baseline, and compares its suite with that of the study. -EINVAL with a sentence that names what
 * is wrong; no figure of another suite is ever compared. */
int baseline_read(const char *path, const json_t *suite, json_t **ret_baseline, struct vms_error *error);

struct baseline_verdict {
    size_t n_held, n_changed, n_missing; /* gated figures: within their tolerance, beyond it, not measured */
    size_t n_free;                       /* figures that are not gated */
};

/* Compares `now` with `baseline` and reports on `file`, figure by figure, what changed or is missing, and
 * what else is different. Passed: nothing changed, nothing is missing, and something was held. */
bool baseline_hold(FILE *file, const json_t *baseline, const json_t *now,
                   struct baseline_verdict *ret_verdict);

#endif
