/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/module.h"
#include "sdk/skeleton.h"

#include <stdio.h>

struct new_arguments {
    const char *output;
};

static const struct cli_option new_rows[] = {
    {.name = "output",
     .letter = 'o',
     .argument = "DIR",
     .names = NAMES_FOLDER,
     OPTION_TEXT_TO(struct new_arguments, output),
     .sentence = "the folder that is made, instead of NAME"},
};

static int run_new(const struct cli_command *command, void *given, const struct words *words) {
    const struct new_arguments *arguments = given;
    const char *name = words->words[0], *folder = arguments->output ? arguments->output : name;
    struct vms_error error = {""};

    if (skeleton_write(name, folder, &error) < 0)
        return command_fail(command, EXIT_USAGE, "%s", error.text);
    printf("Wrote %s/%s.c, %s/test_%s.c and %s/meson.build. Next:\n"
           "  cd %s && meson setup build && meson test -C build\n"
           "  vmsuite module try build/%s.so\n",
           folder, name, folder, name, folder, folder, name);
    return EXIT_DONE;
}

const struct cli_command module_new = {
    .name = "module new",
    .summary = "write the skeleton of a new module",
    .description =
        "Writes a module that works, with the parts that every module has, a test that runs it on a scripted "
        "clock, and a meson.build that builds and tests both outside of vmsuite's own tree "
        "(vmsuite-fake-host(3)). Change it step by step.",
    .operands = {.usage = "NAME",
                 .missing = "the module's name is needed: lower-case letters, digits and \"_\"",
                 .min = 1,
                 .max = 1},
    .options = new_rows,
    .n_options = VMS_LENGTH(new_rows),
    .arguments_size = sizeof(struct new_arguments),
    .statuses = (const enum exit_status[]){EXIT_USAGE, EXIT_DONE},
    .examples = (const char *const[]){"vmsuite module new mine", NULL},
    .run = run_new,
};
