/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/usage.h"

#include "cli/commands.h"

#include <string.h>

#define WIDTH 80
#define MARGIN 24 /* the widest first column; longer entries stand on a line of their own */

/* Prints words from column `column` on, breaking lines before WIDTH; new lines begin at `indent`. A line feed
 * in the text begins a paragraph. Returns the column behind the last word. */
static size_t print_wrapped(FILE *file, const char *text, size_t indent, size_t column) {
    bool first = true;

    while (*text) {
        size_t length = strcspn(text, " \n");

        if (!first && column + 1 + length > WIDTH) {
            fprintf(file, "\n%*s", (int)indent, "");
            column = indent;
        } else if (!first) {
            fputc(' ', file);
            column++;
        }
        fwrite(text, 1, length, file);
        column += length;
        text += length;
        first = *text == '\n';
        if (first) {
            fprintf(file, "\n\n%*s", (int)indent, "");
            column = indent;
        }
        text += *text != '\0';
    }
    return column;
}

/* One entry of a list: its name, and what it is in a second column that begins at `margin`. */
static void print_entry(FILE *file, const char *name, const char *text, size_t margin) {
    size_t length = (size_t)fprintf(file, "  %s", name);

    if (length + 2 > margin) {
        fputc('\n', file);
        length = 0;
    }
    fprintf(file, "%*s", (int)(margin - length), "");
    (void)print_wrapped(file, text, margin, margin);
    fputc('\n', file);
}

/* "-o, --output FILE". */
static void name_option(const struct cli_option *option, char ret_name[static USAGE_SIZE]) {
    char letter[8] = "";

    if (option->letter)
        (void)snprintf(letter, sizeof(letter), "-%c, ", option->letter);
    (void)snprintf(ret_name, USAGE_SIZE, "%s--%s%s%s", letter, option->name, option->argument ? " " : "",
                   option->argument ? option->argument : "");
}

static void print_choices(FILE *file, const struct cli_option *option, size_t margin) {
    for (size_t i = 0; option->choice_help && option->choice(i); i++) {
        fprintf(file, "%*s%-16s ", (int)margin, "", option->choice(i));
        (void)print_wrapped(file, option->choice_help(i), margin + 17, margin + 17);
        fputc('\n', file);
    }
}

static void print_option(FILE *file, const struct cli_command *command, const struct cli_option *option,
                         size_t margin) {
    char name[USAGE_SIZE], fallback[OPTION_DEFAULT_SIZE], sentence[1024];
    bool shown = command->defaults && option_default(option, command->defaults, fallback);

    name_option(option, name);
    (void)snprintf(sentence, sizeof(sentence), "%s%s%s%s", option->sentence, shown ? " (default " : "",
                   shown ? fallback : "", shown ? ")" : "");
    print_entry(file, name, sentence, margin);
    print_choices(file, option, margin);
}

static void print_options(FILE *file, const struct cli_command *command) {
    size_t margin = strlen("  -h, --help  ");

    for (size_t i = 0; i < command->n_options; i++) {
        char name[USAGE_SIZE];

        name_option(&command->options[i], name);
        if (strlen(name) + 4 > margin && strlen(name) + 4 <= MARGIN)
            margin = strlen(name) + 4;
    }
    for (size_t i = 0; i < command->n_options; i++)
        print_option(file, command, &command->options[i], margin);
    print_entry(file, "-h, --help", "this text", margin);
}

void usage_line(const struct cli_command *command, char ret_usage[static USAGE_SIZE]) {
    size_t length = 0, n_optional = command->n_options;

    ret_usage[0] = '\0';
    if (command->operands.usage)
        length += (size_t)snprintf(ret_usage, USAGE_SIZE, " %s", command->operands.usage);
    for (size_t i = 0; i < command->n_options && length < USAGE_SIZE; i++) {
        const struct cli_option *option = &command->options[i];

        if (!option->required)
            continue;
        length += (size_t)snprintf(ret_usage + length, USAGE_SIZE - length, " --%s %s", option->name,
                                   option->argument);
        n_optional--;
    }
    if (n_optional > 0 && length < USAGE_SIZE)
        (void)snprintf(ret_usage + length, USAGE_SIZE - length, " [OPTION...]");
}

static void print_usage(FILE *file, const struct cli_command *command) {
    char usage[USAGE_SIZE];

    if (command->subcommands) {
        for (size_t i = 0; command->subcommands[i]; i++) {
            usage_line(command->subcommands[i], usage);
            fprintf(file, "%s vmsuite %s%s\n", i == 0 ? "usage:" : "      ", command->subcommands[i]->name,
                    usage);
        }
        return;
    }
    if (!command->usage) {
        usage_line(command, usage);
        fprintf(file, "usage: vmsuite %s%s\n", command->name, usage);
    }
    for (size_t i = 0; command->usage && command->usage[i]; i++)
        fprintf(file, "%s vmsuite %s %s\n", i == 0 ? "usage:" : "      ", command->name, command->usage[i]);
}

static void print_examples(FILE *file, const char *const *examples) {
    if (examples)
        fputs("\nexamples:\n", file);
    for (size_t i = 0; examples && examples[i]; i++)
        fprintf(file, "  %s\n", examples[i]);
}

static void print_statuses(FILE *file, const struct cli_command *command) {
    fputs("\nexit status:\n", file);
    for (size_t i = 0; exit_meaning(i); i++) {
        const struct exit_meaning *meaning = exit_meaning(i);
        bool listed = meaning->status == EXIT_DONE;
        char number[16];

        for (size_t k = 0; command->statuses && command->statuses[k] != EXIT_DONE; k++)
            listed |= command->statuses[k] == meaning->status;
        (void)snprintf(number, sizeof(number), "%d", meaning->status);
        if (listed)
            print_entry(file, number, meaning->sentence, 7);
    }
}

void usage_command(const struct cli_command *command, FILE *file) {
    print_usage(file, command);
    fputc('\n', file);
    (void)print_wrapped(file, command->description, 0, 0);
    fputs("\n\n", file);
    for (size_t i = 0; command->subcommands && command->subcommands[i]; i++)
        print_entry(file, command->subcommands[i]->name, command->subcommands[i]->summary, MARGIN);
    if (!command->subcommands) {
        print_options(file, command);
        print_statuses(file, command);
    }
    print_examples(file, command->examples);
    if (command->subcommands)
        fprintf(file, "\n`vmsuite %s SUBCOMMAND --help` explains a subcommand.\n", command->name);
}

void usage_program(FILE *file) {
    static const char *const examples[] = {
        "vmsuite run                                 this machine, the quick suite",
        "vmsuite run --config xen-pv.json --suite santos-2008",
        "vmsuite run --suite iperf-2010 --dry-run    what would be measured", NULL};

    fputs("vmsuite: what does virtualisation cost here, on the network, in memory, on disk,\non the CPU?\n\n"
          "usage: vmsuite COMMAND [OPTION...]\n\n",
          file);
    for (size_t i = 0; commands_at(i); i++)
        print_entry(file, commands_at(i)->name, commands_at(i)->summary, 12);
    fputs("\n", file);
    print_entry(file, "-h, --help", "this text", 17);
    print_entry(file, "-V, --version", "the program's version", 17);
    print_examples(file, examples);
    fputs("\n`vmsuite COMMAND --help` or `vmsuite help COMMAND` explains a command.\n", file);
}
