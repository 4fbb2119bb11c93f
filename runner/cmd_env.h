/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef VMSUITE_RUNNER_CMD_ENV_H
#define VMSUITE_RUNNER_CMD_ENV_H

/* `vmsuite env`: what this machine is. Returns the exit status. */
int cmd_env(int argc, char **argv);

#endif
