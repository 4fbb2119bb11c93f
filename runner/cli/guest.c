/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `vmsuite guest`: its subcommands, each defined in a file of its own or in guest_by_hand.c. */
#include "cli/guest.h"

const struct cli_command command_guest = {
    .name = "guest",
    .summary = "build the appliance that guests boot, and show which guests can be booted here",
    .description =
        "Guests boot the appliance, a small image of a kernel, vmsuite, its modules and what they need.",
    .subcommands = (const struct cli_command *const[]){&guest_build, &guest_list, &guest_job, &guest_collect,
                                                       &guest_hand_out, NULL},
};
