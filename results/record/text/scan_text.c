/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Texts, with what their escape sequences mean. */
#include "record/text/scan.h"

#include "base/utf8.h"
#include "record/text/skip.h"

#include <string.h>

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
        scan_refuse(scan, "a text");
        return "";
    }
    quote = skip_to_quote(scan->at + 1, scan->end);
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
