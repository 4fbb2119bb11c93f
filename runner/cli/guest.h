/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The subcommands of `vmsuite guest`. */
#ifndef VMSUITE_RUNNER_CLI_GUEST_H
#define VMSUITE_RUNNER_CLI_GUEST_H

#include "cli/command.h"

extern const struct cli_command guest_build, guest_list, guest_job, guest_collect, guest_hand_out;

#endif
