/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "record/text/scan.h"

#include "base/cleanup.h"

#include "unit/descriptors.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Rebuilds what the scanner sees as Jansson's tree. */
static json_t *rebuild(struct scan *scan) {
    json_t *json;
    struct number number;

    switch (scan_peek(scan)) {
    case '"':
        return json_string(scan_text(scan));
    case 't':
    case 'f':
        return json_boolean(scan_boolean(scan));
    case '[':
        json = json_array();
        for (scan_enter_array(scan); scan_element(scan);)
            json_array_append_new(json, rebuild(scan));
        return json;
    case '{': {
        const char *key;

        json = json_object();
        for (scan_enter_object(scan); (key = scan_any_member(scan));) {
            if (json_object_get(json, key))
                scan_fail_duplicate(scan, key);
            json_object_set_new(json, key, rebuild(scan));
        }
        return json;
    }
    default:
        if (scan_null(scan))
            return json_null();
        number = scan_any_number(scan);
        return number.is_whole ? json_integer(number.whole) : json_real(number.value);
    }
}

/* The texts of the test suites for JSON that matter: what is valid and what only looks like it. */
static const char *const texts[] = {
    "{}",
    "[]",
    "[[]]",
    "{\"a\":{}}",
    " [ 1 , 2 ] ",
    "[null,true,false]",
    "[\"\"]",
    "[\"a\\u0041\\n\\\"\\\\\\/\"]",
    "[\"\\uD83D\\uDE00\"]",
    "[\"\xF0\x9F\x98\x80\"]",
    "[\"\\u00e9\xC3\xA9\"]",
    "{\"a\":1,\"b\":[{\"c\":null}]}",
    "[-0,0,1.5e3,-1.25E-2]",
    "\"x\"",
    "7",
    "null",
    "[1,]",
    "[,1]",
    "[1 2]",
    "[",
    "]",
    "{",
    "}",
    "{\"a\"}",
    "{\"a\":}",
    "{\"a\":1,}",
    "{,}",
    "{\"a\":1,\"a\":2}",
    "{\"a\":{\"b\":1,\"b\":1}}",
    "{a:1}",
    "{'a':1}",
    "[1}",
    "{\"a\":1]",
    "nul",
    "nullx",
    "truefalse",
    "tru",
    "[+1]",
    "[01]",
    "[1.]",
    "[.5]",
    "[1e]",
    "[0x1]",
    "[NaN]",
    "[Infinity]",
    "[1e400]",
    "[\"\t\"]",
    "[\"\\x\"]",
    "[\"\\u12\"]",
    "[\"\\uD800\"]",
    "[\"\\uDC00\"]",
    "[\"\\uD800\\u0041\"]",
    "[\"\\u0000\"]",
    "[\"a",
    "[\"a\\",
    "[\"a\\\"",
    "[\"\xC3\"]",
    "[\"\xC0\x80\"]",
    "[\"\xED\xA0\x80\"]",
    "[\"\xF4\x90\x80\x80\"]",
    "[\"\xFF\"]",
    "[1] 2",
    "[1],",
    "",
    " ",
    "// x\n1",
    "[1]/**/",
    "\xEF\xBB\xBF[1]",
    "[\"\x01\"]",
    "-",
    "[-]",
    "[--1]",
    "{\"a\" 1}",
    "{\"a\":1 \"b\":2}",
    "{1:2}",
    "{null:2}",
    "[1,,2]",
    "\v[1]",
    "[\"\\uD83D\\uDE0\"]",
};

static void scan__takes_what_jansson_takes(void **state) {
    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(texts); i++) {
        json_auto_t *judge = json_loads(texts[i], JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL), *seen;
        struct arena arena = {0};
        struct scan scan;

        scan_init(&scan, texts[i], strlen(texts[i]), &arena);
        seen = rebuild(&scan);
        scan_end(&scan);
        if (scan.failed == (judge != NULL) || (judge && !json_equal(judge, seen)))
            fail_msg("%s: %s", texts[i], scan.failed ? scan.sentence : "was taken");
        scan_init(&scan, texts[i], strlen(texts[i]), &arena);
        scan_skip(&scan);
        scan_end(&scan);
        if (scan.failed == (judge != NULL))
            fail_msg("%s: skipped: %s", texts[i], scan.failed ? scan.sentence : "was taken");
        arena_done(&arena);
    }
}

