/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "guest/command.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void command_add(struct command *command, const char *format, ...) {
    char **argv = reallocarray(command->argv, command->n_words + 2, sizeof(*argv));
    va_list arguments;
    int length = -1;

    if (argv) {
        command->argv = argv;
        va_start(arguments, format);
        length = vasprintf(&argv[command->n_words], format, arguments);
        va_end(arguments);
        argv[command->n_words + (length >= 0)] = NULL;
    }
    command->n_words += length >= 0;
    command->failed = command->failed || length < 0;
}

void command_add_all(struct command *command, const char *const *words) {
    for (; *words; words++)
        command_add(command, "%s", *words);
}

void command_done(struct command *command) {
    for (size_t i = 0; i < command->n_words; i++)
        free(command->argv[i]);
    free(command->argv);
    if (command->kept > 0)
        (void)close(command->kept);
    *command = (struct command){0};
}
