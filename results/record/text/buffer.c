/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record/text/buffer.h"

#include "base/number.h"
#include "record/text/skip.h"

#include <stdlib.h>
#include <string.h>

#define SIZE_MIN 256

char *buffer_reserve(struct buffer *buffer, size_t length) {
    size_t needed = buffer->length + length + 1, size = buffer->size ? buffer->size : SIZE_MIN;
    char *grown;

    if (needed <= buffer->size)
        return buffer->bytes + buffer->length;
    while (size < needed)
        size *= 2;
    grown = buffer->failed ? NULL : realloc(buffer->bytes, size);
    if (!grown) {
        buffer->failed = true;
        return NULL;
    }
    buffer->bytes = grown;
    buffer->size = size;
    return grown + buffer->length;
}

void buffer_add_whole(struct buffer *buffer, uint64_t number) {
    char text[24], *at = text + sizeof(text);

    do
        *--at = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    buffer_add(buffer, at, (size_t)(text + sizeof(text) - at));
}

void buffer_add_number(struct buffer *buffer, double number) {
    char *room = buffer_reserve(buffer, NUMBER_TEXT_SIZE);

    if (room)
        buffer->length += number_write(number, room);
}

/* A character that JSON does not take as it is. */
static void add_escaped(struct buffer *buffer, char c) {
    static const char hex[] = "0123456789abcdef", names[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
    const char *name = strchr(names, c);
    const unsigned code = (unsigned char)c;

    if (name)
        buffer_add(buffer, (const char[]){'\\', letters[name - names]}, 2);
    else
        buffer_add(buffer, (const char[]){'\\', 'u', '0', '0', hex[code >> 4], hex[code & 15]}, 6);
}

void buffer_add_json(struct buffer *buffer, const char *text) {
    const char *const end = text + strlen(text);

    buffer_add_char(buffer, '"');
    while (text < end) {
        const char *special = skip_unescaped(text, end);

        buffer_add(buffer, text, (size_t)(special - text));
        text = special;
        if (text < end)
            add_escaped(buffer, *text++);
    }
    buffer_add_char(buffer, '"');
}

char *buffer_take(struct buffer *buffer) {
    char *room = buffer_reserve(buffer, 0), *text;

    if (!room || buffer->failed) {
        buffer_done(buffer);
        return NULL;
    }
    *room = '\0';
    text = buffer->bytes;
    *buffer = (struct buffer){0};
    return text;
}

void buffer_done(struct buffer *buffer) {
    free(buffer->bytes);
    *buffer = (struct buffer){0};
}
