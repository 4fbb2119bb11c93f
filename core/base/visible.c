/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/visible.h"

#include <stdbool.h>
#include <stdlib.h>

#define C1_LEAD 0xc2 /* in UTF-8, of U+0080 to U+00BF, whose first half are controls */

struct visible {
    FILE *to;
    bool is_led; /* the last byte was C1_LEAD, which is still to be written */
};

static void put(struct visible *visible, unsigned char byte) {
    if (visible->is_led && byte >= 0x80 && byte < 0xa0) {
        fprintf(visible->to, "\\x%02x", byte);
        visible->is_led = false;
        return;
    }
    if (visible->is_led)
        putc(C1_LEAD, visible->to);
    visible->is_led = byte == C1_LEAD;
    if (visible->is_led)
        return;
    if ((byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7f)
        fprintf(visible->to, "\\x%02x", byte);
    else
        putc(byte, visible->to);
}

static ssize_t write_cookie(void *cookie, const char *text, size_t size) {
    struct visible *visible = cookie;

    for (size_t i = 0; i < size; i++)
        put(visible, (unsigned char)text[i]);
    return ferror(visible->to) ? 0 : (ssize_t)size; /* 0 is what stdio takes for a failure */
}

static int close_cookie(void *cookie) {
    struct visible *visible = cookie;

    if (visible->is_led)
        putc(C1_LEAD, visible->to);
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
