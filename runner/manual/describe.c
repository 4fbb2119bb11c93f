/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A tool of the build, not installed: writes manual pages and completion scripts from the program's own
 * tables.
 *
 *     describe command NAME [PROSE]    the manual page of a command
 *     describe page FILE [SCHEMA]      a page that is written by hand, its marks replaced
 *     describe module FILE.so          the manual page of a module
 *     describe bash|zsh|fish           a completion script
 *     describe options                 the tables of options as lines: command, option, letter, argument
 *     describe statuses                the exit statuses as lines: number, meaning
 *     describe members                 the tables of documents as JSON
 *     describe objects                 those of a configuration's objects "expect" and "guest", likewise */
#include "base/cleanup.h"
#include "base/error.h"
#include "cli/commands.h"
#include "common/exit_status.h"
#include "manual/completion.h"
#include "manual/mdoc.h"
#include "manual/mdoc_document.h"
#include "manual/mdoc_module.h"
#include "module/loader.h"

#include <string.h>

#define PAGE_MAX (1 << 20)

static char *read_file(const char *path) {
    cleanup_fclose FILE *file = fopen(path, "re");
    char *text = calloc(1, PAGE_MAX);

    if (!file || !text || fread(text, 1, PAGE_MAX - 1, file) == 0 || ferror(file)) {
        fprintf(stderr, "describe: %s: %s\n", path, file ? "is empty" : strerror(errno));
        free(text);
        return NULL;
    }
    return text;
}

static void print_options(const struct cli_command *command) {
    printf("%s\t\t\t%s\n", command->name, command->operands.usage ? command->operands.usage : "");
    for (size_t i = 0; i < command->n_options; i++) {
        const struct cli_option *option = &command->options[i];

        printf("%s\t--%s\t%.1s\t%s\n", command->name, option->name, &option->letter,
               option->argument ? option->argument : "");
    }
    for (size_t i = 0; command->subcommands && command->subcommands[i]; i++)
        print_options(command->subcommands[i]);
}

static bool describe_command(const char *name, const char *prose_path) {
    const struct cli_command *command = commands_find(name);
    cleanup_free char *prose = prose_path ? read_file(prose_path) : strdup("");

    if (command && prose)
        mdoc_command(stdout, command, prose);
    return command && prose;
}

static bool describe_page(const char *path, const char *schema_path) {
    cleanup_free char *page = read_file(path);
    json_error_t flaw = {.text = ""};
    json_auto_t *schema = schema_path ? json_load_file(schema_path, 0, &flaw) : NULL;
    struct vms_error error = {""};

    if (*flaw.text)
        error_set(&error, -EINVAL, "%s: %s", schema_path, flaw.text);
    else if (page)
        (void)mdoc_page(stdout, page, schema, &error);
    if (*error.text)
        fprintf(stderr, "describe: %s: %s\n", path, error.text);
    return page && !*error.text;
}

static bool describe_module(const char *path) {
    cleanup_free struct vms_module *module = NULL;
    struct vms_error error = {""};

    if (loader_open(path, &module, &error) < 0) {
        fprintf(stderr, "describe: %s: %s\n", path, error.text);
        return false;
    }
    mdoc_module(stdout, module);
    return true;
}

static bool describe(const char *what, int argc, char **argv) {
    if (strcmp(what, "command") == 0 && argc > 2)
        return describe_command(argv[2], argv[3]);
    if (strcmp(what, "page") == 0 && argc > 2)
        return describe_page(argv[2], argv[3]);
    if (strcmp(what, "module") == 0 && argc > 2)
        return describe_module(argv[2]);
    if (strcmp(what, "bash") == 0)
        completion_bash(stdout);
    else if (strcmp(what, "zsh") == 0)
        completion_zsh(stdout);
    else if (strcmp(what, "fish") == 0)
        completion_fish(stdout);
    else if (strcmp(what, "options") == 0)
        for (size_t i = 0; commands_at(i); i++)
            print_options(commands_at(i));
    else if (strcmp(what, "statuses") == 0)
        for (size_t i = 0; exit_meaning(i); i++)
            printf("%d\t%s\n", exit_meaning(i)->status, exit_meaning(i)->sentence);
    else if (strcmp(what, "objects") == 0)
        return objects_dump(stdout);
    else
        return strcmp(what, "members") == 0 && members_dump(stdout);
    return true;
}

int main(int argc, char **argv) {
    return argc > 1 && describe(argv[1], argc, argv) && fflush(stdout) == 0 ? EXIT_DONE : EXIT_FAILED;
}
