/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `vmsuite store`: its subcommands. store_query.c has those that read. */
#include "cli/store.h"

#include "common/store_records.h"

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

    return store_records(command->name, arguments->store, words->words, words->n_words);
}

const struct cli_command store_import = {
    .name = "store import",
    .summary = "add records to a store",
    .description =
        "Adds records to a store, each whole or not at all: an import that is killed leaves only whole runs, "
        "and continues when it is repeated. A run that is already there is skipped.",
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
    .summary = "keep records in a database, and query it",
    .description =
        "A store holds the figures of many runs: a file of SQLite, or a database on a PostgreSQL server "
        "(docs/store.md).",
    .subcommands = (const struct cli_command *const[]){&store_import, &store_query, &store_export, NULL},
};
