/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A run made of fixed data, with everything in it that a record can hold: a sweep over loopback with a
 * distribution, a partly failed case, and cases that were unsupported, crashed and interrupted. */
#ifndef VMSUITE_TESTS_FAKES_FIXED_RUN_H
#define VMSUITE_TESTS_FAKES_FIXED_RUN_H

#include "record/write/record.h"

extern const struct vms_module fixed_network_module, fixed_memory_module, fixed_disk_module, fixed_cpu_module;

/* Fills `ret_run`; the caller frees it with outcome_run_done. */
void fixed_run_init(struct outcome_run *ret_run);

/* A machine with a fact of each type and status. Static: not to be freed. */
extern const struct machine fixed_machine;

/* The suite and configuration of the run. New references. */
json_t *fixed_suite(void);
json_t *fixed_configuration(void);

#endif
