/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/commands.h"

#include "base/suggest.h"
#include "cli/command_rows.h"
#include "cli/usage.h"
#include "output/terminal.h"

#include <stdio.h>
#include <string.h>

#define DECLARE(name) extern const struct cli_command command_##name;
#define ADDRESS(name) &command_##name,

COMMAND_ROWS(DECLARE)

static const struct cli_command *const commands[] = {COMMAND_ROWS(ADDRESS)};

const struct cli_command *commands_at(size_t index) {
    return index < VMS_LENGTH(commands) ? commands[index] : NULL;
}

const struct cli_command *commands_find(const char *name) {
    for (size_t i = 0; i < VMS_LENGTH(commands); i++)
        if (strcmp(name, commands[i]->name) == 0)
            return commands[i];
    return NULL;
}

const char *commands_suggest(const char *name, char *ret_phrase) {
    const char *names[VMS_LENGTH(commands)];

    for (size_t i = 0; i < VMS_LENGTH(commands); i++)
        names[i] = commands[i]->name;
    return suggest_phrase(name, names, VMS_LENGTH(commands), ret_phrase);
}

/* A first word that is not a command's name. */
static int refuse_word(const char *word) {
    static const char *const options[] = {"--help", "--version"};
    char phrase[SUGGEST_SIZE];

    if (!*commands_suggest(word, phrase))
        (void)suggest_phrase(word, options, VMS_LENGTH(options), phrase);
    terminal_print(stderr, "vmsuite: unknown %s \"%s\"%s%s\n", word[0] == '-' ? "option" : "command", word,
                   phrase, *phrase ? "" : "; `vmsuite --help` lists them");
    return EXIT_USAGE;
}

int commands_main(int argc, char **argv) {
    const struct cli_command *command = argc > 1 ? commands_find(argv[1]) : NULL;

    if (command)
        return command_execute(command, argc - 1, argv + 1);
    if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        usage_program(stdout);
        return EXIT_DONE;
    }
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
        printf("vmsuite %s\n", VMSUITE_VERSION);
        return EXIT_DONE;
    }
    return refuse_word(argv[1]);
}
