/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One run of one configuration, from its plan to its record. */
#ifndef VMSUITE_RUNNER_RUN_MEASURE_H
#define VMSUITE_RUNNER_RUN_MEASURE_H

#include "documents/configuration.h"
#include "run/notice/progress.h"

#include <jansson.h>

struct measure_options {
    const char *output; /* folder; "-": the record goes to stdout */
    enum progress_mode progress;
    bool quiet;       /* no table */
    bool details;     /* each warning, not a line for each kind */
    bool all_metrics; /* the table has a row for each metric, not only for a case's headline */
    bool compress;    /* the record is packed with zstd */
    bool dry_run, resume;
    bool keep_bundle;     /* what is brought to places stays there */
    unsigned retry_noisy; /* how often a noisy trial is measured again */
    bool has_seed;
    uint64_t seed;
    struct outcome_set set; /* that this run belongs to */
    const json_t *labels;   /* borrowed: {"NAME": "VALUE", ...}, or NULL */
    const char *store;      /* that the record is added to, or NULL */
};

/* Measures, writes the record, prints a table on stdout (on stderr where the record or progress as JSON goes
 * there), then warnings and the path on stderr. Returns the program's exit status; what went wrong is
 * reported on stderr. */
int measure_configuration(const struct configuration *configuration, const struct module_list *modules,
                          const struct measure_options *options);

/* Prints the plan and what it costs. Returns the exit status. */
int measure_dry_run(const struct configuration *configuration, const struct measure_options *options);

#endif
