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
