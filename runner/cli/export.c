/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "export/export.h"
#include "cli/command.h"
#include "output/output.h"
#include "output/terminal.h"

#include <stdio.h>
#include <string.h>

struct arguments {
    unsigned format, better;
    bool spreadsheet;
    const char *output;
};

static const char *const better_names[] = {"higher", "lower", NULL};
static const enum vms_better betters[] = {VMS_HIGHER, VMS_LOWER};

static const char *better_name(size_t index) {
    return better_names[index];
}

static const struct arguments defaults = {0};

static const struct cli_option option_rows[] = {
    {.name = "format",
     .letter = 'f',
     .argument = "FORMAT",
     OPTION_CHOICE_TO(struct arguments, format, export_format_name),
     .choice_help = export_format_help,
     .sentence = "one of these"},
    {.name = "output",
     .letter = 'o',
     .argument = "FILE",
     .names = NAMES_FILE,
     OPTION_TEXT_TO(struct arguments, output),
     .sentence = "write to FILE, whole or not at all, instead of to standard output"},
    SPREADSHEET_ROW(struct arguments, spreadsheet),
    {.name = "better",
     .argument = "DIRECTION",
     OPTION_CHOICE_TO(struct arguments, better, better_name),
     .sentence = "higher or lower: which metrics github takes, whose files hold one direction"},
};

/* Writes to the file that was asked for, or to stdout. */
static int write_export(const struct arguments *arguments, char *const *paths, size_t n_paths,
                        size_t *ret_left_out, struct vms_error *error) {
    struct export_options options = {export_format_name(arguments->format), betters[arguments->better],
                                     arguments->spreadsheet};
    struct output file;
    int status = output_open(arguments->output ? arguments->output : OUTPUT_STDOUT, &file, error);

    if (status < 0)
        return status;
    status = export_write(file.file, &options, paths, n_paths, ret_left_out, error);
    return output_end(&file, status, error);
}

static int export_records(const struct arguments *arguments, char **paths, size_t n_paths) {
    struct vms_error error = {""};
    const char *format = export_format_name(arguments->format);
    size_t left_out = 0;
    int status = write_export(arguments, paths, n_paths, &left_out, &error);

    if (status < 0) {
        terminal_print(stderr, "vmsuite export: %s\n", error.text);
        return (int)exit_status_of(status);
    }
    if (left_out > 0)
        terminal_print(stderr, "vmsuite export: %zu figures were left out: %s holds no missing values%s\n",
                       left_out, format,
                       strcmp(format, "github") == 0 ? ", and one direction (--better)" : "");
    return EXIT_DONE;
}

static int run(const struct cli_command *command, void *given, const struct words *words) {
    const struct arguments *arguments = given;

    if (arguments->spreadsheet && strcmp(export_format_name(arguments->format), "csv") != 0)
        return command_usage_error(command, SPREADSHEET_ONLY_CSV);
    return export_records(arguments, words->words, words->n_words);
}

const struct cli_command command_export = {
    .name = "export",
    .summary = "write records in a form that other programs read",
    .description = "Writes the figures of records in a form that other programs read.",
    .operands = {.usage = "RECORD...",
                 .missing = "which record?",
                 .min = 1,
                 .max = OPERANDS_ANY,
                 .names = NAMES_RECORD},
    .options = option_rows,
    .n_options = VMS_LENGTH(option_rows),
    .arguments_size = sizeof(struct arguments),
    .defaults = &defaults,
    .statuses = (const enum exit_status[]){EXIT_FAILED, EXIT_USAGE, EXIT_DONE},
    .examples =
        (const char *const[]){"vmsuite export native.json kvm.json --format jsonl > samples.jsonl", NULL},
    .run = run,
};
