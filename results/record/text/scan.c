/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record/text/scan.h"

#include "base/error.h"
#include "base/utf8.h"
#include "record/text/skip.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
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

/* Refuses what stands here instead of `wanted`. */
static void refuse(struct scan *scan, const char *wanted) {
    if (scan->at >= scan->end)
        scan_fail(scan, "the text ends too early");
    else if (scan->key)
        scan_fail(scan, "\"%s\" must be %s", scan->key, wanted);
    else
        scan_fail(scan, "%s is expected here", wanted);
}

static bool take_word(struct scan *scan, const char *word, size_t length) {
    (void)scan_peek(scan);
    if ((size_t)(scan->end - scan->at) < length || memcmp(scan->at, word, length) != 0)
        return false;
    scan->at += length;
    return true;
}

bool scan_null(struct scan *scan) {
    return !scan->failed && scan_peek(scan) == 'n' && take_word(scan, "null", 4);
}

/* Objects and arrays. */

static void enter(struct scan *scan, char bracket, const char *wanted) {
    if (scan->failed)
        return;
    if (scan_peek(scan) != bracket)
        refuse(scan, wanted);
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
            refuse(scan, bracket == '}' ? "\",\" or \"}\"" : "\",\" or \"]\"");
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
        refuse(scan, "a key in quotes");
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

/* A member that the table does not have. */
static void pass_over(struct scan *scan, struct scan_object *object, const char *key) {
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

/* Texts. */

static int hex_value(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 'a' ^ 'A';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The four hexadecimal digits at `at`; -1 where they are none. */
static int32_t read_code(const char *at) {
    int32_t code = 0;

    for (int i = 0; i < 4; i++) {
        int digit = hex_value(at[i]);

        if (digit < 0)
            return -1;
        code = 16 * code + digit;
    }
    return code;
}

/* Takes "\uXXXX", which is the first half of a pair perhaps; appends it as UTF-8. */
static char *take_code(struct scan *scan, char *target) {
    int32_t code = read_code(scan->at + 2), low;

    scan->at += 6;
    if (code >= 0xD800 && code < 0xDC00 && scan->at[0] == '\\' && scan->at[1] == 'u') {
        low = read_code(scan->at + 2);
        code = low >= 0xDC00 && low < 0xE000 ? 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00) : -1;
        scan->at += 6;
    }
    if (code <= 0 || (code >= 0xD800 && code < 0xE000)) {
        scan->at -= 6;
        scan_fail(scan, code == 0 ? "a text holds a NUL" : "a text holds a broken \\u sequence");
        return target;
    }
    return utf8_write((uint32_t)code, target);
}

static char *take_escape(struct scan *scan, char *target) {
    static const char names[] = "\"\\/bfnrt", means[] = "\"\\/\b\f\n\r\t";
    const char *name = scan->at[1] ? strchr(names, scan->at[1]) : NULL;

    if (scan->at[1] == 'u')
        return take_code(scan, target);
    if (!name) {
        scan_fail(scan, "a text holds an unknown escape sequence");
        return target;
    }
    *target++ = means[name - names];
    scan->at += 2;
    return target;
}

/* The place of the quote that ends the text which begins at `at`, or NULL. */
static const char *find_quote(const char *at, const char *end) {
    for (at = skip_plain(at, end); at < end && *at == '\\'; at = skip_plain(at, end))
        at += at + 1 < end ? 2 : 1;
    return at < end ? at : NULL;
}

/* Copies the text up to `quote`; what is not allowed in it fails. */
static char *copy_text(struct scan *scan, const char *quote, char *target) {
    for (;;) {
        const char *plain = skip_ascii(scan->at, quote);
        uint32_t character;
        size_t length;

        target = mempcpy(target, scan->at, (size_t)(plain - scan->at));
        scan->at = plain;
        if (plain >= quote || scan->failed)
            return target;
        if (*plain == '\\') {
            target = take_escape(scan, target);
        } else if ((unsigned char)*plain < 0x20) {
            scan_fail(scan, "a text holds a control character");
        } else if ((length = utf8_read(plain, &character)) == 0) {
            scan_fail(scan, "a text is not valid UTF-8");
        } else {
            target = mempcpy(target, plain, length);
            scan->at += length;
        }
    }
}

const char *scan_text(struct scan *scan) {
    const char *quote;
    char *text;

    if (scan->failed)
        return "";
    if (scan_peek(scan) != '"') {
        refuse(scan, "a text");
        return "";
    }
    quote = find_quote(scan->at + 1, scan->end);
    if (!quote) {
        scan_fail(scan, "a text does not end");
        return "";
    }
    text = arena_new(scan->arena,
                     (size_t)(quote - scan->at)); /* escape sequences are longer than what they mean */
    if (!text) {
        scan_fail_memory(scan);
        return "";
    }
    scan->at++;
    *copy_text(scan, quote, text) = '\0';
    if (scan->failed)
        return "";
    scan->at = quote + 1;
    return text;
}

bool scan_is_text(struct scan *scan, const char *text) {
    const char *at;

    if (scan->failed || scan_peek(scan) != '"')
        return false;
    for (at = scan->at + 1; *text && *at == *text; text++)
        at++;
    if (*text || *at != '"')
        return false;
    scan->at = at + 1;
    return true;
}

const char *scan_text_or_null(struct scan *scan) {
    return scan_null(scan) ? NULL : scan_text(scan);
}

/* Numbers. */

struct number scan_any_number(struct scan *scan) {
    struct number number = {0};
    const char *behind;

    if (scan->failed)
        return number;
    (void)scan_peek(scan);
    behind = number_read(scan->at, &number);
    if (behind)
        scan->at = behind;
    else
        refuse(scan, "a number");
    return number;
}

double scan_number(struct scan *scan) {
    return scan_any_number(scan).value;
}

double scan_number_or_null(struct scan *scan) {
    return scan_null(scan) ? (double)NAN : scan_number(scan);
}

unsigned scan_unsigned(struct scan *scan) {
    const char *at = (scan_peek(scan), scan->at);
    struct number number = scan_any_number(scan);

    if (!scan->failed && (!number.is_whole || number.whole < 0 || number.whole > UINT32_MAX)) {
        scan->at = at;
        refuse(scan, "a whole number from 0");
    }
    return (unsigned)number.whole;
}

uint64_t scan_whole(struct scan *scan) {
    const char *at = (scan_peek(scan), scan->at), *text;
    struct number number = {0};
    char *end = NULL;
    uint64_t whole;

    if (*at != '"') {
        number = scan_any_number(scan);
        if (!scan->failed && (!number.is_whole || number.whole < 0)) {
            scan->at = at;
            refuse(scan, "a whole number from 0");
        }
        return (uint64_t)number.whole;
    }
    text = scan_text(scan);
    errno = 0;
    whole = strtoull(text, &end, 10);
    if (!scan->failed && (errno != 0 || *end != '\0' || *text < '0' || *text > '9')) {
        scan->at = at;
        refuse(scan, "a whole number from 0");
    }
    return whole;
}

bool scan_boolean(struct scan *scan) {
    if (scan->failed || take_word(scan, "false", 5))
        return false;
    if (!take_word(scan, "true", 4))
        refuse(scan, "true or false");
    return true;
}

/* What no table knows is Jansson's to judge. */

static bool is_behind_value(char c) {
    return c == ',' || c == '}' || c == ']' || c == '\0' || scan_is_space(c);
}

/* The end of the outline of the value that begins here; it need not be valid. */
static const char *find_value_end(const struct scan *scan) {
    const char *at = scan->at;
    size_t depth = 0;

    while (at < scan->end) {
        if (depth == 0 && at > scan->at && is_behind_value(*at))
            return at;
        if (depth > 0 && (at = skip_to_structure(at, scan->end)) == scan->end)
            break;
        if (*at == '"' && !(at = find_quote(at + 1, scan->end)))
            return scan->end;
        depth += *at == '{' || *at == '[';
        if (*at == '}' || *at == ']') {
            if (depth <= 1)
                return at + (depth == 1);
            depth--;
        }
        at++;
    }
    return at;
}

void scan_pass(struct scan *scan) {
    if (scan->failed)
        return;
    (void)scan_peek(scan);
    scan->at = find_value_end(scan);
}

void scan_skip(struct scan *scan) {
    json_error_t cause;
    json_auto_t *value = NULL;
    const char *end;

    if (scan->failed)
        return;
    (void)scan_peek(scan);
    end = find_value_end(scan);
    /* Only whether it is valid matters; whole numbers have no largest one here, as in scan_any_number. */
    value = json_loadb(scan->at, (size_t)(end - scan->at),
                       JSON_DECODE_ANY | JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL, &cause);
    if (!value) {
        scan->at += cause.position < end - scan->at ? cause.position : end - scan->at;
        scan_fail(scan, "%s", cause.text);
        return;
    }
    scan->at = end;
}
