/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The program's commands. Each takes its own name as argv[0] and returns the program's exit status. */
#ifndef VMSUITE_RUNNER_CLI_COMMAND_H
#define VMSUITE_RUNNER_CLI_COMMAND_H

#include "common/exit_status.h"

int cmd_check(int argc, char **argv);
int cmd_compare(int argc, char **argv);
int cmd_env(int argc, char **argv);
int cmd_export(int argc, char **argv);
int cmd_guest(int argc, char **argv);
int cmd_guest_collect(int argc, char **argv);
int cmd_guest_job(int argc, char **argv);
int cmd_list(int argc, char **argv);
int cmd_report(int argc, char **argv);
int cmd_run(int argc, char **argv);
int cmd_serve(int argc, char **argv);
int cmd_study(int argc, char **argv);

/* Tells wrong use on stderr: "vmsuite COMMAND: sentence", and where help is. Returns EXIT_USAGE. */
int command_usage_error(const char *command, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
