/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `vmsuite store`: its subcommands. store_query.c has those that read. */
#include "cli/store.h"

#include "base/terminal.h"
#include "history/history.h"

#include <errno.h>

enum exit_status store_status(int status) {
    return status == -EINVAL || status == -ENOENT || status == -EACCES || status == -ENOTSUP ? EXIT_USAGE
                                                                                             : EXIT_FAILED;
}

/* Whether a failure is the record's, so that the next may do better. */
static bool is_of_record(int status) {
    return status == -EINVAL || status == -ENOENT || status == -EACCES || status == -EFBIG;
}

static int add_records(const char *command, struct history *history, char *const *paths, size_t n_paths) {
    size_t added = 0, known = 0;
    int status = EXIT_DONE;

    for (size_t i = 0; i < n_paths; i++) {
        struct vms_error error = {""};
        int result = history_import(history, paths[i], &error);

        added += result == 1;
        known += result == 0;
        if (result >= 0)
            continue;
        terminal_print(stderr, "vmsuite %s: %s\n", command, error.text);
        status = store_status(result);
        if (!is_of_record(result))
            break;
    }
    terminal_print(stderr, "store: %zu run%s added, %zu already there\n", added, added == 1 ? "" : "s",
                   known);
    return status;
}

int store_add(const char *command, const char *where, char *const *paths, size_t n_paths) {
    struct history *history = NULL;
    struct vms_error error = {""};
    int status = history_open(where, DATABASE_WRITE, &history, &error);

    if (status < 0) {
        terminal_print(stderr, "vmsuite %s: %s\n", command, error.text);
        return store_status(status);
    }
    status = add_records(command, history, paths, n_paths);
    history_close(history);
    return status;
}

struct import_arguments {
    const char *store;
};

static const struct cli_option import_rows[] = {
    {.name = "store",
     .argument = "STORE",
     .names = NAMES_FILE,
     .required = true,
     OPTION_TEXT_TO(struct import_arguments, store),
     .sentence = "a file, made where there is none, or a server: postgresql://..."},
};

static int run_import(const struct cli_command *command, void *given, const struct words *words) {
    const struct import_arguments *arguments = given;

    return store_add(command->name, arguments->store, words->words, words->n_words);
}

const struct cli_command store_import = {
    .name = "store import",
    .summary = "add records to a store",
    .description =
        "Adds records to a store, each whole or not at all: an import that is killed leaves whole runs only, "
        "and goes on where it is repeated. A run that is there already is passed over.",
    .operands = {.usage = "RECORD...",
                 .missing = "which record?",
                 .min = 1,
                 .max = OPERANDS_ANY,
                 .names = NAMES_RECORD},
    .options = import_rows,
    .n_options = VMS_LENGTH(import_rows),
    .arguments_size = sizeof(struct import_arguments),
    .statuses = (const enum exit_status[]){EXIT_FAILED, EXIT_USAGE, EXIT_DONE},
    .examples = (const char *const[]){"vmsuite store import --store history.db vmsuite-results/*.json", NULL},
    .run = run_import,
};

const struct cli_command command_store = {
    .name = "store",
    .summary = "keep records in a database, and ask it",
    .description =
        "A store holds the figures of many runs: a file of SQLite, or a database on a PostgreSQL server (docs/store.md).",
    .subcommands = (const struct cli_command *const[]){&store_import, &store_query, &store_export, NULL},
};
