/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `vmsuite serve`: the peer. */
#ifndef VMSUITE_RUNNER_CMD_SERVE_H
#define VMSUITE_RUNNER_CMD_SERVE_H

/* Runs the command (argv[0] is its name); returns the exit code. */
int cmd_serve(int argc, char **argv);

#endif
