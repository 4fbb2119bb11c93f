/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record/utf8.h"

size_t utf8_length(const char *text) {
    const unsigned char *bytes = (const unsigned char *)text;
    unsigned char first = bytes[0];
    size_t length = first < 0x80 ? 1 : first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;

    if (length == 0 || first > 0xF4)
        return 0;
    for (size_t i = 1; i < length; i++)
        if ((bytes[i] & 0xC0) != 0x80)
            return 0;
    if ((first == 0xE0 && bytes[1] < 0xA0) || (first == 0xED && bytes[1] > 0x9F) ||
        (first == 0xF0 && bytes[1] < 0x90) || (first == 0xF4 && bytes[1] > 0x8F))
        return 0;
    return length;
}

/* A byte that continues a sequence, with the six bits from `shift`. */
static char continuation(uint32_t code, unsigned shift) {
    return (char)(0x80 | ((code >> shift) & 0x3F));
}

char *utf8_write(uint32_t code, char *target) {
    if (code < 0x80) {
        *target++ = (char)code;
        return target;
    }
    if (code < 0x800) {
        *target++ = (char)(0xC0 | code >> 6);
    } else if (code < 0x10000) {
        *target++ = (char)(0xE0 | code >> 12);
        *target++ = continuation(code, 6);
    } else {
        *target++ = (char)(0xF0 | code >> 18);
        *target++ = continuation(code, 12);
        *target++ = continuation(code, 6);
    }
    *target++ = continuation(code, 0);
    return target;
}
