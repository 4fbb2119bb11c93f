/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record/text/scan.h"

#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void scan_init(struct scan *scan, const char *text, size_t length, struct arena *arena) {
    *scan = (struct scan){.start = text, .end = text + length, .at = text, .arena = arena};
}

void scan_fail(struct scan *scan, const char *format, ...) {
    va_list arguments;

    if (scan->failed)
        return;
    scan->failed = true;
    scan->failed_at = scan->at;
    va_start(arguments, format);
    (void)vsnprintf(scan->sentence, sizeof(scan->sentence), format, arguments);
    va_end(arguments);
}

void scan_fail_memory(struct scan *scan) {
    scan_fail(scan, ERROR_MEMORY);
    scan->no_memory = true;
}

void scan_end(struct scan *scan) {
    while (scan->at < scan->end && scan_is_space(*scan->at))
        scan->at++;
    if (scan->at != scan->end)
        scan_fail(scan, "something follows the JSON value, or its brackets do not match");
}

void scan_refuse(struct scan *scan, const char *wanted) {
    if (scan->at >= scan->end)
        scan_fail(scan, "the text ends too early");
    else if (scan->key)
        scan_fail(scan, "\"%s\" must be %s", scan->key, wanted);
    else
        scan_fail(scan, "%s is expected here", wanted);
}

/* Objects and arrays. */

static void enter(struct scan *scan, char bracket, const char *wanted) {
    if (scan->failed)
        return;
    if (scan_peek(scan) != bracket)
        scan_refuse(scan, wanted);
    else if (scan->depth == SCAN_DEPTH_MAX)
        scan_fail(scan, "nested deeper than %d levels", SCAN_DEPTH_MAX);
    if (scan->failed)
        return;
    scan->at++;
    scan->depth++;
    scan->first = true;
}

/* Goes to the next member or element; false behind the last. */
static inline bool advance(struct scan *scan, char bracket) {
    if (scan->failed)
        return false;
    if (scan_peek(scan) == bracket) {
        scan->at++;
        scan->depth--;
        scan->first = false;
        scan->key = NULL;
        return false;
    }
    if (!scan->first) {
        if (*scan->at != ',') {
            scan->key = NULL;
            scan_refuse(scan, bracket == '}' ? "\",\" or \"}\"" : "\",\" or \"]\"");
            return false;
        }
        scan->at++;
        (void)scan_peek(scan);
    }
    scan->first = false;
    return true;
}

void scan_enter_object(struct scan *scan) {
    enter(scan, '{', "an object");
}

void scan_enter_array(struct scan *scan) {
    enter(scan, '[', "an array");
}

bool scan_element(struct scan *scan) {
    return advance(scan, ']');
}

static void take_colon(struct scan *scan) {
    if (scan_peek(scan) != ':')
        scan_fail(scan, "\":\" is missing behind a key");
    else
        scan->at++;
}

/* The key that begins here, in the arena; NULL after a failure. */
static const char *take_key(struct scan *scan) {
    const char *key;

    scan->key = NULL;
    if (*scan->at != '"') {
        scan_refuse(scan, "a key in quotes");
        return NULL;
    }
    key = scan_text(scan);
    take_colon(scan);
    scan->key = key;
    return scan->failed ? NULL : key;
}

const char *scan_any_member(struct scan *scan) {
    return advance(scan, '}') ? take_key(scan) : NULL;
}

/* Whether the key stands here in its plain form; it is taken then. */
static bool take_plain_key(struct scan *scan, const char *key) {
    const char *at = scan->at;

    if (*at++ != '"')
        return false;
    while (*key && *at == *key)
        at++, key++; /* the text ends in a NUL at the latest */
    if (*key || *at != '"')
        return false;
    scan->at = at + 1;
    take_colon(scan);
    return true;
}

/* Takes the key that is expected or one behind it, as they have an order and some may be left out. Returns
 * its index, n_keys for any other. */
static size_t take_expected(struct scan *scan, const struct scan_object *object) {
    size_t index = object->expected;

    while (index < object->n_keys && !take_plain_key(scan, object->keys[index]))
        index++;
    return index;
}

static size_t find_key(const struct scan_object *object, const char *key) {
    size_t index = 0;

    while (index < object->n_keys && strcmp(object->keys[index], key) != 0)
        index++;
    return index;
}

void scan_fail_duplicate(struct scan *scan, const char *key) {
    scan_fail(scan, "\"%s\" appears twice", key);
}

void scan_fail_many(struct scan *scan) {
    scan_fail(scan, "more than %d members are too many for an object here", SCAN_OTHERS_MAX);
}

/* A member that the table does not have. */
static void pass_over(struct scan *scan, struct scan_object *object, const char *key) {
    if (object->n_others == SCAN_OTHERS_MAX)
        scan_fail_many(scan);
    for (size_t i = 0; i < object->n_others; i++)
        if (strcmp(object->others[i], key) == 0)
            scan_fail_duplicate(scan, key);
    object->others = arena_grow(scan->arena, object->others, object->n_others, sizeof(*object->others));
    if (object->others)
        object->others[object->n_others++] = key;
    else
        scan_fail_memory(scan);
    scan_skip(scan);
}

int scan_member(struct scan *scan, struct scan_object *object) {
    while (advance(scan, '}')) {
        size_t index = take_expected(scan, object);

        if (index == object->n_keys) {
            const char *key = take_key(scan);

            if (!key)
                return -1;
            index = find_key(object, key);
            if (index == object->n_keys) {
                pass_over(scan, object, key);
                continue;
            }
        }
        if (object->seen & UINT64_C(1) << index)
            scan_fail_duplicate(scan, object->keys[index]);
        object->seen |= UINT64_C(1) << index;
        object->expected = index + 1;
        scan->key = object->keys[index];
        return scan->failed ? -1 : (int)index;
    }
    return -1;
}

void scan_require(struct scan *scan, const struct scan_object *object, uint64_t needed) {
    uint64_t missing = needed & ~object->seen;

    if (missing && !scan->failed)
        scan_fail(scan, "\"%s\" is missing", object->keys[__builtin_ctzll(missing)]);
}
