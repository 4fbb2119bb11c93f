/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What makes two cases the same work, and two figures those of the same metric. */
#ifndef VMSUITE_RESULTS_RECORD_IDENTITY_IDENTITY_H
#define VMSUITE_RESULTS_RECORD_IDENTITY_IDENTITY_H

#include "record/view/view.h"

/* Every parameter and other setting that was asked for, and what was really done. It lives in an arena. */
struct identity {
    const char *group, *module;
    enum vms_resource resource;
    unsigned workload_version;
    unsigned warmup;                 /* runs before the trials, which decide what the first one finds */
    const char *path, *cpus;         /* "" where there is none */
    unsigned neighbours;             /* how many other places ran the case at the same time */
    const struct view_param *params; /* name and value */
    size_t n_params;
    const struct view_fact *facts; /* the work, each key once; "varies" where trials differ in it */
    size_t n_facts;
};

/* What a figure is of; `name` may be that of a tail. It lives in an arena. */
struct identity_metric {
    const char *name;
    enum vms_unit unit;
    enum vms_better better;
    enum vms_side side;
};

/* The identity of a case of the record that begins with `head`, with copies of all texts, in `arena`; NULL
 * without memory. */
const struct identity *identity_new(struct arena *arena, const struct view_head *head,
                                    const struct view_case *outcome);

bool identity_is_same(const struct identity *a, const struct identity *b);
bool identity_has_same_facts(const struct identity *a, const struct identity *b);
bool identity_is_same_metric(const struct identity_metric *a, const struct identity_metric *b);

/* The parameter's or the fact's value, or NULL. */
const struct view_value *identity_find_param(const struct identity *identity, const char *name);
const char *identity_find_fact(const struct identity *identity, const char *key);

/* {"group", "module", "resource", "workload_version", "warmup", "path", "cpus", "neighbours" (where there are
 * any), "params", "facts"}; a new reference, NULL without memory. */
json_t *identity_json(const struct identity *identity);

#endif
