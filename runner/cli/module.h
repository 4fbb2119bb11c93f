/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The subcommands of `vmsuite module`. */
#ifndef VMSUITE_RUNNER_CLI_MODULE_H
#define VMSUITE_RUNNER_CLI_MODULE_H

#include "cli/command.h"

extern const struct cli_command module_new, module_try, module_check;

#endif
