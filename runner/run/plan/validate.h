/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether cases can be run at all, asked of their modules in a process of its own. */
#ifndef VMSUITE_RUNNER_RUN_PLAN_VALIDATE_H
#define VMSUITE_RUNNER_RUN_PLAN_VALIDATE_H

#include "module/outcome.h"

/* Asks each module that has `validate` about the values of its cases. -EINVAL with a sentence that names the
 * first case that is refused. A module whose function crashes or does not end has said nothing. */
int validate_cases(const struct outcome_case *cases, size_t n_cases, struct vms_error *error);

/* Compares what cases will take (as estimated) with the memory that this machine has. -ENOMEM with a
 * sentence. */
int validate_memory(const struct outcome_case *cases, const struct vms_estimate *estimates, size_t n_cases,
                    struct vms_error *error);

#endif
