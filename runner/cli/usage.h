/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Help on a terminal, from the command tables, within 80 columns. */
#ifndef VMSUITE_RUNNER_CLI_USAGE_H
#define VMSUITE_RUNNER_CLI_USAGE_H

#include "cli/command.h"

#include <stdio.h>

void usage_program(FILE *file);
void usage_command(const struct cli_command *command, FILE *file);

/* "CONFIGURATION... --directory DIR [OPTION...]": what may stand behind the command's name where it has no
 * forms of its own. */
#define USAGE_SIZE 256
void usage_line(const struct cli_command *command, char ret_usage[static USAGE_SIZE]);

#endif
