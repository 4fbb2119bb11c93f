/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checks what an agent says against what it may say: a place can spoil its own record and nothing else. */
#ifndef VMSUITE_RUNNER_PLACES_STATION_INTAKE_H
#define VMSUITE_RUNNER_PLACES_STATION_INTAKE_H

#include "module/outcome.h"

#include <jansson.h>

/* Reads "taken" (agent_message.h): the answer to that trial of the case. Its figures must be finite, one for
 * each metric, and distributions such as figures can have. Facts and path go to the case. start_s counts from
 * when the agent was asked. -EPROTO with a sentence. */
int station_intake_trial(const json_t *message, struct outcome_case *outcome, unsigned trial,
                         struct outcome_trial *ret_trial, struct vms_error *error);

/* Reads "trouble" into the case that it names. -EPROTO. */
int station_intake_trouble(const json_t *message, struct outcome_run *run,
                           const struct outcome_case **ret_outcome, struct vms_error *error);

/* Reads the files of modules from "opened". Each module that the run uses must be there in its workload
 * version; of one whose file is another than ours, the run is warned. -EPROTO. */
int station_intake_modules(const json_t *list, struct outcome_run *run, struct vms_error *error);

/* Whether a machine is as record_machine makes it. -EPROTO. */
int station_intake_machine(const json_t *machine, struct vms_error *error);

/* Adds sentences of the agent to the run's warnings. -EPROTO; -ENOMEM. */
int station_intake_warnings(const json_t *list, struct outcome_run *run, struct vms_error *error);

#endif