/* What is no plain character is found wherever it stands among the bytes that are looked at together. */
static void scan_text__looks_at_every_byte(void **state) {
    static const struct {
        const char *json, *text; /* NULL: refused */
    } parts[] = {{"b", "b"},       {"\\n", "\n"},  {"\\u00e9", "\xC3\xA9"}, {"\xC3\xA9", "\xC3\xA9"},
                 {"\x7F", "\x7F"}, {"\x1F", NULL}, {"\x01", NULL},          {"\xFF", NULL},
                 {"\xC3", NULL},   {"\\q", NULL}};
    enum { LENGTH = 19 }; /* two words of eight bytes and some more */

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(parts); i++)
        for (int before = 0; before <= LENGTH; before++) {
            struct arena arena = {0};
            struct scan scan;
            char json[64], text[64];
            const char *read;

            (void)snprintf(json, sizeof(json), "\"%.*s%s%.*s\"", before, "aaaaaaaaaaaaaaaaaaa", parts[i].json,
                           LENGTH - before, "zzzzzzzzzzzzzzzzzzz");
            (void)snprintf(text, sizeof(text), "%.*s%s%.*s", before, "aaaaaaaaaaaaaaaaaaa",
                           parts[i].text ? parts[i].text : "", LENGTH - before, "zzzzzzzzzzzzzzzzzzz");
            scan_init(&scan, json, strlen(json), &arena);
            read = scan_text(&scan);
            assert_int_equal(scan.failed, parts[i].text == NULL);
            assert_string_equal(read, parts[i].text ? text : "");
            arena_done(&arena);
        }
}

static void scan__refuses_every_cut(void **state) {
    static const char whole[] = "{\"a\": [1, -2.5e3, \"x\\u0041\\n\", {\"b\": null}], \"c\": true}";

    (void)state;
    for (size_t length = 0; length < sizeof(whole); length++) {
        cleanup_free char *text = strndup(whole, length);
        struct arena arena = {0};
        struct scan scan;

        scan_init(&scan, text, length, &arena);
        json_decref(rebuild(&scan));
        scan_end(&scan);
        assert_int_equal(scan.failed, length < sizeof(whole) - 1);
        arena_done(&arena);
    }
}

static void scan__has_a_limit_of_depth(void **state) {
    char text[2 * SCAN_DEPTH_MAX + 8];

    (void)state;
    for (size_t depth = SCAN_DEPTH_MAX; depth <= SCAN_DEPTH_MAX + 1; depth++) {
        struct arena arena = {0};
        struct scan scan;

        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        text[2 * depth] = '\0';
        scan_init(&scan, text, 2 * depth, &arena);
        json_decref(rebuild(&scan));
        assert_int_equal(scan.failed, depth > SCAN_DEPTH_MAX);
        arena_done(&arena);
    }
}

/* Those beyond the table are held against each other. */
static void scan_member__bounds_the_others(void **state) {
    static const char *const keys[] = {"one"};

    (void)state;
    for (size_t n = SCAN_OTHERS_MAX; n <= SCAN_OTHERS_MAX + 1; n++) {
        struct scan_object object = SCAN_OBJECT(keys);
        char *text = malloc(n * 20), *at = text;
        struct arena arena = {0};
        struct scan scan;

        assert_non_null(text);
        for (size_t i = 0; i < n; i++)
            at += sprintf(at, "%c\"m%zu\":1", i ? ',' : '{', i);
        (void)strcpy(at, "}");
        scan_init(&scan, text, strlen(text), &arena);
        scan_enter_object(&scan);
        assert_int_equal(scan_member(&scan, &object), -1);
        assert_int_equal(scan.failed, n > SCAN_OTHERS_MAX);
        if (scan.failed)
            assert_string_equal(scan.sentence, "more than 1000 members are too many for an object here");
        arena_done(&arena);
        free(text);
    }
}

