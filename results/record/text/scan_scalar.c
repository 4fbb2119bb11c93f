/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Numbers, truth values and null. */
#include "record/text/scan.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

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
        scan_refuse(scan, "a number");
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
        scan_refuse(scan, "a whole number from 0");
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
            scan_refuse(scan, "a whole number from 0");
        }
        return (uint64_t)number.whole;
    }
    text = scan_text(scan);
    errno = 0;
    whole = strtoull(text, &end, 10);
    if (!scan->failed && (errno != 0 || *end != '\0' || *text < '0' || *text > '9')) {
        scan->at = at;
        scan_refuse(scan, "a whole number from 0");
    }
    return whole;
}

bool scan_boolean(struct scan *scan) {
    if (scan->failed || take_word(scan, "false", 5))
        return false;
    if (!take_word(scan, "true", 4))
        scan_refuse(scan, "true or false");
    return true;
}
