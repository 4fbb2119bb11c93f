/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The subcommands of `vmsuite store`. */
#ifndef VMSUITE_RUNNER_CLI_STORE_H
#define VMSUITE_RUNNER_CLI_STORE_H

#include "cli/command.h"

extern const struct cli_command store_import, store_query, store_export;

#endif
