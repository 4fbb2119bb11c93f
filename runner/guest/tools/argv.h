/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An argument array that grows. */
#ifndef VMSUITE_RUNNER_GUEST_TOOLS_ARGV_H
#define VMSUITE_RUNNER_GUEST_TOOLS_ARGV_H

#include <stdbool.h>
#include <stddef.h>

#define ARGV_KEPT_MAX 64

struct argv {
    char **words; /* NULL-ended */
    size_t n_words;
    int kept[ARGV_KEPT_MAX]; /* descriptors that the process inherits, closed by argv_done */
    size_t n_kept;
    char *folder; /* that the process starts in; NULL: this program's */
    bool failed;  /* out of memory at some word: the command is not to be used */
};

/* Adds one word, printf-style; argv_add_all adds several, up to a NULL. */
void argv_add(struct argv *command, const char *format, ...) __attribute__((format(printf, 2, 3)));
void argv_add_all(struct argv *command, const char *const *words);
/* Has the process inherit a descriptor, which the command takes over. */
void argv_keep(struct argv *command, int fd);
/* Has the process start in a folder; the words must not be relative to another. */
void argv_run_in(struct argv *command, const char *folder);
void argv_done(struct argv *command);

#endif
