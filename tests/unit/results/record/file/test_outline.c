/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pieces of a few bytes are looked at byte by byte, a whole text in blocks: both have to find the same. */
#include "record/file/outline.h"

#include "unit/descriptors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <vmsuite/module.h>

#include <cmocka.h>

#define TEXT_SIZE 65536

/* The status, 0 or -EINVAL, of a text in pieces. */
static int outline(struct outline *outline, const char *text, size_t piece) {
    const size_t length = strlen(text);
    const char *sentence = NULL;
    int status = 0;

    *outline = (struct outline){0};
    for (size_t at = 0; status == 0 && at < length; at += piece)
        status = outline_scan(outline, text + at, at + piece < length ? piece : length - at, &sentence);
    return status == 0 ? outline_finish(outline, &sentence) : status;
}

static void assert_same_extent(struct extent a, struct extent b) {
    assert_int_equal(a.start, b.start);
    assert_int_equal(a.end, b.end);
}

static void assert_same(const char *text) {
    struct outline whole, pieces;

    for (size_t piece = 1; piece < 64; piece += 31) {
        assert_int_equal(outline(&whole, text, SIZE_MAX / 2), outline(&pieces, text, piece));
        assert_int_equal(whole.at, pieces.at);
        assert_int_equal(whole.n_members, pieces.n_members);
        for (size_t i = 0; i < whole.n_members; i++) {
            assert_same_extent(whole.members[i].key, pieces.members[i].key);
            assert_same_extent(whole.members[i].value, pieces.members[i].value);
        }
        assert_int_equal(whole.cases.n, pieces.cases.n);
        for (size_t i = 0; i < whole.cases.n; i++)
            assert_same_extent(whole.cases.extents[i], pieces.cases.extents[i]);
        outline_done(&whole);
        outline_done(&pieces);
    }
}

static unsigned draw(unsigned short *state, unsigned limit) {
    return (unsigned)nrand48(state) % limit;
}

/* A string with what means something outside of it. */
static char *put_string(char *at, unsigned short *state) {
    static const char *const pieces[] = {"a", "]", "}", "[", "{", ",", ":", "\\\"", "\\\\", "long and plain"};
    const unsigned n = draw(state, 12);

    at = stpcpy(at, "\"");
    for (unsigned i = 0; i < n; i++)
        at = stpcpy(at, pieces[draw(state, 10)]);
    return stpcpy(at, "\"");
}

static char *put_value(char *at, unsigned short *state, unsigned depth) {
    const unsigned kind = draw(state, depth > 0 ? 4 : 2), n = draw(state, 5);

    if (kind == 0)
        return at + sprintf(at, "%u", draw(state, 100000));
    if (kind == 1)
        return put_string(at, state);
    at = stpcpy(at, kind == 2 ? "[" : "{");
    for (unsigned i = 0; i < n; i++) {
        at = i > 0 ? stpcpy(at, ", ") : at;
        if (kind == 3)
            at = stpcpy(put_string(at, state), ": ");
        at = put_value(at, state, depth - 1);
    }
    return stpcpy(at, kind == 2 ? "]" : "}");
}

static void put_record(char *at, unsigned short *state) {
    at = stpcpy(at, "{\"first\": ");
    at = put_value(at, state, 3);
    at = stpcpy(at, ", \"cases\": [");
    for (unsigned i = 0; i < 5; i++) {
        at = i > 0 ? stpcpy(at, ",\n") : at;
        at = stpcpy(at, "{\"value\": ");
        at = stpcpy(put_value(at, state, 4), "}");
    }
    at = stpcpy(at, "], \"last\": ");
    (void)stpcpy(put_value(at, state, 3), "}");
}

static void outline__blocks_as_bytes(void **state) {
    static char text[TEXT_SIZE];
    unsigned short random[3] = {1, 2, 3};
    struct outline found;

    (void)state;
    for (unsigned i = 0; i < 300; i++) {
        size_t length;

        put_record(text, random);
        length = strlen(text);
        assert_true(length < TEXT_SIZE);
        assert_int_equal(outline(&found, text, SIZE_MAX / 2), 0);
        assert_int_equal(found.n_members, 2);
        assert_int_equal(found.cases.n, 5);
        for (size_t j = 0; j < 5; j++)
            assert_memory_equal(strchr(text + found.cases.extents[j].start, '{'), "{\"value\"", 8);
        outline_done(&found);
        assert_same(text);
        text[draw(random, (unsigned)length)] = "[]{}\"\\,"[draw(random, 7)]; /* broken, or not */
        assert_same(text);
        text[draw(random, (unsigned)length)] = '\0';
        assert_same(text);
    }
}

/* Between two commas, and behind the last, there is a case. */
static void outline__cases_have_content(void **state) {
    static const struct {
        const char *cases;
        bool is_valid;
        size_t n;
    } rows[] = {
        {"", true, 0},        {" ", true, 0},        {"{}", true, 1},      {" {} , {} ", true, 2},
        {",", false, 0},      {"{},", false, 0},     {"{}, ", false, 0},   {",{}", false, 0},
        {"{},,{}", false, 0}, {"{}, ,{}", false, 0}, {"{},{},", false, 0},
    };

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        struct outline found;
        char text[64];
        int status;

        (void)snprintf(text, sizeof(text), "{\"a\": 1, \"cases\": [%s], \"b\": 2}", rows[i].cases);
        status = outline(&found, text, SIZE_MAX / 2);
        if ((status == 0) != rows[i].is_valid || (status == 0 && found.cases.n != rows[i].n))
            fail_msg("%s: %d", text, status);
        outline_done(&found);
        assert_same(text);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outline__blocks_as_bytes),
        cmocka_unit_test(outline__cases_have_content),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
