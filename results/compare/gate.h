/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The gate: which losses fail a job. */
#ifndef VMSUITE_RESULTS_COMPARE_GATE_H
#define VMSUITE_RESULTS_COMPARE_GATE_H

#include "compare/comparison/comparison.h"

/* A limit for the rows that match; NULL members match all. Patterns are those of fnmatch(3). */
struct gate_rule {
    char *resource, *group, *module, *metric; /* owned */
    double fail_above;                        /* a share, 0.05 for 5%; NaN: these rows are not gated */
    char *reason;                             /* owned: why so, for people; NULL */
};

struct compare_gate {
    struct gate_rule *rules; /* owned; the first that matches counts */
    size_t n_rules;
    double fail_above;       /* where no rule matches; NaN: not gated */
    bool strict;             /* undecided rows and cases that were not compared fail, too */
    size_t n_gated;          /* rows with a limit */
    size_t n_failed, n_open; /* rows that fail; rows that may, for all that is known */
    size_t n_undecided;      /* rows with a limit that are neither decided nor equivalent */
    enum gate_outcome { GATE_PASSED, GATE_FAILED, GATE_INCONCLUSIVE } outcome;
};

#define GATE_ERROR 0.01 /* of a gate that fails though no row is above its limit */
/* The same where a side has one run; and of a row by itself, for what such runs are off by: the spread that
 * is assumed of it may be too small. */
#define GATE_ERROR_SINGLE 0.004
#define GATE_ERROR_SHIFT 0.0015
#define GATE_SUSPICION 0.2 /* two-sided p-value up to which a loss above the limit leaves the gate open */

/* Reads "5%" or "0.05". -EINVAL with a sentence: no such number, or not from 0 to 100%. */
int gate_parse_share(const char *text, double *ret_share, struct vms_error *error);

/* Reads a policy: {"schema": "vmsuite.policy/1", "fail_above": "5%" or 0.05 or null, "equivalent_within":
 * ..., "strict": ..., "rules": [{"resource", "group", "module", "metric", "fail_above", "reason"}]}. What it
 * does not set stays as it is in *ret_gate (the caller frees it with gate_done, or gives it to gate_apply)
 * and *ret_margin. -EINVAL with a sentence that names the member. */
int gate_read(const json_t *policy, struct compare_gate *ret_gate, double *ret_margin,
              struct vms_error *error);

/* What rules match: a metric of a case. */
struct gate_subject {
    const char *resource, *group, *module, *metric;
};

/* The first rule that matches, or NULL. */
const struct gate_rule *gate_find_rule(const struct compare_gate *gate, const struct gate_subject *subject);

/*
 * Judges the rows that are tested and have a limit. A row fails where it is slower and its loss is above its
 * limit beyond doubt: the one-sided p-value of "not above", stepped down over these rows, is at most
 * GATE_ERROR. Where a side has one run it is stepped up and at most GATE_ERROR_SINGLE, and by itself, with
 * the noise taken as known, at most GATE_ERROR_SHIFT. It is open where the loss is above the limit, but not
 * beyond doubt, and either a side has one run, or the data speak of a loss (p up to GATE_SUSPICION, by
 * itself). The gate fails with a row that fails (strict: with one that is undecided, and with a case that
 * was not compared, too), is inconclusive with an open one and where no row has a limit, else passes.
 * Takes the rules over, whatever it returns. -ENOMEM.
 */
int gate_apply(struct comparison *comparison, const struct compare_gate *gate, struct vms_error *error);

/* "passed", "failed", "inconclusive". */
const char *gate_outcome_name(enum gate_outcome outcome);
/* "Gate inconclusive: 1 row may be above its limit, 2 undecided, 0 not compared". Owned; NULL without
 * memory. */
char *gate_sentence(const struct comparison *comparison);

/* Frees rules. */
void gate_done(struct compare_gate *gate);
/* Frees the structure with its rules; takes NULL. */
void gate_free(struct compare_gate *gate);

#endif
