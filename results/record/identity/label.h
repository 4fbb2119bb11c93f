/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a case is called, so that the name distinguishes it from the other cases of its suite. */
#ifndef VMSUITE_RESULTS_RECORD_IDENTITY_LABEL_H
#define VMSUITE_RESULTS_RECORD_IDENTITY_LABEL_H

#include "record/identity/identity.h"

/* The sweeps of a suite: a member for each group, with one for each setting that its benchmarks give more
 * than one value: a parameter, "module", "cpus" or "warmup". */
struct label_sweeps {
    json_t *groups; /* owned */
};

/* Collects them from a suite with every default spelt out, as records hold it; of NULL, none. -ENOMEM. The
 * caller frees with label_sweeps_done, also after a failure. */
int label_sweeps_init(struct label_sweeps *sweeps, const json_t *suite);
void label_sweeps_done(struct label_sweeps *sweeps);

/* Whether the group's cases differ in the setting; true where the suite has no such group. */
bool label_is_swept(const struct label_sweeps *sweeps, const char *group, const char *setting);

/* The case's group, and " name=value" for each setting that is swept in it: "tcp-small message_size=64
 * cpus=0-1". Owned; NULL without memory. */
char *label_new(const struct label_sweeps *sweeps, const struct view_case *outcome);

struct label_kin; /* cases of one group and module */

/* What differs between the cases of a run, where no suite says what is swept. */
struct label_cases {
    struct arena arena;
    const struct identity *const *cases; /* borrowed */
    const struct label_kin **kin;        /* of each case, in the arena */
};

/* Looks at all cases once; they stay until label_cases_done, which is called after a failure, too.
 * -ENOMEM. */
int label_cases_init(struct label_cases *among, const struct identity *const *cases, size_t n_cases);
void label_cases_done(struct label_cases *among);

/* The same as label_new of a case among those: `between` stands between name and value, '=' or ' '. Owned;
 * NULL without memory. */
char *label_among(const struct label_cases *among, size_t index, char between);

#endif
