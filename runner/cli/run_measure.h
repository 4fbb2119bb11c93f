/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What `vmsuite run` does with its arguments. */
#ifndef VMSUITE_RUNNER_CLI_RUN_MEASURE_H
#define VMSUITE_RUNNER_CLI_RUN_MEASURE_H

#include "cli/run_places.h"
#include "run/set/design.h"

#define RUN_CONFIGURATIONS_MAX 64

struct run_arguments {
    struct words given; /* --config */
    struct words labels;
    json_t *label_json;
    struct words on; /* places, as they were typed */
    const char *peer;
    struct configuration_overrides overrides;
    struct measure_options options;
    bool allow_mismatch;
    unsigned runs;
    const char *find, *budget;
    struct goal goal;
    struct design design;
    const char *configurations[RUN_CONFIGURATIONS_MAX];
    size_t n_configurations;
    struct run_places places;
};

/* Reads all configurations before the first is measured, so that a mistake in the last costs nothing; then
 * measures them. Returns the exit status; what went wrong is reported on stderr. */
int run_measure(struct run_arguments *arguments, const struct module_list *modules);

#endif