/* What fails, where, and what is said. */
static void scan_member__finds_its_members_in_any_order(void **state) {
    static const char *const keys[] = {"one", "two", "three"};
    static const struct {
        const char *text, *says; /* NULL: all three are there */
        size_t at;
    } cases[] = {
        {"{\"one\": 1, \"two\": 2, \"three\": 3}", NULL, 0},
        {"{\"three\": 3, \"new\": {\"x\": [1, \"]\"]}, \"one\": 1, \"t\\u0077o\": 2}", NULL, 0},
        {"{\"one\": 1, \"two\": 2}", "\"three\" is missing", 20},
        /* Keys that begin as others do, or go on behind them. */
        {"{\"thre\": 7, \"threee\": 7, \"one\": 1, \"two\": 2, \"three\": 3}", NULL, 0},
        {"{\"ones\": 7, \"o\": 7, \"\": 7, \"one\": 1, \"two\": 2, \"three\": 3}", NULL, 0},
        {"{\"one\": 1, \"one\": 2}", "\"one\" appears twice", 17},
        {"{\"new\": 1, \"new\": 2}", "\"new\" appears twice", 17},
        {"{\"new\": {\"a\": 1, \"a\": 2}}", "duplicate object key", 20},
        {"{\"two\": \"2\"}", "\"two\" must be a number", 8},
        {"{\"two\": 1.5}", "\"two\" must be a whole number from 0", 8},
        {"{\"two\": -1}", "\"two\" must be a whole number from 0", 8},
        {"{\"two\": 4294967296}", "\"two\" must be a whole number from 0", 8},
        {"[]", "an object is expected here", 0},
    };

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(cases); i++) {
        struct scan_object object = SCAN_OBJECT(keys);
        struct arena arena = {0};
        struct scan scan;
        int member;

        scan_init(&scan, cases[i].text, strlen(cases[i].text), &arena);
        scan_enter_object(&scan);
        while ((member = scan_member(&scan, &object)) >= 0)
            assert_true(scan_unsigned(&scan) == (unsigned)member + 1 || scan.failed || cases[i].says);
        scan_require(&scan, &object, 7);
        scan_end(&scan);
        assert_int_equal(scan.failed, cases[i].says != NULL);
        if (!cases[i].says) {
            arena_done(&arena);
            continue;
        }
        if (!strstr(scan.sentence, cases[i].says) || (size_t)(scan.failed_at - cases[i].text) != cases[i].at)
            fail_msg("%s: \"%s\" at %td", cases[i].text, scan.sentence, scan.failed_at - cases[i].text);
        arena_done(&arena);
    }
}

static void scan_whole__reads_what_value_whole_writes(void **state) {
    static const struct {
        const char *text;
        bool valid;
        uint64_t whole;
    } cases[] = {{"0", true, 0},
                 {"9007199254740992", true, 9007199254740992},
                 {"\"18446744073709551615\"", true, UINT64_MAX},
                 {"\"18446744073709551616\"", false, 0},
                 {"\"\"", false, 0},
                 {"\"1x\"", false, 0},
                 {"\"-1\"", false, 0},
                 {"-1", false, 0},
                 {"1.0", false, 0},
                 {"null", false, 0}};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(cases); i++) {
        struct arena arena = {0};
        struct scan scan;
        uint64_t whole;

        scan_init(&scan, cases[i].text, strlen(cases[i].text), &arena);
        whole = scan_whole(&scan);
        assert_int_equal(!scan.failed, cases[i].valid);
        if (cases[i].valid)
            assert_true(whole == cases[i].whole);
        arena_done(&arena);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scan__takes_what_jansson_takes),
        cmocka_unit_test(scan__refuses_every_cut),
        cmocka_unit_test(scan_text__looks_at_every_byte),
        cmocka_unit_test(scan__has_a_limit_of_depth),
        cmocka_unit_test(scan_member__bounds_the_others),
        cmocka_unit_test(scan_member__finds_its_members_in_any_order),
        cmocka_unit_test(scan_whole__reads_what_value_whole_writes),
    };
    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
