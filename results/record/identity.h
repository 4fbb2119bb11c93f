/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What makes two cases the same work. */
#ifndef VMSUITE_RESULTS_RECORD_IDENTITY_H
#define VMSUITE_RESULTS_RECORD_IDENTITY_H

#include "record/view.h"

/* Every parameter and other setting that was asked for, and what was really done: {"group", "module", "resource",
 * "workload_version", "path", "cpus", "params", "facts"}. `modules` is what the record says of its modules, or NULL. A
 * new reference; NULL without memory. */
json_t *identity_new(const json_t *modules, const struct view_case *outcome);

#endif
