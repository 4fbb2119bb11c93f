/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "json/problems.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "output/terminal.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static char *compose(const char *file, int line, const char *path, const char *sentence) {
    char where[32] = "";
    char *text = NULL;

    if (line > 0)
        (void)snprintf(where, sizeof(where), ":%d", line);
    if (!(text = text_new("%s%s: %s%s%s", file, where, path ? path : "", path ? ": " : "", sentence)))
        return NULL;
    return text;
}

void problems_add(struct problems *problems, const char *file, int line, const char *path, const char *format,
                  ...) {
    size_t n = problems->n_problems++;
    cleanup_free char *sentence = NULL;
    va_list arguments;

    if (n == PROBLEMS_SHOWN)
        problems->file = strdup(file);
    if (n >= PROBLEMS_SHOWN)
        return;
    va_start(arguments, format);
    sentence = text_new_from(format, arguments);
    va_end(arguments);
    problems->problems[n].text = sentence ? compose(file, line, path, sentence) : NULL;
}

static size_t n_shown(const struct problems *problems) {
    return problems->n_problems < PROBLEMS_SHOWN ? problems->n_problems : PROBLEMS_SHOWN;
}

void problems_print(const struct problems *problems, FILE *file) {
    size_t shown = n_shown(problems), more = problems->n_problems - shown;

    for (size_t i = 0; i < shown; i++)
        terminal_print(file, "%s\n", problems->problems[i].text ? problems->problems[i].text : ERROR_MEMORY);
    if (more > 0)
        terminal_print(file, "%s%sand %zu more mistake%s, not shown: correct these first\n",
                       problems->file ? problems->file : "", problems->file ? ": " : "", more,
                       more == 1 ? "" : "s");
}

void problems_done(struct problems *problems) {
    for (size_t i = 0; i < n_shown(problems); i++)
        free(problems->problems[i].text);
    free(problems->file);
    *problems = (struct problems){0};
}
