/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each kind of member, right and wrong in each way, and what is said of it. */
#include "json/members.h"

#include "unit/descriptors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const char *const colours[] = {"red", "green", NULL};
static const char *const automatic[] = {"auto", NULL};
static const struct member inner_rows[] = {{.name = "deep", .kind = MEMBER_FLAG, .sentence = "x"}};
static const struct member_table inner = {"inner", inner_rows, VMS_LENGTH(inner_rows)};
static const struct member rows[] = {
    {.name = "text",
     .kind = MEMBER_TEXT,
     .check = members_not_empty,
     .required = true,
     .sentence = "what it is"},
    {.name = "plain", .kind = MEMBER_TEXT, .sentence = "x"},
    {.name = "whole", .kind = MEMBER_WHOLE, .min = 2, .max = 9, .sentence = "x"},
    {.name = "or_word", .kind = MEMBER_WHOLE, .min = 0, .max = 9, .words = automatic, .sentence = "x"},
    {.name = "choice", .kind = MEMBER_CHOICE, .words = colours, .sentence = "x"},
    {.name = "time", .kind = MEMBER_TIME, .sentence = "x"},
    {.name = "flag", .kind = MEMBER_FLAG, .sentence = "x"},
    {.name = "object", .kind = MEMBER_OBJECT, .members = &inner, .sentence = "x"},
    {.name = "list", .kind = MEMBER_LIST, .min = 1, .members = &inner, .sentence = "x"},
    {.name = "mixed", .kind = MEMBER_MIXED, .sentence = "x"},
};
static const struct member_table table = {"outer", rows, VMS_LENGTH(rows)};

/* The member beside the one that must be there, and the problem that there is; NULL: none. */
static const struct {
    const char *member, *problem;
} cases[] = {
    {"\"plain\": \"\"", NULL},
    {"\"plain\": 7", "f:1: $.plain: must be a string, not a whole number"},
    {"\"plian\": \"x\"", "f:1: $.plian: unknown key \"plian\"; did you mean \"plain\"?"},
    {"\"whole\": 2", NULL},
    {"\"whole\": 9", NULL},
    {"\"whole\": 1", "f:1: $.whole: must be from 2 to 9, not 1"},
    {"\"whole\": 10", "f:1: $.whole: must be from 2 to 9, not 10"},
    {"\"whole\": 2.5", "f:1: $.whole: must be a whole number, not a number"},
    {"\"whole\": \"auto\"", "f:1: $.whole: must be a whole number, not a string"},
    {"\"or_word\": \"auto\"", NULL},
    {"\"or_word\": 0", NULL},
    {"\"or_word\": \"autos\"", "f:1: $.or_word: must be a whole number or \"auto\", not a string"},
    {"\"choice\": \"red\"", NULL},
    {"\"choice\": \"green\"", NULL},
    {"\"choice\": \"grene\"", "f:1: $.choice: must be red or green, not \"grene\"; did you mean \"green\"?"},
    {"\"choice\": true", "f:1: $.choice: must be a string, not true or false"},
    {"\"time\": 0.5", NULL},
    {"\"time\": \"90s\"", NULL},
    {"\"time\": 0", "f:1: $.time: must be seconds above 0, such as 90 or \"90s\""},
    {"\"time\": \"0s\"", "f:1: $.time: must be seconds above 0, such as 90 or \"90s\""},
    {"\"time\": -1", "f:1: $.time: must be seconds above 0, such as 90 or \"90s\""},
    {"\"time\": true", "f:1: $.time: must be seconds above 0, such as 90 or \"90s\""},
    {"\"flag\": false", NULL},
    {"\"flag\": 1", "f:1: $.flag: must be true or false, not a whole number"},
    {"\"object\": {\"deep\": true}", NULL},
    {"\"object\": {\"deep\": 2}", "f:1: $.object.deep: must be true or false, not a whole number"},
    {"\"object\": [1]", "f:1: $.object: must be an object, not an array"},
    {"\"list\": [{\"deep\": true}]", NULL},
    {"\"list\": []", "f:1: $.list: must not be empty"},
    {"\"list\": [{}, {\"deep\": 2}]", "f:1: $.list[1].deep: must be true or false, not a whole number"},
    {"\"list\": [{}, 3]", "f:1: $.list[1]: must be an object, not a whole number"},
    {"\"mixed\": [7]", NULL},
};

static void expect(const char *text, const char *problem) {
    struct problems problems = {0};
    char file[] = "f";
    struct document document = {.file = file, .json = json_loads(text, 0, NULL), .problems = &problems};

    assert_non_null(document.json);
    assert_int_equal(json_lines_scan(text, &document.lines), 0);
    members_check(&document, "$", document.json, &table);
    if (problems.n_problems != (problem ? 1 : 0) ||
        (problem && strcmp(problems.problems[0].text, problem) != 0))
        fail_msg("%s: %zu problems, \"%s\" instead of \"%s\"", text, problems.n_problems,
                 problems.n_problems ? problems.problems[0].text : "", problem ? problem : "");
    problems_done(&problems);
    json_lines_done(&document.lines);
    json_decref(document.json);
}

static void check__each_kind(void **state) {
    char text[200];

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(cases); i++) {
        (void)snprintf(text, sizeof(text), "{\"text\": \"x\", %s}", cases[i].member);
        expect(text, cases[i].problem);
    }
}

static void check__what_must_be_there(void **state) {
    (void)state;
    expect("{\"text\": \"x\"}", NULL);
    expect("{\"flag\": true}", "f:1: $: lacks \"text\", what it is");
    expect("{\"text\": \"\"}", "f:1: $.text: must not be empty");
    expect("{\n\"text\": \"x\",\n\"whole\": 1}", "f:3: $.whole: must be from 2 to 9, not 1");
}

static void values__of_a_checked_object(void **state) {
    json_t *object = json_loads(
        "{\"text\": \"x\", \"whole\": 7, \"half\": 0.5, \"time\": \"2min\", \"none\": null}", 0, NULL);

    (void)state;
    assert_non_null(object);
    assert_string_equal(members_text(object, "text"), "x");
    assert_null(members_text(object, "whole"));
    assert_null(members_text(object, "absent"));
    assert_int_equal(members_whole(object, "whole", 3), 7);
    assert_int_equal(members_whole(object, "absent", 3), 3);
    assert_int_equal(members_whole(object, "half", 3), 3);
    assert_true(members_seconds(object, "time") == 120);
    assert_true(members_seconds(object, "half") == 0.5);
    assert_true(members_seconds(object, "absent") == 0 && members_seconds(object, "none") == 0);
    json_decref(object);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(check__each_kind),
        cmocka_unit_test(check__what_must_be_there),
        cmocka_unit_test(values__of_a_checked_object),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
