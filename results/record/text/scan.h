/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Strict JSON (RFC 8259), read from the front to the back without a tree: a caller walks through objects and
 * arrays and takes each value as what it has to be. A failure is noted once; from then on every function
 * returns at once with a harmless value and the loops end, so that only the end needs to be checked. */
#ifndef VMSUITE_RESULTS_RECORD_TEXT_SCAN_H
#define VMSUITE_RESULTS_RECORD_TEXT_SCAN_H

#include "base/number.h"
#include "record/arena.h"

#include <stdbool.h>
#include <vmsuite/module.h>

#define SCAN_DEPTH_MAX 64
#define SCAN_SENTENCE_SIZE 200

struct scan {
    const char *start, *end; /* the text; a NUL must be readable at `end` */
    const char *at;
    struct arena *arena; /* of the texts; borrowed */
    const char *key;     /* of the last member, for sentences; borrowed from its table */
    unsigned depth;
    bool first; /* nothing of the object or array that was entered last has been taken */
    bool failed, no_memory;
    const char *failed_at;
    char sentence[SCAN_SENTENCE_SIZE];
};

/* What an object may have beyond what its table names: each is held against all the others. */
#define SCAN_OTHERS_MAX 1000

/* Members that an object may have; the others are checked and passed over. Zeroed but for the table. */
struct scan_object {
    const char *const *keys;
    size_t n_keys;       /* at most 64 */
    size_t expected;     /* the key that is tried first */
    uint64_t seen;       /* bits of those that were there */
    const char **others; /* in the arena: keys beyond the table */
    size_t n_others;
};
#define SCAN_OBJECT(table) ((struct scan_object){.keys = (table), .n_keys = VMS_LENGTH(table)})

/* Begins to read `length` bytes at `text`. */
void scan_init(struct scan *scan, const char *text, size_t length, struct arena *arena);
/* Nothing but space may follow. */
void scan_end(struct scan *scan);

static inline bool scan_is_space(char c) {
    return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

/* Passes over space, up to the NUL behind the text at the latest, and returns the next byte. That of a scalar
 * is '"', 't', 'f', 'n', '-' or a digit; '{' and '[' begin the others. */
static inline char scan_peek(struct scan *scan) {
    while (scan_is_space(*scan->at))
        scan->at++;
    return *scan->at;
}

/* Whether the value is null, which is taken then. */
bool scan_null(struct scan *scan);

/* Enters an object; then scan_member goes to the value of its next member that is in the table, and returns
 * the key's index, or -1 behind the last. */
void scan_enter_object(struct scan *scan);
int scan_member(struct scan *scan, struct scan_object *object);
/* The same for an object of any members: the key, in the arena; NULL behind the last. The keys of before are
 * for the caller to compare with (scan_fail_duplicate). */
const char *scan_any_member(struct scan *scan);
void scan_fail_duplicate(struct scan *scan, const char *key);
/* Fails for more than SCAN_OTHERS_MAX. */
void scan_fail_many(struct scan *scan);
/* Fails where a member of the table is missing that `needed` has a bit for. */
void scan_require(struct scan *scan, const struct scan_object *object, uint64_t needed);

/* Enters an array; then scan_element goes to its next value, and returns false behind the last. */
void scan_enter_array(struct scan *scan);
bool scan_element(struct scan *scan);

/* The value, which must be of that kind. Texts lie in the arena, "" after a failure. */
const char *scan_text(struct scan *scan);
const char *scan_text_or_null(struct scan *scan); /* NULL for null */
/* Whether the value is this text, written without escape sequences; it is taken then. */
bool scan_is_text(struct scan *scan, const char *text);
double scan_number(struct scan *scan);
double scan_number_or_null(struct scan *scan); /* NaN for null */
unsigned scan_unsigned(struct scan *scan);
/* A whole number from 0, as text where it is beyond 2^53. */
uint64_t scan_whole(struct scan *scan);
bool scan_boolean(struct scan *scan);
struct number scan_any_number(struct scan *scan);

/* Checks a value and passes over it. */
void scan_skip(struct scan *scan);
/* Passes over a value of which only the outline is looked at: for what is read another time. */
void scan_pass(struct scan *scan);

/* Notes a failure at the current place, unless there is one already. */
void scan_fail(struct scan *scan, const char *format, ...) __attribute__((format(printf, 2, 3)));
void scan_fail_memory(struct scan *scan);
/* Refuses what stands here instead of `wanted`. */
void scan_refuse(struct scan *scan, const char *wanted);

#endif
