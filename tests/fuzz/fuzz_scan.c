/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libFuzzer target: the scanner that reads records takes the JSON that Jansson takes, sees the same in it,
 * and refuses the rest, whether it reads the text, passes over it or looks only at its outline. Whole numbers
 * beyond 64 bits are taken as real ones. */
#include "input.h"
#include "record/text/scan.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void hold(bool truth, const char *what, const struct scan *scan) {
    if (truth)
        return;
    fprintf(stderr, "%s: %s\n", what, scan->failed ? scan->sentence : "was taken");
    abort();
}

static json_t *rebuild(struct scan *scan);

static json_t *rebuild_object(struct scan *scan) {
    json_t *json = json_object();
    const char *key;

    for (scan_enter_object(scan); (key = scan_any_member(scan));) {
        if (json_object_get(json, key))
            scan_fail_duplicate(scan, key);
        json_object_set_new(json, key, rebuild(scan));
    }
    return json;
}

static json_t *rebuild_array(struct scan *scan) {
    json_t *json = json_array();

    for (scan_enter_array(scan); scan_element(scan);)
        json_array_append_new(json, rebuild(scan));
    return json;
}

static json_t *rebuild(struct scan *scan) {
    switch (scan_peek(scan)) {
    case '"':
        return json_string(scan_text(scan));
    case 't':
    case 'f':
        return json_boolean(scan_boolean(scan));
    case '[':
        return rebuild_array(scan);
    case '{':
        return rebuild_object(scan);
    default:
        if (scan_null(scan))
            return json_null();
        return json_real(scan_any_number(scan).value);
    }
}

static unsigned depth_of(const json_t *json) {
    unsigned deepest = 0;
    const char *key;
    json_t *value;
    size_t i;

    if (json_is_array(json))
        json_array_foreach (json, i, value) {
            unsigned depth = depth_of(value);

            deepest = depth > deepest ? depth : deepest;
        }
    else if (json_is_object(json))
        json_object_foreach ((json_t *)json, key, value) {
            unsigned depth = depth_of(value);

            deepest = depth > deepest ? depth : deepest;
        }
    else
        return 0;
    return deepest + 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = malloc(size + 1);
    json_t *judge, *seen;
    struct arena arena = {0};
    struct scan scan;

    if (!text)
        return 0;
    memcpy(text, data, size);
    text[size] = '\0';
    /* Jansson 2.14 passes over a NUL behind a number. */
    if (memchr(text, 0, size)) {
        free(text);
        return 0;
    }
    judge = json_loadb(text, size, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL, NULL);
    scan_init(&scan, text, size, &arena);
    seen = rebuild(&scan);
    scan_end(&scan);
    if (judge && depth_of(judge) > SCAN_DEPTH_MAX)
        hold(scan.failed, "too deep", &scan);
    else
        hold(scan.failed == !judge && (!judge || json_equal(judge, seen)), "read", &scan);
    if (!judge || depth_of(judge) <= SCAN_DEPTH_MAX) {
        scan_init(&scan, text, size, &arena);
        scan_skip(&scan);
        scan_end(&scan);
        hold(scan.failed == !judge, "skipped", &scan);
        /* Only what is valid must be passed over to its end; the rest need only do no harm. */
        scan_init(&scan, text, size, &arena);
        scan_pass(&scan);
        scan_end(&scan);
        hold(!judge || !scan.failed, "passed over", &scan);
    }
    json_decref(judge);
    json_decref(seen);
    arena_done(&arena);
    free(text);
    return 0;
}
