/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/utf8.h"

size_t utf8_read(const char *text, uint32_t *ret_character) {
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *bytes = (const unsigned char *)text;
    size_t length = bytes[0] < 0x80             ? 1
                    : (bytes[0] & 0xe0) == 0xc0 ? 2
                    : (bytes[0] & 0xf0) == 0xe0 ? 3
                    : (bytes[0] & 0xf8) == 0xf0 ? 4
                                                : 0;
    uint32_t character;

    if (length == 0)
        return 0;
    character = length == 1 ? bytes[0] : bytes[0] & (0x7fU >> length);
    for (size_t i = 1; i < length; i++) {
        if ((bytes[i] & 0xc0) != 0x80) /* a NUL ends it, too */
            return 0;
        character = character << 6 | (bytes[i] & 0x3f);
    }
    if (character < least[length] || character > 0x10ffff || (character >= 0xd800 && character <= 0xdfff))
        return 0;
    *ret_character = character;
    return length;
}

static size_t columns_of(uint32_t character) {
    static const struct {
        uint32_t first, last;
        size_t columns;
    } ranges[] = {{0x0300, 0x036f, 0},   {0x200b, 0x200f, 0},   {0x20d0, 0x20ff, 0},   {0xfe00, 0xfe0f, 0},
                  {0x1100, 0x115f, 2},   {0x2e80, 0x303e, 2},   {0x3041, 0xa4cf, 2},   {0xac00, 0xd7a3, 2},
                  {0xf900, 0xfaff, 2},   {0xfe30, 0xfe6f, 2},   {0xff00, 0xff60, 2},   {0xffe0, 0xffe6, 2},
                  {0x1f300, 0x1f64f, 2}, {0x1f680, 0x1f6ff, 2}, {0x1f900, 0x1faff, 2}, {0x20000, 0x3fffd, 2}};

    for (size_t i = 0; character >= ranges[0].first && i < sizeof(ranges) / sizeof(ranges[0]); i++)
        if (character >= ranges[i].first && character <= ranges[i].last)
            return ranges[i].columns;
    return 1;
}

/* The bytes that fit; *ret_columns: what they take. */
static size_t fit(const char *text, size_t most, size_t *ret_columns) {
    size_t at = 0, columns = 0;

    while (text[at]) {
        uint32_t character = '?';
        size_t length = utf8_read(text + at, &character), own = columns_of(character);

        if (own > most - columns)
            break;
        columns += own;
        at += length > 0 ? length : 1;
    }
    *ret_columns = columns;
    return at;
}

size_t utf8_columns(const char *text) {
    size_t columns;

    (void)fit(text, SIZE_MAX, &columns);
    return columns;
}

size_t utf8_fit(const char *text, size_t columns) {
    return fit(text, columns, &columns);
}

/* A byte that continues a character, with six of its bits. */
static char continuation(uint32_t character, unsigned shift) {
    return (char)(0x80 | ((character >> shift) & 0x3f));
}

char *utf8_write(uint32_t character, char *target) {
    if (character < 0x80) {
        *target++ = (char)character;
        return target;
    }
    if (character < 0x800) {
        *target++ = (char)(0xc0 | character >> 6);
    } else if (character < 0x10000) {
        *target++ = (char)(0xe0 | character >> 12);
        *target++ = continuation(character, 6);
    } else {
        *target++ = (char)(0xf0 | character >> 18);
        *target++ = continuation(character, 12);
        *target++ = continuation(character, 6);
    }
    *target++ = continuation(character, 0);
    return target;
}
