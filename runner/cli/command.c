/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/command.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/suggest.h"
#include "cli/usage.h"
#include "output/output.h"
#include "output/terminal.h"
#include "record/text/json_writer.h"

#include <stdarg.h>
#include <string.h>

__attribute__((format(printf, 2, 0))) static void print_sentence(const struct cli_command *command,
                                                                 const char *format, va_list arguments) {
    terminal_print(stderr, "vmsuite %s: ", command->name);
    terminal_vprint(stderr, format, arguments);
    fputc('\n', stderr);
}

int command_fail(const struct cli_command *command, enum exit_status status, const char *format, ...) {
    va_list arguments;

    va_start(arguments, format);
    print_sentence(command, format, arguments);
    va_end(arguments);
    return (int)status;
}

int command_usage_error(const struct cli_command *command, const char *format, ...) {
    va_list arguments;

    va_start(arguments, format);
    print_sentence(command, format, arguments);
    va_end(arguments);
    terminal_print(stderr, "`vmsuite %s --help` shows how it is used.\n", command->name);
    return EXIT_USAGE;
}

int command_print_json(const struct cli_command *command, const json_t *json) {
    struct output output;
    struct vms_error error = {""};
    int status = json ? output_open(OUTPUT_STDOUT, &output, &error) : error_memory(&error);

    if (status == 0) {
        if (json_write(output.file, json) < 0)
            status = error_set(&error, -EIO, "not all of it could be written");
        status = output_end(&output, status, &error);
    }
    return status < 0 ? command_fail(command, EXIT_FAILED, "%s", error.text) : EXIT_DONE;
}

/* Finds the subcommand by its last word and runs it. */
static int run_subcommand(const struct cli_command *command, int argc, char **argv) {
    const char *names[16];
    char sentence[SUGGEST_SENTENCE_SIZE];
    size_t n = 0;

    if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        usage_command(command, stdout);
        return EXIT_DONE;
    }
    for (; n < VMS_LENGTH(names) && command->subcommands[n]; n++) {
        names[n] = strrchr(command->subcommands[n]->name, ' ') + 1;
        if (argc > 1 && strcmp(names[n], argv[1]) == 0)
            return command_execute(command->subcommands[n], argc - 1, argv + 1);
    }
    if (argc < 2)
        return command_usage_error(command, "which subcommand: %s?", suggest_list(names, n, sentence));
    return command_usage_error(command, "the subcommand %s", suggest_choices(argv[1], names, n, sentence));
}

static int check_operands(const struct cli_command *command, const struct words *words) {
    if (words->n_words < command->operands.min)
        return command_usage_error(command, "%s", command->operands.missing);
    for (size_t i = 0; i < words->n_words && i < command->operands.max; i++)
        if (!*words->words[i])
            return command_usage_error(command, "argument %zu is empty; it takes %s", i + 1,
                                       command->operands.usage);
    if (words->n_words > command->operands.max)
        return command_usage_error(command, "unexpected argument \"%s\"",
                                   words->words[command->operands.max]);
    return EXIT_DONE;
}

int command_execute(const struct cli_command *command, int argc, char **argv) {
    cleanup_free void *arguments = NULL;
    struct vms_error error = {""};
    struct words words = {0};
    int status;

    if (command->subcommands)
        return run_subcommand(command, argc, argv);
    arguments = calloc(1, command->arguments_size + 1);
    if (!arguments)
        return command_fail(command, EXIT_FAILED, ERROR_MEMORY);
    if (command->defaults)
        memcpy(arguments, command->defaults, command->arguments_size);
    status = options_parse(command->options, command->n_options, argc, argv, arguments, &words, &error);
    if (status > 0) {
        usage_command(command, stdout);
        status = EXIT_DONE;
    } else if (status < 0) {
        status = command_usage_error(command, "%s", error.text);
    } else {
        status = check_operands(command, &words);
        if (status == EXIT_DONE)
            status = command->run(command, arguments, &words);
    }
    options_done(command->options, command->n_options, arguments, &words);
    return status;
}
