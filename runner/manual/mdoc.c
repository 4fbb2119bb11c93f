/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "manual/mdoc.h"

#include "base/error.h"
#include "cli/commands.h"
#include "cli/usage.h"
#include "manual/mdoc_document.h"
#include "manual/mdoc_schema.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

/* One character of running text; `word` is the word it stands in. */
static void put(FILE *file, char character, const char *word) {
    if (character == '\\')
        fputs("\\e", file);
    else if (character == '-' && strncmp(word, "--", 2) == 0)
        fputs("\\-", file);
    else
        fputc(character, file);
}

/* A sentence ends at a full stop, question or exclamation mark before a space and a capital. */
static bool ends_sentence(const char *space, const char *begin) {
    return space > begin && strchr(".?!", space[-1]) && isupper((unsigned char)space[1]);
}

/* "json, which ...", "random: ...", "real-time": a value or another's name, which keeps its letters. */
static bool begins_with_name(const char *text) {
    size_t length = strcspn(text, " ");

    return length > 0 && (strchr(",:", text[length - 1]) || memchr(text, '-', length));
}

/* Commands and addresses are copied from pages: they get no hyphen at a line's end. */
static bool is_copied(const char *word) {
    static const char *const parts[] = {"vmsuite", "://"};
    size_t length = strcspn(word, " \n");

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        if (memmem(word, length, parts[i], strlen(parts[i])))
            return true;
    return false;
}

/* `stops`: a full stop is added where there is none. */
static void write_text(FILE *file, const char *text, bool capital, bool stops) {
    const char *word = text;
    bool fresh = true; /* at the begin of a line */

    for (const char *at = text; *at; at++) {
        if (*at == '\n') {
            fputs("\n.Pp\n", file);
            fresh = true;
            word = at + 1;
            continue;
        }
        if (*at == ' ') {
            fresh = ends_sentence(at, text);
            fputc(fresh ? '\n' : ' ', file);
            word = at + 1;
            continue;
        }
        if (fresh && (*at == '.' || *at == '\''))
            fputs("\\&", file);
        if (at == word && is_copied(word))
            fputs("\\%", file);
        if (at == text && capital && !begins_with_name(text))
            fputc(toupper((unsigned char)*at), file);
        else
            put(file, *at, word);
        fresh = false;
    }
    fputs(stops && *text && !strchr(".?!", text[strlen(text) - 1]) ? ".\n" : "\n", file);
}

void mdoc_text(FILE *file, const char *text, bool capital) {
    write_text(file, text, capital, capital);
}

void mdoc_head(FILE *file, const char *page, const char *section, const char *summary) {
    fprintf(file, ".\\\" SPDX-License-Identifier: GPL-3.0-or-later\n.Dd %s\n.Dt ", MANUAL_DATE);
    for (const char *at = page; *at; at++)
        fputc(toupper((unsigned char)*at), file);
    fprintf(file, " %s\n.Os\n.Sh NAME\n.Nm %s\n.Nd %s\n", section, page, summary);
}

static void write_form(FILE *file, const char *name, const char *words) {
    fprintf(file, ".Nm vmsuite\n.Cm %s\n", name);
    if (*words)
        fprintf(file, ".Ar \"%s\"\n", words + (*words == ' '));
}

static void write_forms(FILE *file, const struct cli_command *command) {
    char usage[USAGE_SIZE];

    for (size_t i = 0; command->usage && command->usage[i]; i++)
        write_form(file, command->name, command->usage[i]);
    for (size_t i = 0; command->subcommands && command->subcommands[i]; i++) {
        usage_line(command->subcommands[i], usage);
        write_form(file, command->subcommands[i]->name, usage);
    }
    if (command->usage || command->subcommands)
        return;
    usage_line(command, usage);
    write_form(file, command->name, usage);
}

static void write_sentence(FILE *file, const struct cli_option *option, const char *sentence) {
    size_t length = strcspn(sentence, " ,:;");
    bool capital = true;

    for (size_t i = 0; option->choice && option->choice(i); i++)
        capital &= strlen(option->choice(i)) != length || memcmp(option->choice(i), sentence, length) != 0;
    write_text(file, sentence, capital, true);
}

static void write_choices(FILE *file, const struct cli_option *option) {
    fputs(".Bl -tag -width Ds -compact\n", file);
    for (size_t i = 0; option->choice(i); i++) {
        fprintf(file, ".It Cm %s\n", option->choice(i));
        write_sentence(file, option, option->choice_help(i));
    }
    fputs(".El\n", file);
}

static void write_option(FILE *file, const struct cli_command *command, const struct cli_option *option) {
    char fallback[OPTION_DEFAULT_SIZE];

    fputs(".It ", file);
    if (option->letter)
        fprintf(file, "Fl %c , ", option->letter);
    fprintf(file, "Fl -%s", option->name);
    if (option->argument)
        fprintf(file, " Ar %s", option->argument);
    fputc('\n', file);
    write_sentence(file, option, option->sentence);
    if (command->defaults && option_default(option, command->defaults, fallback))
        fprintf(file, "The default is\n.Dq \\&%s .\n", fallback);
    if (option->more)
        mdoc_text(file, option->more, true);
    if (option->choice_help)
        write_choices(file, option);
}

