/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `vmsuite help COMMAND`: the same as `vmsuite COMMAND --help`. */
#include "base/suggest.h"
#include "cli/commands.h"
#include "cli/usage.h"

#include <string.h>

/* The subcommand of that name, or NULL. */
static const struct cli_command *find_subcommand(const struct cli_command *command, const char *name) {
    for (size_t i = 0; command->subcommands && command->subcommands[i]; i++)
        if (strcmp(strrchr(command->subcommands[i]->name, ' ') + 1, name) == 0)
            return command->subcommands[i];
    return NULL;
}

static int run(const struct cli_command *command, void *arguments, const struct words *words) {
    const struct cli_command *wanted;
    char phrase[SUGGEST_SIZE];

    (void)arguments;
    if (words->n_words == 0) {
        usage_program(stdout);
        return EXIT_DONE;
    }
    wanted = commands_find(words->words[0]);
    if (!wanted)
        return command_usage_error(command, "unknown command \"%s\"%s", words->words[0],
                                   commands_suggest(words->words[0], phrase));
    if (words->n_words > 1 && !find_subcommand(wanted, words->words[1]))
        return command_usage_error(command, "\"%s\" is not a subcommand of %s", words->words[1],
                                   wanted->name);
    usage_command(words->n_words > 1 ? find_subcommand(wanted, words->words[1]) : wanted, stdout);
    return EXIT_DONE;
}

const struct cli_command command_help = {
    .name = "help",
    .summary = "explain a command",
    .description = "Explains a command, as its --help does; without one, lists the commands.",
    .operands = {.usage = "[COMMAND [SUBCOMMAND]]", .max = 2, .names = NAMES_COMMAND},
    .statuses = (const enum exit_status[]){EXIT_USAGE, EXIT_DONE},
    .run = run,
};
