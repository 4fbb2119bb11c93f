/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/commands.h"
#include "manual/completion.h"

#include <string.h>

/* Calls `visit` for each command that has options: those without subcommands, and all subcommands. */
static void each(FILE *file, void (*visit)(FILE *file, const struct cli_command *command)) {
    for (size_t i = 0; commands_at(i); i++) {
        const struct cli_command *command = commands_at(i);

        if (!command->subcommands)
            visit(file, command);
        for (size_t k = 0; command->subcommands && command->subcommands[k]; k++)
            visit(file, command->subcommands[k]);
    }
}

static void write_options(FILE *file, const struct cli_command *command) {
    fprintf(file, "    '%s') echo '", command->name);
    for (size_t i = 0; i < command->n_options; i++)
        fprintf(file, "--%s ", command->options[i].name);
    fputs("--help' ;;\n", file);
}

/* The shell words that offer a value. */
static void write_names(FILE *file, enum option_names names) {
    if (completion_listed(names))
        fprintf(file, "_vmsuite_names %s", completion_listed(names));
    else if (names == NAMES_FOLDER)
        fputs("compgen -d -- \"$cur\"", file);
    else if (names == NAMES_FILE || names == NAMES_RECORD)
        fputs("compgen -f -- \"$cur\"", file);
    else
        fputs(":", file);
}

static void write_values(FILE *file, const struct cli_command *command) {
    for (size_t i = 0; i < command->n_options; i++) {
        const struct cli_option *option = &command->options[i];

        if (option->kind == OPTION_FLAG)
            continue;
        fprintf(file, "    '%s --%s'", command->name, option->name);
        if (option->letter)
            fprintf(file, " | '%s -%c'", command->name, option->letter);
        fputs(") ", file);
        if (option->choice) {
            fputs("compgen -W '", file);
            for (size_t k = 0; option->choice(k); k++)
                fprintf(file, "%s%s", k == 0 ? "" : " ", option->choice(k));
            fputs("' -- \"$cur\"", file);
        } else {
            write_names(file, option->names);
        }
        fputs(" ;;\n", file);
    }
}

static void write_operands(FILE *file, const struct cli_command *command) {
    if (!command->operands.usage)
        return;
    fprintf(file, "    '%s') ", command->name);
    write_names(file, command->operands.names);
    fputs(" ;;\n", file);
}

static void write_command_names(FILE *file) {
    fputs("_vmsuite_commands='", file);
    for (size_t i = 0; commands_at(i); i++)
        fprintf(file, "%s ", commands_at(i)->name);
    fputs("--help --version'\n\n# The subcommands of a command.\n_vmsuite_subcommands() {\n    case $1 in\n",
          file);
    for (size_t i = 0; commands_at(i); i++) {
        const struct cli_command *command = commands_at(i);

        if (!command->subcommands)
            continue;
        fprintf(file, "    %s) echo '", command->name);
        for (size_t k = 0; command->subcommands[k]; k++)
            fprintf(file, "%s ", strrchr(command->subcommands[k]->name, ' ') + 1);
        fputs("--help' ;;\n", file);
    }
    fputs("    esac\n}\n\n", file);
}

static const char helpers[] =
    "# Names that the program lists, and files.\n"
    "_vmsuite_names() {\n"
    "    compgen -W \"$(\"$program\" list \"$1\" 2>/dev/null | sed 's/ .*//')\" -- \"$cur\"\n"
    "    [[ $1 == modules || $1 == commands || $1 == lists ]] || compgen -f -- \"$cur\"\n"
    "}\n\n";

/* The words before the one that is completed: bash parts "--name=value" at "=". */
static const char entry[] =
    "_vmsuite() {\n"
    "    local program=${COMP_WORDS[0]} cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} "
    "command\n"
    "    command=${COMP_WORDS[1]}\n"
    "    if [ \"$cur\" = = ]; then\n"
    "        cur=\n"
    "    elif [ \"$prev\" = = ]; then\n"
    "        prev=${COMP_WORDS[COMP_CWORD-2]}\n"
    "    fi\n"
    "    COMPREPLY=()\n"
    "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
    "        mapfile -t COMPREPLY < <(compgen -W \"$_vmsuite_commands\" -- \"$cur\")\n"
    "        return\n"
    "    fi\n"
    "    if [ -n \"$(_vmsuite_subcommands \"$command\")\" ]; then\n"
    "        if [ \"$COMP_CWORD\" -eq 2 ]; then\n"
    "            mapfile -t COMPREPLY < <(compgen -W \"$(_vmsuite_subcommands \"$command\")\" -- \"$cur\")\n"
    "            return\n"
    "        fi\n"
    "        command=\"$command ${COMP_WORDS[2]}\"\n"
    "    fi\n"
    "    if _vmsuite_takes_value \"$command $prev\"; then\n"
    "        mapfile -t COMPREPLY < <(_vmsuite_value \"$command $prev\")\n"
    "    elif [[ $cur == -* ]]; then\n"
    "        mapfile -t COMPREPLY < <(compgen -W \"$(_vmsuite_options \"$command\")\" -- \"$cur\")\n"
    "    else\n"
    "        mapfile -t COMPREPLY < <(_vmsuite_operand \"$command\")\n"
    "    fi\n"
    "}\n\n"
    "complete -o filenames -F _vmsuite vmsuite\n";

static void write_takers(FILE *file, const struct cli_command *command) {
    for (size_t i = 0; i < command->n_options; i++) {
        const struct cli_option *option = &command->options[i];

        if (option->kind == OPTION_FLAG)
            continue;
        fprintf(file, "    '%s --%s') return 0 ;;\n", command->name, option->name);
        if (option->letter)
            fprintf(file, "    '%s -%c') return 0 ;;\n", command->name, option->letter);
    }
}

void completion_bash(FILE *file) {
    fputs("# bash completion for vmsuite; made from its option tables\n\n", file);
    write_command_names(file);
    fputs(helpers, file);
    fputs("_vmsuite_options() {\n    case $1 in\n", file);
    each(file, write_options);
    fputs("    esac\n}\n\n_vmsuite_takes_value() {\n    case $1 in\n", file);
    each(file, write_takers);
    fputs("    esac\n    return 1\n}\n\n_vmsuite_value() {\n    case $1 in\n", file);
    each(file, write_values);
    fputs("    esac\n}\n\n_vmsuite_operand() {\n    case $1 in\n", file);
    each(file, write_operands);
    fputs("    esac\n}\n\n", file);
    fputs(entry, file);
}
