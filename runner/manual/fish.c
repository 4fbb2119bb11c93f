/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/commands.h"
#include "manual/completion.h"

#include <string.h>

/* Text within single quotes of fish, where a backslash escapes. */
static void write_quoted(FILE *file, const char *text) {
    fputc('\'', file);
    for (; *text; text++)
        fprintf(file, *text == '\'' || *text == '\\' ? "\\%c" : "%c", *text);
    fputc('\'', file);
}

/* Where a row counts: behind "run", or behind "guest build". */
static void write_condition(FILE *file, const struct cli_command *command) {
    const char *space = strchr(command->name, ' ');

    fprintf(file, "complete -c vmsuite -n '__fish_seen_subcommand_from %.*s",
            (int)(space ? space - command->name : (ptrdiff_t)strlen(command->name)), command->name);
    if (space)
        fprintf(file, "; and __fish_seen_subcommand_from %s", space + 1);
    fputs("' ", file);
}

/* -f: no files; -r: a value is required; -F: files. */
static void write_names(FILE *file, enum option_names names) {
    if (names == NAMES_MODULE || names == NAMES_COMMAND || names == NAMES_LIST)
        fprintf(file, " -f -a '(__vmsuite_names %s)'", completion_listed(names));
    else if (completion_listed(names))
        fprintf(file, " -F -a '(__vmsuite_names %s)'", completion_listed(names));
    else if (names == NAMES_FOLDER)
        fputs(" -f -a '(__fish_complete_directories)'", file);
    else
        fputs(names == NAMES_ANYTHING ? " -f" : " -F", file);
}

static void write_option(FILE *file, const struct cli_command *command, const struct cli_option *option) {
    write_condition(file, command);
    fprintf(file, "-l %s", option->name);
    if (option->letter)
        fprintf(file, " -s %c", option->letter);
    if (option->kind != OPTION_FLAG)
        fputs(" -r", file);
    if (option->choice) {
        fputs(" -f -a '", file);
        for (size_t i = 0; option->choice(i); i++)
            fprintf(file, "%s%s", i == 0 ? "" : " ", option->choice(i));
        fputs("'", file);
    } else if (option->kind != OPTION_FLAG) {
        write_names(file, option->names);
    }
    fputs(" -d ", file);
    write_quoted(file, option->sentence);
    fputc('\n', file);
}

static void write_command(FILE *file, const struct cli_command *command) {
    for (size_t i = 0; i < command->n_options; i++)
        write_option(file, command, &command->options[i]);
    write_condition(file, command);
    fputs("-l help -s h -d 'show help'\n", file);
    write_condition(file, command);
    write_names(file, command->operands.usage ? command->operands.names : NAMES_ANYTHING);
    fputc('\n', file);
}

static void write_subcommands(FILE *file, const struct cli_command *command) {
    for (size_t i = 0; command->subcommands[i]; i++) {
        write_condition(file, command);
        fprintf(file, "-f -a %s -d ", strrchr(command->subcommands[i]->name, ' ') + 1);
        write_quoted(file, command->subcommands[i]->summary);
        fputc('\n', file);
    }
    for (size_t i = 0; command->subcommands[i]; i++)
        write_command(file, command->subcommands[i]);
}

void completion_fish(FILE *file) {
    fputs("# fish completion for vmsuite; made from its option tables\n\n"
          "function __vmsuite_names\n    vmsuite list $argv[1] 2>/dev/null | string replace -r ' .*' "
          "''\nend\n\n"
          "complete -c vmsuite -n __fish_use_subcommand -f -l help -s h -d 'show help'\n"
          "complete -c vmsuite -n __fish_use_subcommand -f -l version -s V -d 'the version'\n",
          file);
    for (size_t i = 0; commands_at(i); i++) {
        fprintf(file, "complete -c vmsuite -n __fish_use_subcommand -f -a %s -d ", commands_at(i)->name);
        write_quoted(file, commands_at(i)->summary);
        fputc('\n', file);
    }
    for (size_t i = 0; commands_at(i); i++) {
        if (commands_at(i)->subcommands)
            write_subcommands(file, commands_at(i));
        else
            write_command(file, commands_at(i));
    }
}
