/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/guest.h"
#include "guest/launchers/launcher.h"

#include <stdio.h>

static int run(const struct cli_command *command, void *arguments, const struct words *words) {
    (void)command;
    (void)arguments;
    (void)words;
    for (size_t i = 0; launchers[i]; i++) {
        struct vms_error error = {""};
        bool usable = launchers[i]->available(&error) == 0;

        printf("%-14s %s%s\n", launchers[i]->name,
               usable ? "usable: " : "not usable: ", usable ? launchers[i]->summary : error.text);
        if (launchers[i]->untested)
            printf("%-14s (written against its documentation; not yet run on the real thing)\n", "");
    }
    return EXIT_DONE;
}

const struct cli_command guest_list = {
    .name = "guest list",
    .summary = "show which launchers can be used here, and why others cannot",
    .description = "Shows which launchers can be used here, and why others cannot.",
    .statuses = (const enum exit_status[]){EXIT_USAGE, EXIT_DONE},
    .run = run,
};
