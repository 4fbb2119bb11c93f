/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "json/problems.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/text.h"
#include "output/terminal.h"

#include <stdarg.h>
#include <stdlib.h>

static char *compose(const char *file, int line, const char *path, const char *sentence) {
    char where[32] = "";
    char *text = NULL;

    if (line > 0)
        (void)snprintf(where, sizeof(where), ":%d", line);
    if (asprintf(&text, "%s%s: %s%s%s", file, where, path ? path : "", path ? ": " : "", sentence) < 0)
        return NULL;
    return text;
}

void problems_add(struct problems *problems, const char *file, int line, const char *path, const char *format,
                  ...) {
    struct problem *grown = reallocarray(problems->problems, problems->n_problems + 1, sizeof(*grown));
    cleanup_free char *sentence = NULL;
    va_list arguments;

    if (!grown) {
        problems->n_problems += problems->n_problems == 0;
        return;
    }
    va_start(arguments, format);
    sentence = text_new_from(format, arguments);
    va_end(arguments);
    problems->problems = grown;
    grown[problems->n_problems++].text = sentence ? compose(file, line, path, sentence) : NULL;
}

void problems_print(const struct problems *problems, FILE *file) {
    for (size_t i = 0; problems->problems && i < problems->n_problems; i++)
        terminal_print(file, "%s\n", problems->problems[i].text ? problems->problems[i].text : ERROR_MEMORY);
}

void problems_done(struct problems *problems) {
    for (size_t i = 0; problems->problems && i < problems->n_problems; i++)
        free(problems->problems[i].text);
    free(problems->problems);
    *problems = (struct problems){0};
}
