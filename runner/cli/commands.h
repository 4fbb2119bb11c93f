/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All commands of the program. */
#ifndef VMSUITE_RUNNER_CLI_COMMANDS_H
#define VMSUITE_RUNNER_CLI_COMMANDS_H

#include "cli/command.h"

/* The commands in the order of help; NULL behind the last. */
const struct cli_command *commands_at(size_t index);

/* The command of that name, or NULL. */
const struct cli_command *commands_find(const char *name);

/* "; did you mean \"run\"?" or "". Returns `ret_phrase`, of SUGGEST_SIZE. */
const char *commands_suggest(const char *name, char *ret_phrase);

/* The whole program: finds the command, or answers --help, --version and `help COMMAND`. Returns the exit
 * status. */
int commands_main(int argc, char **argv);

#endif
