/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "json/json_fault.h"

#include "unit/descriptors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <vmsuite/module.h>

#include <cmocka.h>

/* What Jansson refuses, as it is explained: line and sentence. */
static const struct {
    const char *text;
    int line;
    const char *sentence;
} cases[] = {
    {"", 1, "the file is empty"},
    {" \n\n", 1, "the file is empty"},
    {"{\n\"a\": 1,\n}", 2, "trailing comma; remove the comma before '}'"},
    {"{\"a\": [1,\n 2,\n\n]}", 2, "trailing comma; remove the comma before ']'"},
    {"{\"a\": 1,\n ]", 2, "']' does not close the '{' of line 1"},
    {"[{\"a\": [1}]", 1, "'}' does not close the '[' of line 1"},
    {"{\"a\": [1,,2]}", 1, "two commas; remove one"},
    {"{\n// why\n\"a\": 1}", 2, "comments are not JSON; remove the comment"},
    {"{\"a\": 1, /* why */\n\"b\": 2}", 1, "comments are not JSON; remove the comment"},
    {"# why\n{}", 1, "comments are not JSON; remove the comment"},
    {"{\"a\": 1,\n # why\n\"b\": 2}", 2, "comments are not JSON; remove the comment"},
    {"{\"a\": 'x'}", 1, "strings need double quotes (\"), not single ones"},
    {"{\n'a': 1}", 2, "strings need double quotes (\"), not single ones"},
    {"{\"a\": \xe2\x80\x9cx\xe2\x80\x9d}", 1,
     "strings need straight double quotes (\"), not typographic ones"},
    {"{\"a\": True}", 1, "JSON writes true, not True"},
    {"{\"a\": None}", 1, "JSON writes null, not None"},
    {"{\"a\":True,\"b\":1}", 1, "JSON writes true, not True"},
    {"{\"a\":.5}", 1, "a number begins with a digit: 0.5, not .5"},
    {"{\"a\":[1,nil]}", 1, "JSON writes null, not nil"},
    {"{a: 1}", 1, "a key needs double quotes: \"a\""},
    {"{\"a\": 1,\nb: 2}", 2, "a key needs double quotes: \"b\""},
    {"{\"a\": quick}", 1, "text needs double quotes: \"quick\""},
    {"{\"a\": 1\n\"b\": 2}", 2, "a comma is missing before \"b\""},
    {"{\"a\": [\"x\" \"y\"]}", 1, "a comma is missing before \"y\""},
    {"{\"a\" \"b\"}", 1, "a ':' is missing after \"a\""},
    {"{\"a\": 1, \"b\" 2}", 1, "a ':' is missing after \"b\""},
    {"{\"a\"}", 1, "a ':' is missing after \"a\""},
    {"{\"a\": 1,\n\"b\", \"c\": 1}", 2, "a ':' is missing after \"b\""},
    {"[[1, 2], \"x\" \"y\"]", 1, "a comma is missing before \"y\""},
    {"{\"a\" = 1}", 1, "a key is followed by ':', not by '='"},
    {"{\n\"a\": {\"b\": 1\n", 3, "the file ends too early: the '{' of line 2 is never closed"},
    {"[1, 2", 1, "the file ends too early: the '[' of line 1 is never closed"},
    {"{\"a\": \"x\n}", 1, "a string is not closed on its line: a '\"' is missing"},
    {"{\"a\": .5}", 1, "a number begins with a digit: 0.5, not .5"},
    {"{\"a\": -.5}", 1, "a number begins with a digit: 0.5, not .5"},
    {"{\"a\": +1}", 1, "a number has no '+' in front"},
    {"{\"a\": 010}", 1, "a number has no zero in front"},
    {"{\"a\": 0x10}", 1, "numbers are decimal in JSON"},
    {"{\"a\": NaN}", 1, "JSON has no NaN and no Infinity"},
    {"{\"a\": -Infinity}", 1, "JSON has no NaN and no Infinity"},
    {"{\"a\": \"b\"; \"c\": 1}", 1, "members are separated by ',', not by ';'"},
    {"a: b\n", 1, "a document begins with '{'"},
    {"<xml/>", 1, "a document begins with '{'"},
    {"run,case\n1,2\n", 1, "a document begins with '{'"},
    {"{\"a\": \"\\u0000\"}", 1, "no text may hold the character \\u0000"},
    {"{\"a\":\n\"C:\\dir\"}", 2,
     "a backslash in a string is written twice (\\\\); alone it only stands before one of \"\\/bfnrtu"},
    {"{\"a\": \"\xe9\"}", 1, "the file is not in UTF-8; save it as UTF-8"},
    {"{\"a\": \"\t\"}", 1, "a string holds a control character; write it as an escape (\\t, \\u001b)"},
    {"{}\n{}", 2, "more text follows the end of the document"},
};

static void fault__cases(void **state) {
    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(cases); i++) {
        json_error_t error;
        struct json_fault fault;

        assert_null(json_loadb(cases[i].text, strlen(cases[i].text), JSON_DECODE_ANY, &error));
        fault = json_fault_find(cases[i].text, strlen(cases[i].text), &error);
        assert_string_equal(fault.sentence, cases[i].sentence);
        assert_int_equal(fault.line, cases[i].line);
    }
}

/* Each value as other languages write it. */
static void fault__words_of_other_languages(void **state) {
    static const char *const words[][8] = {{"true", "True", "TRUE", "yes", "on"},
                                           {"false", "False", "FALSE", "no", "off"},
                                           {"null", "None", "nil", "NULL", "Null", "undefined"}};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(words); i++)
        for (const char *const *word = &words[i][1]; *word; word++) {
            char text[64], sentence[64];
            json_error_t error;

            (void)snprintf(text, sizeof(text), "[%s]", *word);
            (void)snprintf(sentence, sizeof(sentence), "JSON writes %s, not %s", words[i][0], *word);
            assert_null(json_loads(text, 0, &error));
            assert_string_equal(json_fault_find(text, strlen(text), &error).sentence, sentence);
        }
}

/* Any beginning of a text, and any text with one byte replaced, gets some sentence, and nothing is read
 * beyond. */
static void fault__any_text(void **state) {
    static const char whole[] = "{\"a\": [1, true, null, \"x\\\"y\\u00e9\"],\n \"b\": {\"c\": -1.5e3}}";
    static const char replacements[] = "{}[]:,\"'/#\\x\n\x80";

    (void)state;
    for (size_t at = 0; at < strlen(whole); at++)
        for (size_t r = 0; r < sizeof(replacements); r++) {
            char text[sizeof(whole)];
            size_t length = r == 0 ? at : strlen(whole);
            json_error_t error;
            json_t *json;

            memcpy(text, whole, sizeof(whole));
            text[at] = r == 0 ? '\0' : replacements[r - 1];
            text[length] = '\0';
            json = json_loadb(text, length, JSON_DECODE_ANY, &error);
            if (!json)
                assert_true(*json_fault_find(text, length, &error).sentence);
            json_decref(json);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fault__cases),
        cmocka_unit_test(fault__words_of_other_languages),
        cmocka_unit_test(fault__any_text),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
