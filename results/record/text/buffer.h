/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A text that grows. What fails for want of memory is noted once, and asked for at the end. */
#ifndef VMSUITE_RESULTS_RECORD_TEXT_BUFFER_H
#define VMSUITE_RESULTS_RECORD_TEXT_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Zeroed: empty. */
struct buffer {
    char *bytes; /* owned */
    size_t length, size;
    bool failed;
};

/* Makes room for `length` more bytes and a NUL: the place of the first, or NULL. */
char *buffer_reserve(struct buffer *buffer, size_t length);

static inline void buffer_add(struct buffer *buffer, const char *bytes, size_t length) {
    char *room = length < buffer->size - buffer->length ? buffer->bytes + buffer->length
                                                        : buffer_reserve(buffer, length);

    if (!room)
        return;
    memcpy(room, bytes, length);
    buffer->length += length;
}

static inline void buffer_add_char(struct buffer *buffer, char c) {
    buffer_add(buffer, &c, 1);
}

static inline void buffer_add_text(struct buffer *buffer, const char *text) {
    buffer_add(buffer, text, strlen(text));
}

void buffer_add_whole(struct buffer *buffer, uint64_t number);
/* A finite number, the shortest text that reads back. */
void buffer_add_number(struct buffer *buffer, double number);
/* A text as a JSON string. */
void buffer_add_json(struct buffer *buffer, const char *text);

/* Ends the text with a NUL and hands it over; NULL where something has failed. The buffer is empty then. */
char *buffer_take(struct buffer *buffer);
void buffer_done(struct buffer *buffer);

#endif
