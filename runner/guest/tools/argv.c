/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/tools/argv.h"
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void argv_add(struct argv *command, const char *format, ...) {
    char **argv = reallocarray(command->words, command->n_words + 2, sizeof(*argv));
    va_list arguments;
    char *word = NULL;

    if (argv) {
        command->words = argv;
        va_start(arguments, format);
        word = text_new_from(format, arguments);
        va_end(arguments);
        argv[command->n_words] = word;
        argv[command->n_words + (word != NULL)] = NULL;
    }
    command->n_words += word != NULL;
    command->failed = command->failed || !word;
}

void argv_add_all(struct argv *command, const char *const *words) {
    for (; *words; words++)
        argv_add(command, "%s", *words);
}

void argv_keep(struct argv *command, int fd) {
    if (command->n_kept < ARGV_KEPT_MAX) {
        command->kept[command->n_kept++] = fd;
        return;
    }
    (void)close(fd);
    command->failed = true;
}

void argv_run_in(struct argv *command, const char *folder) {
    command->folder = strdup(folder);
    command->failed = command->failed || !command->folder;
}

void argv_done(struct argv *command) {
    for (size_t i = 0; i < command->n_words; i++)
        free(command->words[i]);
    free(command->words);
    free(command->folder);
    for (size_t i = 0; i < command->n_kept; i++)
        (void)close(command->kept[i]);
    *command = (struct argv){0};
}
