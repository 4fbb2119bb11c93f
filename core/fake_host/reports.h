/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a module has reported to a host of tests. */
#ifndef VMSUITE_CORE_FAKE_HOST_REPORTS_H
#define VMSUITE_CORE_FAKE_HOST_REPORTS_H

#include <vmsuite/module.h>

struct fake_metric {
    unsigned metric; /* index into the module's table */
    bool is_distribution;
    double value;   /* of a distribution: its median */
    double *values; /* owned; as they were given */
    size_t n;
};

struct fake_fact {
    char *key, *value; /* owned */
};

struct fake_facts {
    struct fake_fact *facts; /* owned */
    size_t n_facts;
};

struct fake_trial {
    struct fake_metric *metrics; /* owned; in the order reported */
    size_t n_metrics;
    struct fake_facts facts;
    char **log; /* owned */
    size_t n_log;
};

/* Each returns 0 or -ENOMEM. The texts and values are copied. */
int fake_trial_add(struct fake_trial *trial, unsigned metric, bool is_distribution, const double *values,
                   size_t n);
int fake_trial_log(struct fake_trial *trial, const char *text);
/* A second value for a key replaces the first. */
int fake_facts_set(struct fake_facts *facts, const char *key, const char *value);
/* NULL where it was not set. */
const char *fake_facts_find(const struct fake_facts *facts, const char *key);

/* Free what they own and leave them empty. */
void fake_trial_done(struct fake_trial *trial);
void fake_facts_done(struct fake_facts *facts);

#endif
