/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The conformance check of a module: what its record must show. */
#ifndef VMSUITE_RUNNER_SDK_CONFORMANCE_H
#define VMSUITE_RUNNER_SDK_CONFORMANCE_H

#include "base/error.h"

/* Prints a line for each rule about the module's cases in the record at `path`. It is "failed" where a case
 * did not end well, other than by saying what this machine lacks, and where no headline was reported; it is a
 * "note" where a metric or a fact of the tables was not reported, which other parameters may do, and where
 * there is no estimate. Returns the number of those that failed, or a negative errno. */
int conformance_print(const struct vms_module *module, const char *path, struct vms_error *error);

#endif
