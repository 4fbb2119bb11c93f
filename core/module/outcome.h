/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Plain data: what execution fills in and results/ reads. Everything that is said to be owned is freed by
 * outcome_run_done. */
#ifndef VMSUITE_CORE_MODULE_OUTCOME_H
#define VMSUITE_CORE_MODULE_OUTCOME_H

#include "noise/noise.h"
#include "stats/clock_offset.h"
#include "stats/sketch.h"
#include "stats/stats.h"

#include <time.h>
#include <vmsuite/module.h>

enum outcome_status {
    OUTCOME_OK,
    OUTCOME_UNSUPPORTED, /* the module said that the case cannot run here */
    OUTCOME_FAILED,      /* an error, or a verification that did not hold */
    OUTCOME_TIMEOUT,     /* ended at its deadline */
    OUTCOME_CRASHED,     /* the process died */
    OUTCOME_LOST,        /* the way to the place where it ran was cut */
    OUTCOME_INTERRUPTED  /* stopped by the user, or never begun because of that */
};

/* "ok", "unsupported", ...: as records say it. */
const char *outcome_status_name(enum outcome_status status);
int outcome_status_from_name(const char *name, enum outcome_status *ret_status);

/* A distribution keeps its raw values, in order, where there are no more than this. */
#define OUTCOME_RAW_MAX 64

struct outcome_metric {
    unsigned metric; /* index into the module's table */
    double value;    /* of a distribution: its median */
    bool is_distribution;
    struct stats_distribution distribution;
    size_t n_raw; /* 0 where there were too many */
    double raw[OUTCOME_RAW_MAX];
    /* owned by the trial; of values that are not negative, where there were too many; or NULL */
    struct sketch *sketch;
};

#define OUTCOME_KEY_SIZE 64
#define OUTCOME_FACT_SIZE 256
struct outcome_fact {
    char key[OUTCOME_KEY_SIZE];
    char value[OUTCOME_FACT_SIZE];
};

struct outcome_facts {
    struct outcome_fact *facts; /* owned */
    size_t n_facts;
};

/* A case or a trial has no more facts than this: a module may report without end. */
#define OUTCOME_FACTS_MAX 1024

/* Sets a fact, replacing the value of a key that is there; cut to fit, with a mark. -ENOMEM; -E2BIG: it would
 * be one too many. */
int outcome_facts_set(struct outcome_facts *facts, const char *key, const char *value);

/* What a trial is marked with, beside noise's own flags (enum noise_flag, the lower bits). */
enum outcome_flag {
    OUTCOME_MISMATCH = 1 << 16, /* the machine is not what the configuration expects */
    OUTCOME_REPEATED = 1 << 17  /* measured again because of noise: the earlier attempts are kept with it */
};

/* "steal", "mismatch", ...: as records say it; NULL where the bit is no flag. */
const char *outcome_flag_name(uint32_t flag);

struct outcome_trial {
    unsigned trial; /* from 1, within the case */
    unsigned order; /* from 1, within the run */
    double start_s; /* since the run's start */
    double duration_s;
    enum outcome_status status;
    char *reason;                   /* owned; NULL when ok */
    struct outcome_metric *metrics; /* owned; in the order reported, the headline first */
    size_t n_metrics;
    struct outcome_facts facts;
    struct clock_offset clock; /* the peer's against ours; its n is 0 where there is no peer */
    char **log;                /* owned: what the module said for people, "warning: ..." */
    size_t n_log;
    uint32_t flags; /* enum noise_flag and enum outcome_flag, or-ed */
    bool has_noise;
    struct noise noise;
    struct outcome_trial *attempts; /* owned: earlier attempts that were too noisy */
    size_t n_attempts;
};

/* Takes over `noisy` (and empties it) with its attempts as an earlier attempt of `trial`. -ENOMEM leaves both
 * as they were. */
int outcome_trial_repeat(struct outcome_trial *trial, struct outcome_trial *noisy);

