/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A host for tests of modules: runs one trial and keeps what it reported. For a two-sided module the peer's
 * half runs in a forked process, the control connection is a socket pair. What a test does wrong ends it with
 * abort(). */
#ifndef VMSUITE_CORE_FAKE_HOST_FAKE_HOST_H
#define VMSUITE_CORE_FAKE_HOST_FAKE_HOST_H

#include "fake_host/reports.h"

struct fake_host {
    struct vms_host host;
    const struct vms_module *module;
    union vms_value values[64];
    char *texts[64];
    struct fake_trial trial;      /* what the last measure reported */
    struct fake_facts case_facts; /* facts set in probe and prepare */
    bool measuring;
    bool alone; /* the other half is the test's own: `serve` is not started */
    bool stop;  /* what should_stop answers */
    char scratch[64];
    int control; /* our end of the control connection, -1 */
};

/* Borrows the module, whose tables must have been checked (descriptor_adopt), and sets its parameters'
 * defaults. */
void fake_host_begin(struct fake_host *fake, const struct vms_module *module);
/* Sets a parameter as a user would type it; fails the test where it is refused. */
void fake_host_set(struct fake_host *fake, const char *parameter, const char *text);
/* probe, prepare, measure, cleanup; 0 or the first error. Call it again for another trial. */
int fake_host_run(struct fake_host *fake, struct vms_error *error);
/* What was reported as a metric; NULL where it was not. */
const struct fake_metric *fake_host_metric(const struct fake_host *fake, const char *metric);
/* A reported value; NaN where the metric was not reported. */
double fake_host_value(const struct fake_host *fake, const char *metric);
/* A fact of the trial, else of the case, else NULL. */
const char *fake_host_fact(const struct fake_host *fake, const char *key);
/* Removes the scratch folder and frees everything but the module. */
void fake_host_end(struct fake_host *fake);

/* Ends the test with a sentence. */
_Noreturn void fake_host_die(const char *what, const char *text);

#endif
