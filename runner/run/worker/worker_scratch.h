/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A case's scratch folder as its module knows it: by a descriptor, so that who may rename folders above it,
 * as in a place that is shared, cannot put another in its place. */
#ifndef VMSUITE_RUNNER_RUN_WORKER_WORKER_SCRATCH_H
#define VMSUITE_RUNNER_RUN_WORKER_WORKER_SCRATCH_H

#include "run/worker/worker.h"

#define WORKER_SCRATCH (WORKER_SOCKET + 1) /* the descriptor; programs that a module starts inherit it */

/* Called first in a worker whose case has a folder, while it has its parent's descriptors: a descriptor of at
 * least WORKER_SCRATCH, which the caller is to move there, or a negative errno. */
int worker_scratch_open(const struct worker_task *task);

/* What the module is given: NULL where the case has none; its path where there is no /proc. */
const char *worker_scratch_path(const struct worker_task *task);

/* Puts the folder's path where a sentence has what the module was given. */
void worker_scratch_explain(const struct worker_task *task, struct vms_error *error);

#endif
