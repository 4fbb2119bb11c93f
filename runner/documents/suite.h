/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A suite: what is measured. */
#ifndef VMSUITE_RUNNER_DOCUMENTS_SUITE_H
#define VMSUITE_RUNNER_DOCUMENTS_SUITE_H

#include "module/loader.h"
#include "json/members.h"

/* The values that a parameter takes, as a user typed them: one, or several (a sweep). */
struct suite_sweep {
    char **texts; /* owned */
    size_t n_texts;
    bool is_given; /* the suite names it; otherwise it is the default */
};

/* One entry of a suite: a module with a value, or a list of values, for every parameter. */
struct suite_benchmark {
    char *group;
    const struct vms_module *module; /* borrowed */
    struct suite_sweep *sweeps;      /* n_params of them; defaults are filled in */
    unsigned trials, warmup;
    double target;     /* 0; "auto": SUITE_TARGET, and `trials` are the most */
    double deadline_s; /* 0: chosen from the module's estimate */
    char *cpus;        /* "0-1,3", or NULL: no affinity */
};

struct suite {
    char *name;
    char *description; /* or NULL */
    bool sequential;
    bool together; /* each case is run twice: at each place alone, and at all places at once */
    bool has_seed;
    uint64_t seed;
    struct suite_benchmark *benchmarks;
    size_t n_benchmarks;
};

#define SUITE_TRIALS 10
/* "auto": half the 95% interval of the headline's mean, as a share of the mean, that ends a case, and its
 * cap. */
#define SUITE_TARGET 0.02
#define SUITE_TRIALS_AUTO 100
#define SUITE_WARMUP 1
#define SUITE_TRIALS_MAX 10000
#define SUITE_WARMUP_MAX 1000

/* What a suite may hold. */
extern const struct member_table suite_members;

/* Reads the suite that `json`, at `path` of the document, holds. Everything that is wrong is added to the
 * document's problems; the suite is whole only where none was added. The caller frees with suite_done in any
 * case. */
void suite_read(const struct document *document, const char *path, const json_t *json,
                const struct module_list *modules, struct suite *ret_suite);
void suite_done(struct suite *suite);

/* Keeps the benchmarks whose group or module matches one of the shell patterns; -ENOENT where one matches
 * none. */
int suite_keep(struct suite *suite, char *const *patterns, size_t n_patterns, struct vms_error *error);

/* The cases that a benchmark comes to, one for each combination of its values; where they are more than
 * `most`, some number above it. */
size_t suite_count_cases(const struct suite_benchmark *benchmark, size_t most);

/* Every default and sweep spelt out, as records hold it. NULL without memory. */
json_t *suite_resolved(const struct suite *suite);

#endif
