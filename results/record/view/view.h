/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A record as its readers see it: typed, with enumerations for what has a closed list of words. No text is
 * NULL unless that is said; numbers are in base units without prefix, and NaN where the record holds null.
 * Everything is owned by the structure around it and lives as long. */
#ifndef VMSUITE_RESULTS_RECORD_VIEW_VIEW_H
#define VMSUITE_RESULTS_RECORD_VIEW_VIEW_H

#include "module/outcome.h"
#include "record/arena.h"

#include <jansson.h>

enum view_kind { VIEW_NULL, VIEW_BOOLEAN, VIEW_WHOLE, VIEW_REAL, VIEW_TEXT };

/* A parameter's value, or that of a fact about the machine. */
struct view_value {
    enum view_kind kind;
    double number;    /* VIEW_WHOLE and VIEW_REAL; NaN for the others */
    bool boolean;     /* VIEW_BOOLEAN */
    const char *text; /* of any kind: the text, or the value as JSON ("64", "0.5", "true", "null") */
};

struct view_param {
    const char *name;
    struct view_value value;
    enum vms_kind kind; /* 0 where the record does not say */
    enum vms_role role; /* PLAIN where the record does not say */
};

/* What a module reported about a case or a trial. */
struct view_fact {
    const char *key, *value;
    enum vms_role role; /* of a case's or trial's fact: PLAIN where the record does not say */
};

/* A metric of a case, with its summary over the trials that are ok. */
struct view_metric {
    const char *name;
    bool is_summarised; /* the record says what follows; else a trial alone has named it */
    enum vms_unit unit;
    enum vms_better better;
    enum vms_side side;
    enum vms_shape shape;
    enum vms_role role; /* PLAIN where the record does not say */
    struct stats_summary summary;
};

struct view_quantile {
    double q, value;
};

/* The distribution of which a trial's figure is the median. */
struct view_distribution {
    uint64_t n;
    double mean, sd;
    const struct view_quantile *quantiles;
    size_t n_quantiles;
    const double *values; /* the raw values, where there were few; NULL */
    size_t n_values;
    const struct sketch *histogram; /* NULL: there is none */
};

/* One figure of a trial. */
struct view_sample {
    size_t metric;                                /* index into the case's metrics */
    double value;                                 /* of a distribution: its median */
    const struct view_distribution *distribution; /* NULL: a scalar */
};

struct view_trial {
    unsigned trial; /* from 1, within the case */
    unsigned order; /* from 1, within the run */
    double start_s; /* since the run's start */
    double duration_s;
    enum outcome_status status;
    const char *reason;       /* "" when ok */
    const char *const *flags; /* the words of the record: of newer versions, too */
    size_t n_flags;
    const struct noise *noise;        /* NULL: not taken */
    const struct clock_offset *clock; /* NULL: there was no peer */
    const struct view_fact *facts;
    size_t n_facts;
    const struct view_sample *samples; /* the headline first */
    size_t n_samples;
    size_t n_attempts; /* earlier ones, which count nowhere */
};

struct view_case {
    unsigned id; /* from 1 */
    const char *group, *module;
    unsigned workload_version;
    enum vms_resource resource;
    const char *path;    /* "loopback", "network", or "" where no network is used */
    const char *cpus;    /* the processors that it was bound to, "0-1,3"; "": all */
    unsigned neighbours; /* how many other places ran it at the same time */
    const struct view_param *params;
    size_t n_params;
    uint64_t seed;
    unsigned trials_wanted, warmup;
    double deadline_s;
    enum outcome_status status;
    const char *reason; /* "" when ok */
    const struct view_fact *facts;
    size_t n_facts;
    const struct view_trial *trials;
    size_t n_trials;
    const struct view_metric *metrics; /* the summarised ones first, among them the headline first */
    size_t n_metrics;
    struct arena arena; /* the rest of it */
};

enum view_fact_status { VIEW_FACT_OK, VIEW_FACT_NOT_APPLICABLE, VIEW_FACT_UNKNOWN, VIEW_FACT_ERROR };

/* A fact about the machine, as it was before the first trial. */
struct view_machine_fact {
    const char *name;
    struct view_value value;
    enum view_fact_status status;
    const char *reason; /* "" when ok */
};

struct view_machine {
    const char *virtualization, *container; /* "" where they are not recorded */
    const struct view_machine_fact *facts;
    size_t n_facts;
};

/* A row of a module's table of parameters or facts. */
struct view_module_row {
    const char *name;
    enum vms_kind kind; /* of a parameter */
    enum vms_role role;
};

/* A module that the record's cases use. */
struct view_module {
    const char *name;
    const struct view_module_row *params, *facts;
    size_t n_params, n_facts;
};

/* Where a run stands among those that were made in turn. */
struct view_run_set {
    const char *id; /* of the set; "": the run is of none */
    size_t run, of; /* from 1; 0 where the record has no such number */
    bool has_looks; /* the set was compared while it was made, */
    size_t first;   /* after each round from this one on, 0 where the record has no such number; */
    double error;   /* of all looks and the comparison at the end together; 0 as above */
};

/* A record without its cases. */
struct view_head {
    const char *run_id;
    const char *configuration; /* its name, */
    const char *label;         /* and with what a reader must know, "native (emulated hardware)" */
    const char *started_at;
    double duration_s;
    enum outcome_status status;
    bool is_emulated;         /* its hardware was emulated in software */
    bool disk_in_memory;      /* its guest's disk lay in memory beside the hypervisor */
    bool counts_instructions; /* its clock counts instructions, */
    const char *clock; /* as records say it: "real-time", "instructions"; "" where no guest was booted */
    struct view_machine machine;
    const struct view_fact *program; /* {"version", ...}, then how it was built: {"compiler", ...} */
    size_t n_program;
    const struct view_module *modules; /* each once; empty in records of before 0.2 */
    size_t n_modules;
    const char *const *warnings;
    size_t n_warnings;
    struct view_run_set run_set;
    const json_t *document; /* all members, as they were read: suite, configuration and guest are documents */
    struct arena arena;     /* the rest of it */
};

/* A member of the case by its name, or NULL. Borrowed. */
const struct view_param *view_find_param(const struct view_case *outcome, const char *name);
const struct view_metric *view_find_metric(const struct view_case *outcome, const char *name);
/* The trial's figure for a metric (an index), or NULL. */
const struct view_sample *view_find_sample(const struct view_trial *trial, size_t metric);
const struct view_machine_fact *view_find_fact(const struct view_machine *machine, const char *name);
/* Whether two values are of one kind and equal. */
bool view_is_same_value(const struct view_value *a, const struct view_value *b);

#endif
