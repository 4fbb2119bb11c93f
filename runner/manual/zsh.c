/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/commands.h"
#include "manual/completion.h"

#include <string.h>

/* A sentence within the brackets of an _arguments row, in single quotes. */
static void write_sentence(FILE *file, const char *text) {
    for (; *text; text++) {
        if (*text == '\'')
            fputs("'\\''", file);
        else
            fprintf(file, strchr("[]:\\", *text) ? "\\%c" : "%c", *text);
    }
}

/* The action behind a row's last colon. */
static void write_action(FILE *file, enum option_names names) {
    if (completion_listed(names))
        fprintf(file, "{_vmsuite_names %s}", completion_listed(names));
    else if (names == NAMES_FOLDER)
        fputs("_files -/", file);
    else if (names == NAMES_FILE || names == NAMES_RECORD)
        fputs("_files", file);
    else
        fputs(" ", file);
}

static void write_option(FILE *file, const struct cli_option *option) {
    const char *repeated = option->kind == OPTION_LIST ? "*" : "";
    char names[128];

    (void)snprintf(names, sizeof(names), "'%s--%s", repeated, option->name);
    if (option->letter)
        (void)snprintf(names, sizeof(names), "'(-%c --%s)'{-%c,--%s}'", option->letter, option->name,
                       option->letter, option->name);
    fprintf(file, "        %s%s[", names, option->kind == OPTION_FLAG ? "" : "=");
    write_sentence(file, option->sentence);
    fputs("]", file);
    if (option->kind != OPTION_FLAG) {
        fputs(":", file);
        write_sentence(file, option->argument);
        fputs(":", file);
        if (option->choice) {
            fputs("(", file);
            for (size_t i = 0; option->choice(i); i++)
                fprintf(file, "%s%s", i == 0 ? "" : " ", option->choice(i));
            fputs(")", file);
        } else {
            write_action(file, option->names);
        }
    }
    fputs("' \\\n", file);
}

static void write_arguments(FILE *file, const struct cli_command *command) {
    fprintf(file, "    '%s') _arguments \\\n", command->name);
    for (size_t i = 0; i < command->n_options; i++)
        write_option(file, &command->options[i]);
    fputs("        '(-h --help)'{-h,--help}'[show help]'", file);
    if (command->operands.usage) {
        fputs(" \\\n        '*:", file);
        write_sentence(file, command->operands.usage);
        fputs(":", file);
        write_action(file, command->operands.names);
        fputs("'", file);
    }
    fputs(" ;;\n", file);
}

/* The rows of _describe. */
static void write_row(FILE *file, const char *name, const char *summary) {
    fprintf(file, " '%s:", name);
    completion_quote(file, summary);
    fputs("'", file);
}

static void write_subcommands(FILE *file, const struct cli_command *command) {
    fprintf(file, "    %s) rows=(", command->name);
    for (size_t i = 0; command->subcommands[i]; i++)
        write_row(file, strrchr(command->subcommands[i]->name, ' ') + 1, command->subcommands[i]->summary);
    fputs(" ) ;;\n", file);
}

static const char helpers[] = "# Names that the program lists, and files.\n"
                              "_vmsuite_names() {\n"
                              "    local -a names\n"
                              "    names=(${(f)\"$(vmsuite list $1 2>/dev/null | sed 's/ .*//')\"})\n"
                              "    compadd -a names\n"
                              "    [[ $1 == modules || $1 == commands || $1 == lists ]] || _files\n"
                              "}\n\n";

static const char entry[] = "_vmsuite() {\n"
                            "    local command\n"
                            "    local -a rows\n"
                            "    if (( CURRENT == 2 )); then\n"
                            "        _vmsuite_commands\n"
                            "        return\n"
                            "    fi\n"
                            "    command=$words[2]\n"
                            "    _vmsuite_subcommands $command\n"
                            "    if (( $#rows )); then\n"
                            "        if (( CURRENT == 3 )); then\n"
                            "            _describe subcommand rows\n"
                            "            return\n"
                            "        fi\n"
                            "        command=\"$command $words[3]\"\n"
                            "        shift words\n"
                            "        (( CURRENT-- ))\n"
                            "    fi\n"
                            "    shift words\n"
                            "    (( CURRENT-- ))\n"
                            "    _vmsuite_arguments $command\n"
                            "}\n\n"
                            "_vmsuite \"$@\"\n";

void completion_zsh(FILE *file) {
    fputs("#compdef vmsuite\n# made from vmsuite's option tables\n\n_vmsuite_commands() {\n    local -a "
          "rows\n    rows=(",
          file);
    for (size_t i = 0; commands_at(i); i++)
        write_row(file, commands_at(i)->name, commands_at(i)->summary);
    fputs(" )\n    _describe command rows\n}\n\n", file);
    fputs(helpers, file);
    fputs("# Sets rows, of the caller, to the subcommands of a command.\n_vmsuite_subcommands() {\n    case "
          "$1 in\n",
          file);
    for (size_t i = 0; commands_at(i); i++)
        if (commands_at(i)->subcommands)
            write_subcommands(file, commands_at(i));
    fputs("    esac\n}\n\n_vmsuite_arguments() {\n    case $1 in\n", file);
    for (size_t i = 0; commands_at(i); i++) {
        const struct cli_command *command = commands_at(i);

        if (!command->subcommands)
            write_arguments(file, command);
        for (size_t k = 0; command->subcommands && command->subcommands[k]; k++)
            write_arguments(file, command->subcommands[k]);
    }
    fputs("    esac\n}\n\n", file);
    fputs(entry, file);
}