static void write_options(FILE *file, const struct cli_command *command) {
    fputs(".Bl -tag -width Ds\n", file);
    for (size_t i = 0; i < command->n_options; i++)
        write_option(file, command, &command->options[i]);
    fputs(".It Fl h , Fl -help\nPrint a short help.\n.El\n", file);
}

static void write_subcommands(FILE *file, const struct cli_command *command) {
    fputs(".Sh SUBCOMMANDS\n", file);
    for (size_t i = 0; command->subcommands[i]; i++) {
        const struct cli_command *subcommand = command->subcommands[i];
        char usage[USAGE_SIZE];

        usage_line(subcommand, usage);
        fprintf(file, ".Ss %s%s\n", subcommand->name, usage);
        mdoc_text(file, subcommand->description, true);
        write_options(file, subcommand);
    }
}

/* Those of the command, or of one of its subcommands; all where `command` is NULL. */
static bool may_end_with(const struct cli_command *command, enum exit_status status) {
    if (!command || status == EXIT_DONE)
        return true;
    for (size_t i = 0; command->statuses && command->statuses[i] != EXIT_DONE; i++)
        if (command->statuses[i] == status)
            return true;
    for (size_t i = 0; command->subcommands && command->subcommands[i]; i++)
        if (may_end_with(command->subcommands[i], status))
            return true;
    return false;
}

static void write_statuses(FILE *file, const struct cli_command *command) {
    fputs(".Sh EXIT STATUS\n.Bl -tag -width Ds\n", file);
    for (size_t i = 0; exit_meaning(i); i++) {
        if (!may_end_with(command, exit_meaning(i)->status))
            continue;
        fprintf(file, ".It %d\n", exit_meaning(i)->status);
        mdoc_text(file, exit_meaning(i)->sentence, true);
    }
    fputs(".El\n", file);
}

static void write_examples(FILE *file, const char *const *examples) {
    if (examples)
        fputs(".Sh EXAMPLES\n", file);
    for (size_t i = 0; examples && examples[i]; i++) {
        fputs(".Dl \"", file);
        for (const char *at = examples[i]; *at; at++)
            fputs(*at == '"' ? "\\(dq" : *at == '-' ? "\\-" : (char[]){*at, '\0'}, file);
        fputs("\"\n", file);
    }
}

void mdoc_command(FILE *file, const struct cli_command *command, const char *prose) {
    char page[64];

    snprintf(page, sizeof(page), "vmsuite-%s", command->name);
    mdoc_head(file, page, "1", command->summary);
    fputs(".Sh SYNOPSIS\n", file);
    write_forms(file, command);
    fputs(".Sh DESCRIPTION\n", file);
    mdoc_text(file, command->description, true);
    if (command->subcommands) {
        write_subcommands(file, command);
    } else {
        fputs(".Sh OPTIONS\n", file);
        write_options(file, command);
    }
    fputs(prose, file);
    write_statuses(file, command);
    write_examples(file, command->examples);
    fputs(".Sh SEE ALSO\n.Xr vmsuite 1\n", file);
}

static void write_commands(FILE *file) {
    fputs(".Sh COMMANDS\nEach command has a page of its own.\n.Bl -tag -width Ds\n", file);
    for (size_t i = 0; commands_at(i); i++) {
        fprintf(file, ".It Xr vmsuite-%s 1\n", commands_at(i)->name);
        mdoc_text(file, commands_at(i)->summary, true);
    }
    fputs(".El\n", file);
}

/* "@members suite@". False: it is another mark. */
static bool write_members(FILE *file, const char *mark, size_t length) {
    char document[32] = "";

    return sscanf(mark, "@members %31[a-z]@", document) == 1 &&
           strlen(document) + strlen("@members @") == length && mdoc_members(file, document);
}

int mdoc_page(FILE *file, const char *page, const json_t *schema, struct vms_error *error) {
    while (*page) {
        size_t length = strcspn(page, "\n");

        if (strncmp(page, ".\\\" @", 5) != 0)
            fprintf(file, "%.*s\n", (int)length, page);
        else if (strncmp(page + 4, "@date@", length - 4) == 0)
            fprintf(file, ".Dd %s\n", MANUAL_DATE);
        else if (strncmp(page + 4, "@commands@", length - 4) == 0)
            write_commands(file);
        else if (strncmp(page + 4, "@statuses@", length - 4) == 0)
            write_statuses(file, NULL);
        else if (schema && strncmp(page + 4, "@schema@", length - 4) == 0)
            mdoc_schema(file, schema);
        else if (!write_members(file, page + 4, length - 4))
            return error_set(error, -EINVAL, "unknown mark %.*s", (int)length - 4, page + 4);
        page += length + (page[length] != '\0');
    }
    return 0;
}
