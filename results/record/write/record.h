/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Outcomes as JSON, and back. All JSON is Jansson's; functions that return json_t * give a new reference. */
#ifndef VMSUITE_RESULTS_RECORD_WRITE_RECORD_H
#define VMSUITE_RESULTS_RECORD_WRITE_RECORD_H

/* Facts of a guest's trials that its host adds, of the time of the trial: seconds of processor time that the
 * guest's monitor used (of Xen's guests: dom0), of it the time in which the guest itself ran, and that the
 * whole host was busy; exits of the guest, and those of them that a process of the host had to answer;
 * context switches of the monitor. */
#define RECORD_FACT_HOST "host_" /* what the facts that a host adds begin with */
#define RECORD_FACT_HOST_CPU "host_cpu_s"
#define RECORD_FACT_HOST_GUEST "host_guest_s"
#define RECORD_FACT_HOST_BUSY "host_busy_s"
#define RECORD_FACT_HOST_EXITS "host_exits"
#define RECORD_FACT_DEVICE_EXITS "host_device_exits"
#define RECORD_FACT_HOST_SWITCHES "host_switches"

#include "machine/machine.h"
#include "module/outcome.h"

#include <jansson.h>

#define RECORD_SCHEMA "vmsuite.record/1"

/* What a record says beside the run itself. All borrowed. */
struct record_context {
    const json_t *labels;        /* {"NAME": "VALUE", ...}; NULL: none */
    const json_t *places;        /* of a run over several: as the record has it; NULL: it was not one */
    const json_t *suite;         /* resolved: every default and sweep spelt out */
    const json_t *configuration; /* as given; token files are named, never read into it */
    const struct machine *before, *after; /* NULL: not taken, or: */
    const json_t *machines[2];            /* the same as record_machine has them, from elsewhere */
};

/* The whole record. NULL without memory. Non-finite figures become null with a status. */
json_t *record_new(const struct outcome_run *run, const struct record_context *context);

/* The machine: virtualization, container, evidence and facts (also what `env --json` prints). */
json_t *record_machine(const struct machine *machine);

/* The set of runs that a run belongs to, as records and journals name it. NULL without memory. */
json_t *record_set(const struct outcome_set *set);

/* What the program that drove a place took itself while trials ran, `trials_s` long. NULL without memory. */
json_t *record_driver(double processor_s, double trials_s);

/* Facts as [{"key", "value"}], and back into `facts` (-EINVAL with a sentence, -ENOMEM). */
json_t *record_facts(const struct outcome_facts *facts);
int record_read_facts(const json_t *json, struct outcome_facts *facts, struct vms_error *error);

/* One trial, as a record has it; read back by record_read_trial. */
json_t *record_trial(const struct outcome_case *outcome, const struct outcome_trial *trial);

/* Reads a trial back (the caller empties it with outcome_trial_done). -EINVAL with a sentence. */
int record_read_trial(const struct outcome_case *outcome, const json_t *json, struct outcome_trial *ret_trial,
                      struct vms_error *error);

#endif