/* The lines of its log that a trial keeps; the last one then says that there were more. */
#define OUTCOME_LOG_MAX 20

/* Appends a copy of a line to the trial's log. -ENOMEM. */
int outcome_trial_log(struct outcome_trial *trial, enum vms_log_level level, const char *text);

/* Appends an empty metric and returns it (borrowed, until the next append), or NULL without memory. */
struct outcome_metric *outcome_trial_add_metric(struct outcome_trial *trial);
/* Frees what the trial owns. */
void outcome_trial_done(struct outcome_trial *trial);

struct outcome_case {
    unsigned id;                     /* from 1 */
    char *group;                     /* owned: the benchmark's name in the suite */
    const struct vms_module *module; /* borrowed */
    union vms_value *values;         /* owned; texts are owned by `texts` */
    char **texts;                    /* owned, one per parameter: the effective value as typed */
    unsigned n_trials;               /* wanted; the most, where `target` is set */
    double target;                   /* 0; or trials go on until the 95% interval of the headline's mean is
                                        within this share of the mean */
    unsigned warmup;
    double deadline_s;
    uint64_t seed;
    const char *path;           /* "loopback", "network", or NULL where no network is used */
    char *cpus;                 /* owned; the processors that it is bound to, "0-1,3"; NULL: all */
    bool together;              /* it runs at all places of the run at once, not at one at a time */
    unsigned neighbours;        /* how many other places run it at the same time */
    enum outcome_status status; /* ok: all wanted trials are ok */
    char *reason;               /* owned; the first one */
    struct outcome_facts facts;
    struct outcome_trial *trials; /* owned, in the order of their numbers; may be fewer than wanted */
    size_t n_done;
};

#define OUTCOME_DIGEST_SIZE 65
/* Which file a module came from. */
struct outcome_module {
    const struct vms_module *module;  /* borrowed */
    char *path;                       /* owned */
    char sha256[OUTCOME_DIGEST_SIZE]; /* of the file's bytes, in hexadecimal; "" where it could not be read */
    bool is_shipped;                  /* it came with this program */
};

/* The set of runs that a run belongs to. */
struct outcome_set {
    char id[37];        /* UUID; "": it belongs to none */
    unsigned run, runs; /* which, from 1, of how many */
    /* after each run from this one on the set was compared, to end where all is sure; 0: never */
    unsigned looks;
};

struct outcome_run {
    char run_id[37]; /* UUID, version 4 */
    struct outcome_set set;
    char *configuration; /* owned */
    uint64_t seed;
    time_t started_at;
    double duration_s;
    enum outcome_status status;     /* ok, failed (some case is not ok), interrupted */
    struct outcome_module *modules; /* owned; those of the cases, each once, in their order */
    size_t n_modules;
    struct outcome_case *cases; /* owned */
    size_t n_cases;
    char **warnings; /* owned */
    size_t n_warnings;
    double clock_cost_s;
    double facts_s; /* what reading the machine's facts took */
};

/* Appends a copy of a printf-style sentence to the run's warnings. -ENOMEM. */
int outcome_run_warn(struct outcome_run *run, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Takes over `module` (and empties it). -ENOMEM leaves both as they were. */
int outcome_run_add_module(struct outcome_run *run, struct outcome_module *module);
/* What the run knows of the module's file, or NULL. */
const struct outcome_module *outcome_run_module(const struct outcome_run *run,
                                                const struct vms_module *module);

/* Takes over `trial` (and empties it) into the case, kept in the order of trial numbers; replaces a trial of
 * the same number. -ENOMEM leaves both as they were. */
int outcome_case_add(struct outcome_case *outcome, struct outcome_trial *trial);

/* Sets case and run status from their trials: the worst that happened, with the first reason. A case that is
 * unsupported does not make the run a failed one. */
void outcome_run_settle(struct outcome_run *run);

/* Frees all that the run owns, not the structure itself. */
void outcome_run_done(struct outcome_run *run);

#endif
