/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `vmsuite module`: its subcommands, defined in module_new.c and module_try.c. */
#include "cli/module.h"

const struct cli_command command_module = {
    .name = "module",
    .summary = "begin a module of your own, run it once, and check it against the rules",
    .description =
        "A module is a shared object that measures something (docs/module-abi.md, vmsuite/module.h).",
    .subcommands = (const struct cli_command *const[]){&module_new, &module_try, &module_check, NULL},
};
