/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a case is called, so that the name distinguishes it from the other cases of its suite. */
#ifndef VMSUITE_RESULTS_RECORD_IDENTITY_LABEL_H
#define VMSUITE_RESULTS_RECORD_IDENTITY_LABEL_H

#include "record/identity/identity.h"

/* A setting of a group that its benchmarks give more than one value. */
struct label_sweep {
    const char *group,
        *setting; /* borrowed from the suite; `setting` is a parameter, "module", "cpus" or "warmup" */
};

/* The sweeps of a suite, with the groups that it has. */
struct label_sweeps {
    struct label_sweep *sweeps; /* owned */
    size_t n_sweeps;
    const char **groups; /* owned; each once */
    size_t n_groups;
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

/* The same of a case among all cases of a run, where no suite says what is swept: `between` stands between
 * name and value, '=' or ' '. Owned; NULL without memory. */
char *label_among(const struct identity *const *cases, size_t n_cases, size_t index, char between);

#endif
