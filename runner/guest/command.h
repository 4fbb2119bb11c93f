/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An argument array that grows. */
#ifndef VMSUITE_RUNNER_GUEST_COMMAND_H
#define VMSUITE_RUNNER_GUEST_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

struct command {
    char **argv; /* NULL-ended */
    size_t n_words;
    int kept;    /* a descriptor that the process inherits, closed by command_done; 0: none */
    bool failed; /* out of memory at some word: the command is not to be used */
};

/* Adds one word, printf-style; command_add_all adds several, up to a NULL. */
void command_add(struct command *command, const char *format, ...) __attribute__((format(printf, 2, 3)));
void command_add_all(struct command *command, const char *const *words);
void command_done(struct command *command);

#endif
