/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The subcommands of `vmsuite fleet`. */
#ifndef VMSUITE_RUNNER_CLI_FLEET_H
#define VMSUITE_RUNNER_CLI_FLEET_H

#include "cli/command.h"

extern const struct cli_command fleet_submit, fleet_status, fleet_collect;

#endif
