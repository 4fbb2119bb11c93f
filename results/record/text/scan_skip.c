/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What no table knows is passed over, and is Jansson's to judge. */
#include "record/text/scan.h"

#include "record/text/skip.h"

#include <jansson.h>

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
        if (*at == '"' && !(at = skip_to_quote(at + 1, scan->end)))
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
