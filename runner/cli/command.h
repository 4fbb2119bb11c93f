/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A command of the program: one file, runner/cli/NAME.c, that defines `command_NAME`, and one row in
 * runner/cli/meson.build. Its help, manual page and completion come from what stands here. */
#ifndef VMSUITE_RUNNER_CLI_COMMAND_H
#define VMSUITE_RUNNER_CLI_COMMAND_H

#include "cli/option.h"
#include "common/exit_status.h"

#include <jansson.h>

#define OPERANDS_ANY SIZE_MAX

/* The words of a command that belong to no option. */
struct cli_operands {
    const char *usage; /* "BASELINE OTHER..."; NULL: the command takes none */
    /* said where there are too few: "a baseline and at least one other record are needed" */
    const char *missing;
    size_t min, max; /* OPERANDS_ANY: no upper limit */
    enum option_names names;
};

struct cli_command {
    const char *name;         /* as typed: "run", "guest build" */
    const char *summary;      /* one phrase: what it does */
    const char *const *usage; /* forms of use behind the name, ended by NULL; NULL: made from the rows */
    const char *description;  /* sentences; a line feed ends a paragraph */
    struct cli_operands operands;
    const struct cli_option *options;
    size_t n_options;
    size_t arguments_size;            /* of the struct that the options' targets lie in */
    const void *defaults;             /* such a struct, or NULL: all zero */
    const enum exit_status *statuses; /* those it may end with, ended by EXIT_DONE, which is always one */
    const char *const *examples;      /* command lines, each complete, ended by NULL; or NULL */
    /* ended by NULL; a command that has some has neither options nor run */
    const struct cli_command *const *subcommands;
    /* Does the command's work with the struct and the operands. Returns the exit status. */
    int (*run)(const struct cli_command *command, void *arguments, const struct words *words);
};

/* Reads the command line (argv[0] is the command's last word) and runs the command, or prints its help.
 * Returns the exit status. */
int command_execute(const struct cli_command *command, int argc, char **argv);

/* Prints a sentence on stderr, "vmsuite COMMAND: sentence", and returns `status`. */
int command_fail(const struct cli_command *command, enum exit_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same for wrong usage, with a line that says where help is. Returns EXIT_USAGE. */
int command_usage_error(const struct cli_command *command, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Prints JSON on stdout; a terminal shows its control characters. NULL stands for memory that has run out.
 * Returns the exit status, not EXIT_DONE with a sentence. */
int command_print_json(const struct cli_command *command, const json_t *json);

/* For what writes CSV: the row of an option --spreadsheet for a flag in the command's arguments, and what is
 * said where another format is written. */
#define SPREADSHEET_ROW(type, place)                                                                         \
    {                                                                                                        \
        .name = "spreadsheet", OPTION_FLAG_TO(type, place),                                                  \
        .sentence = "with csv: a quote before each text that a spreadsheet would run: one that begins "      \
                    "with = + - or @"                                                                        \
    }
#define SPREADSHEET_ONLY_CSV "--spreadsheet is for --format csv"

/* For what prints: the row of an option --output for a text in the command's arguments. */
#define OUTPUT_ROW(type, place)                                                                              \
    {                                                                                                        \
        .name = "output", .letter = 'o', .argument = "FILE", .names = NAMES_FILE,                            \
        OPTION_TEXT_TO(type, place), .sentence = "write to FILE instead of to standard output"               \
    }

#endif
