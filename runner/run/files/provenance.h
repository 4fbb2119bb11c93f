/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which files a run's modules came from. */
#ifndef VMSUITE_RUNNER_RUN_FILES_PROVENANCE_H
#define VMSUITE_RUNNER_RUN_FILES_PROVENANCE_H

#include "module/loader.h"
#include "module/outcome.h"

/* Notes path and digest of each module that a case of the run uses, and adds a warning for each that is used
 * instead of the one that came with this program. -ENOMEM. */
int provenance_note(const struct module_list *modules, struct outcome_run *run);

#endif
