/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What `vmsuite list` shows. */
#ifndef VMSUITE_RUNNER_CLI_LIST_H
#define VMSUITE_RUNNER_CLI_LIST_H

#include "cli/command.h"

/* Prints all modules, or those named with their parameters and metrics. Returns the exit status. */
int list_modules(const struct cli_command *command, const struct words *words, bool as_json);

/* The names of what can be listed beside modules; NULL behind the last. */
const char *list_name(size_t index);

#endif
