/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "output/visible.h"

#include "base/escape.h"

#include <stdbool.h>
#include <stdlib.h>

#define LONGEST 4 /* bytes of a character in UTF-8 */

struct visible {
    FILE *to;
    char begun[LONGEST + 1]; /* a character whose last bytes are still to come */
    size_t length;           /* of it */
};

/* Writes what was begun, bytes that are no character as \x9b. */
static void end_character(struct visible *visible) {
    visible->begun[visible->length] = '\0';
    escape_write(visible->to, ESCAPE_TERMINAL, visible->begun);
    visible->length = 0;
}

/* How many bytes the character has that begins so; 1 for a byte that begins none. */
static size_t length_of(char first) {
    unsigned char byte = (unsigned char)first;

    return byte < 0xc0 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : byte < 0xf8 ? 4 : 1;
}

static void put(struct visible *visible, char byte) {
    bool continues = ((unsigned char)byte & 0xc0) == 0x80;

    if (visible->length > 0 && !continues)
        end_character(visible);
    if (byte == '\n' || byte == '\t') {
        putc(byte, visible->to);
    } else if (byte == '\0') {
        fputs("\\x00", visible->to);
    } else {
        visible->begun[visible->length++] = byte;
        if (visible->length == length_of(visible->begun[0]))
            end_character(visible);
    }
}

static ssize_t write_cookie(void *cookie, const char *text, size_t size) {
    struct visible *visible = cookie;

    for (size_t i = 0; i < size; i++)
        put(visible, text[i]);
    return ferror(visible->to) ? 0 : (ssize_t)size; /* 0 is what stdio takes for a failure */
}

static int close_cookie(void *cookie) {
    struct visible *visible = cookie;

    end_character(visible);
    free(visible);
    return 0;
}

FILE *visible_open(FILE *to) {
    struct visible *visible = malloc(sizeof(*visible));
    FILE *file;

    if (!visible)
        return NULL;
    *visible = (struct visible){.to = to};
    file = fopencookie(visible, "w", (cookie_io_functions_t){.write = write_cookie, .close = close_cookie});
    if (!file)
        free(visible);
    return file;
}
