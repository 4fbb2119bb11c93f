/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/last_line.h"

#include <string.h>

char *last_line(char *text) {
    size_t length = strlen(text);
    char *line;

    while (length > 0 && strchr(" \t\r\n", text[length - 1]))
        text[--length] = '\0';
    line = strrchr(text, '\n');
    return line ? line + 1 : text;
}
