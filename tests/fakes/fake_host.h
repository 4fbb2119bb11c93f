/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A host for module tests: loads a module from VMSUITE_MODULE_PATH, runs one trial, keeps what it
 * reported. For a two-sided module the peer's half runs in a forked process, the control connection is
 * a socket pair. */
#ifndef VMSUITE_TESTS_FAKES_FAKE_HOST_H
#define VMSUITE_TESTS_FAKES_FAKE_HOST_H

#include "module/outcome.h"

struct fake_host {
    struct vms_host host;
    struct vms_module *module; /* owned */
    union vms_value values[64];
    char *texts[64];
    struct outcome_trial trial;      /* what the last measure reported */
    struct outcome_facts case_facts; /* facts set in probe and prepare */
    bool measuring;
    bool stop; /* what should_stop answers */
    char scratch[64];
    int control; /* our end of the control connection, -1 */
};

/* Loads the module and its defaults; fails the test where that fails. */
void fake_host_init(struct fake_host *fake, const char *module);
/* Sets a parameter as a user would type it; fails the test where it is refused. */
void fake_host_set(struct fake_host *fake, const char *parameter, const char *text);
/* probe, prepare, measure, cleanup; 0 or the first error. Call it again for another trial. */
int fake_host_run(struct fake_host *fake, struct vms_error *error);
/* What was reported as a metric; NULL where it was not. */
const struct outcome_metric *fake_host_metric(const struct fake_host *fake, const char *metric);
/* A reported value; NaN where the metric was not reported. */
double fake_host_value(const struct fake_host *fake, const char *metric);
/* A fact of the trial, else of the case, else NULL. */
const char *fake_host_fact(const struct fake_host *fake, const char *key);
/* Removes the scratch folder and frees everything. */
void fake_host_done(struct fake_host *fake);

#endif
