/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a guest says on its console, and what that means. */
#ifndef VMSUITE_RUNNER_GUEST_BOOT_CONSOLE_H
#define VMSUITE_RUNNER_GUEST_BOOT_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>

#define CONSOLE_LINES 6
#define CONSOLE_LINE_SIZE 400

/* How far a guest has come. */
enum console_stage {
    CONSOLE_STARTED,
    CONSOLE_READY,
    CONSOLE_SERVING,
    CONSOLE_MEASURING,
    CONSOLE_MEASURED,
    CONSOLE_OFF
};

struct console {
    char last[CONSOLE_LINES][CONSOLE_LINE_SIZE]; /* the newest lines, in a ring */
    size_t n_lines;                              /* so far */
    char line[CONSOLE_LINE_SIZE];                /* the one that is coming in */
    size_t length;
    enum console_stage stage;
    char reason[CONSOLE_LINE_SIZE]; /* a panic or a failure that the guest reported; "": none */
    bool panicked;
    bool short_of_memory; /* its kernel said so before its first process was there */
    char detected[40];    /* what a guest that serves takes itself for; "": it has not said */
    /* what the guest's own clock had counted when its first process was there; 0: it has not said */
    double up_s;
    int exit_status; /* of the measuring program, once the guest has reported it; -1 before */
    /* Called for each whole line, where it is not NULL. */
    void (*on_line)(void *context, const char *line);
    void *context;
};

/* Takes what came in: control characters are dropped, long lines cut. */
void console_feed(struct console *console, const char *bytes, size_t size);

/* The last lines, oldest first, " | " between them. */
void console_tail(const struct console *console, char *ret_text, size_t size);

#endif
