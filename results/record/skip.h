/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds the next byte of JSON text that matters, eight bytes at a time: a byte of a word is zero where it is
 * the one that is looked for, and the lowest zero byte is found by what a subtraction borrows. */
#ifndef VMSUITE_RESULTS_RECORD_SKIP_H
#define VMSUITE_RESULTS_RECORD_SKIP_H

#include <endian.h>
#include <stdint.h>
#include <string.h>

#define SKIP_ALL(byte) (UINT64_C(0x0101010101010101) * (byte))

static inline uint64_t skip_word(const char *at) {
    uint64_t word;

    memcpy(&word, at, sizeof(word));
    return le64toh(word); /* the first byte lowest */
}

/* Bit 7 of the lowest byte that is zero is set, and perhaps of bytes above it. */
static inline uint64_t skip_zeros(uint64_t word) {
    return (word - SKIP_ALL(0x01)) & ~word & SKIP_ALL(0x80);
}

/* The first quote or backslash: what ends the plain part of a string. `end` where there is none. */
static inline const char *skip_plain(const char *at, const char *end) {
    for (; end - at >= 8; at += 8) {
        const uint64_t word = skip_word(at);
        const uint64_t found = skip_zeros(word ^ SKIP_ALL('"')) | skip_zeros(word ^ SKIP_ALL('\\'));

        if (found)
            return at + __builtin_ctzll(found) / 8;
    }
    while (at < end && *at != '"' && *at != '\\')
        at++;
    return at;
}

/* The first quote or bracket outside of strings, or a byte that shares the bits of brackets ('Y', '_', 'y').
 * `end` where there is none. */
static inline const char *skip_to_structure(const char *at, const char *end) {
    const unsigned shared = '[' | ']' | '{' | '}'; /* 0x7f, of which brackets lack one of 0x26 at the most */

    for (; end - at >= 8; at += 8) {
        const uint64_t word = skip_word(at);
        const uint64_t found =
            skip_zeros(word ^ SKIP_ALL('"')) | skip_zeros((word | SKIP_ALL(0x26)) ^ SKIP_ALL(shared));

        if (found)
            return at + __builtin_ctzll(found) / 8;
    }
    while (at < end && *at != '"' && ((unsigned char)*at | 0x26) != shared)
        at++;
    return at;
}

#endif
