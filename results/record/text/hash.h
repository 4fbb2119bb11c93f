/* SPDX-License-Identifier: GPL-3.0-or-later */
/* FNV-1a, 64 bits: says which rows are worth a look, and nothing of who made them. */
#ifndef VMSUITE_RESULTS_RECORD_TEXT_HASH_H
#define VMSUITE_RESULTS_RECORD_TEXT_HASH_H

#include <stdint.h>

#define HASH_START UINT64_C(0xcbf29ce484222325)

static inline uint64_t hash_text(uint64_t hash, const char *text) {
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
    return hash;
}

static inline uint64_t hash_number(uint64_t hash, uint64_t number) {
    for (unsigned shift = 0; shift < 64; shift += 8)
        hash = (hash ^ (number >> shift & 0xff)) * UINT64_C(0x100000001b3);
    return hash;
}

#endif
