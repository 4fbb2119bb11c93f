/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The subcommands of `vmsuite store`, and what other commands say of a store. */
#ifndef VMSUITE_RUNNER_CLI_STORE_H
#define VMSUITE_RUNNER_CLI_STORE_H

#include "cli/command.h"

extern const struct cli_command store_import, store_query, store_export;

/* The exit status of a failure with a store. */
enum exit_status store_status(int status);

/* Adds records to a store, and says on stderr as `vmsuite COMMAND` how many; a record that cannot be read is named, and
 * the others go on. Returns the exit status. */
int store_add(const char *command, const char *where, char *const *paths, size_t n_paths);

#endif
