/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finds the next byte of JSON text that matters, eight bytes at a time: a byte of a word is zero where it is
 * the one that is looked for, and the lowest zero byte is found by what a subtraction borrows. */
#ifndef VMSUITE_RESULTS_RECORD_TEXT_SKIP_H
#define VMSUITE_RESULTS_RECORD_TEXT_SKIP_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

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

/* The place of the quote that ends the text which begins at `at`, or NULL. */
static inline const char *skip_to_quote(const char *at, const char *end) {
    for (at = skip_plain(at, end); at < end && *at == '\\'; at = skip_plain(at, end))
        at += at + 1 < end ? 2 : 1;
    return at < end ? at : NULL;
}

/* The first byte that a JSON string does not take as it is. `end` where there is none. */
static inline const char *skip_unescaped(const char *at, const char *end) {
    for (; end - at >= 8; at += 8) {
        const uint64_t word = skip_word(at), control = (word - SKIP_ALL(0x20)) & ~word & SKIP_ALL(0x80);
        const uint64_t found = control | skip_zeros(word ^ SKIP_ALL('"')) | skip_zeros(word ^ SKIP_ALL('\\'));

        if (found)
            return at + __builtin_ctzll(found) / 8;
    }
    while (at < end && (unsigned char)*at >= 0x20 && *at != '"' && *at != '\\')
        at++;
    return at;
}

/* The first byte of a string that cannot be copied as it is: a control character, a backslash, or part of a
 * character beyond ASCII. `end` where there is none. */
static inline const char *skip_ascii(const char *at, const char *end) {
    for (; end - at >= 8; at += 8) {
        const uint64_t word = skip_word(at), control = (word - SKIP_ALL(0x20)) & ~word & SKIP_ALL(0x80);
        const uint64_t found = control | skip_zeros(word ^ SKIP_ALL('\\')) | (word & SKIP_ALL(0x80));

        if (found)
            return at + __builtin_ctzll(found) / 8;
    }
    while (at < end && (unsigned char)*at >= 0x20 && (unsigned char)*at < 0x80 && *at != '\\')
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

#define SKIP_BLOCK 64 /* bytes, a bit each of a word */

/* Bits of the bytes of a block that are `c` with the bits `ignored` set, the first byte's lowest. */
#ifdef __SSE2__
static inline uint64_t skip_find(const char *at, char ignored, char c) {
    uint64_t found = 0;

    for (unsigned i = 0; i < SKIP_BLOCK; i += 16) {
        const __m128i bytes = _mm_or_si128(_mm_loadu_si128((const void *)(at + i)), _mm_set1_epi8(ignored));

        found |= (uint64_t)(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(c))) << i;
    }
    return found;
}
#else
static inline uint64_t skip_find(const char *at, char ignored, char c) {
    const uint64_t low = SKIP_ALL(0x7f);
    uint64_t found = 0;

    for (unsigned i = 0; i < SKIP_BLOCK; i += 8) {
        const uint64_t word =
            (skip_word(at + i) | SKIP_ALL((unsigned char)ignored)) ^ SKIP_ALL((unsigned char)c);
        const uint64_t zeros = ~(((word & low) + low) | word | low); /* bit 7 of each byte that is zero */

        found |= (zeros >> 7) * UINT64_C(0x0102040810204080) >> 56 << i;
    }
    return found;
}
#endif

/* How many bits are set: by pairs, fours and bytes, as not all processors have an instruction for it. */
static inline size_t skip_count(uint64_t bits) {
    bits -= (bits >> 1) & SKIP_ALL(0x55);
    bits = (bits & SKIP_ALL(0x33)) + ((bits >> 2) & SKIP_ALL(0x33));
    return ((bits + (bits >> 4)) & SKIP_ALL(0x0f)) * SKIP_ALL(0x01) >> 56;
}

/* Each bit becomes the parity of itself and those below it: between a quote and the next one it is set. */
static inline uint64_t skip_parity(uint64_t bits) {
    for (unsigned i = 1; i < 64; i *= 2)
        bits ^= bits << i;
    return bits;
}

/* Passes over whole blocks that have no backslash and in which the depth certainly stays above `least`;
 * `in_string` and `depth` follow. Returns where the first other block begins. */
static inline const char *skip_blocks(const char *at, const char *end, size_t least, bool *in_string,
                                      size_t *depth) {
    for (; end - at >= SKIP_BLOCK; at += SKIP_BLOCK) {
        const uint64_t strings = skip_parity(skip_find(at, 0, '"')) ^ (*in_string ? UINT64_MAX : 0);
        const size_t closed = skip_count(skip_find(at, '[' ^ '{', '}') & ~strings);

        if (*depth <= least + closed || skip_find(at, 0, '\\'))
            break;
        *depth += skip_count(skip_find(at, '[' ^ '{', '{') & ~strings) - closed;
        *in_string = strings >> 63;
    }
    return at;
}

#endif
