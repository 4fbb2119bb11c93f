/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The end of a run that is on the machine which is measured: runs the trials that a driver, perhaps on
 * another machine, asks for, and reports what this machine is. Messages come and go as frames over two
 * descriptors (docs/protocol.md). */
#ifndef VMSUITE_RUNNER_AGENT_AGENT_H
#define VMSUITE_RUNNER_AGENT_AGENT_H

#include "module/loader.h"

/* Serves until the input ends or a signal comes, and leaves nothing behind. Signals must be caught
 * (signals.h). 0, or -errno with a sentence where the driver broke the rules or is gone. */
int agent_run(const struct module_list *modules, int in, int out, struct vms_error *error);

#endif
