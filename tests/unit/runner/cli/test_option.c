/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/option.h"

#include "unit/descriptors.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum colour { RED, GREEN, BLUE };

struct arguments {
    bool quiet, quick, has_port;
    const char *output;
    struct words tags;
    uint16_t port;
    uint64_t size;
    double share;
    enum colour colour;
    bool colours[3];
};

static const char *colour_name(size_t index) {
    static const char *const names[] = {"red", "green", "blue", NULL};

    return names[index];
}

static const struct cli_option rows[] = {
    {.name = "quiet", .letter = 'q', OPTION_FLAG_TO(struct arguments, quiet)},
    {.name = "quick", .letter = 'k', OPTION_FLAG_TO(struct arguments, quick)},
    {.name = "output", .letter = 'o', .argument = "FILE", OPTION_TEXT_TO(struct arguments, output)},
    {.name = "tag", .argument = "TAG", OPTION_LIST_TO(struct arguments, tags)},
    {.name = "port",
     .argument = "N",
     OPTION_COUNT_TO(struct arguments, port, 1, UINT16_MAX),
     OPTION_GIVEN_TO(struct arguments, has_port)},
    {.name = "size", .argument = "BYTES", OPTION_BYTES_TO(struct arguments, size, 1024, 1 << 20)},
    {.name = "share", .argument = "SHARE", OPTION_SHARE_TO(struct arguments, share)},
    {.name = "colour", .argument = "COLOUR", OPTION_CHOICE_TO(struct arguments, colour, colour_name)},
    {.name = "colours", .argument = "COLOUR,...", OPTION_SET_TO(struct arguments, colours, colour_name)},
};

/* What one command line gave. */
struct result {
    struct arguments arguments;
    struct words words;
    struct vms_error error;
    int status;
};

static struct result parse_rows(const struct cli_option *table, size_t n_rows, char *const *line) {
    struct result result = {.arguments = {.output = "default", .port = 80}};
    char *argv[16] = {(char *)"command"};
    int argc = 1;

    for (; line[argc - 1]; argc++)
        argv[argc] = line[argc - 1];
    result.status = options_parse(table, n_rows, argc, argv, &result.arguments, &result.words, &result.error);
    return result;
}

static void done(struct result *result) {
    options_done(rows, VMS_LENGTH(rows), &result->arguments, &result->words);
}

#define PARSE(...) parse_rows(rows, VMS_LENGTH(rows), (char *const[]){__VA_ARGS__, NULL})

static void option__forms(void **state) {
    struct result result =
        PARSE((char *)"--output", (char *)"a", (char *)"x", (char *)"--output=b=c", (char *)"-q", (char *)"-",
              (char *)"--tag=1", (char *)"--tag", (char *)"2", (char *)"--", (char *)"--quick", (char *)"-z");

    (void)state;
    assert_int_equal(result.status, 0);
    assert_string_equal(result.arguments.output, "b=c"); /* the last counts */
    assert_true(result.arguments.quiet);
    assert_false(result.arguments.quick); /* behind "--" */
    assert_int_equal(result.arguments.tags.n_words, 2);
    assert_string_equal(result.arguments.tags.words[1], "2");
    assert_int_equal(result.words.n_words, 4);
    assert_string_equal(result.words.words[0], "x");
    assert_string_equal(result.words.words[1], "-");
    assert_string_equal(result.words.words[2], "--quick");
    assert_string_equal(result.words.words[3], "-z");
    done(&result);
}

static void option__letters(void **state) {
    struct result result = PARSE((char *)"-qkofile");

    (void)state;
    assert_int_equal(result.status, 0);
    assert_true(result.arguments.quiet && result.arguments.quick);
    assert_string_equal(result.arguments.output, "file");
    done(&result);
    result = PARSE((char *)"-o", (char *)"--quiet"); /* a value may look like an option */
    assert_int_equal(result.status, 0);
    assert_string_equal(result.arguments.output, "--quiet");
    done(&result);
}

static void option__kinds(void **state) {
    struct result result = PARSE((char *)"--port=65535", (char *)"--size=64KiB", (char *)"--share=3%",
                                 (char *)"--colour=blue", (char *)"--colours=blue,red");

    (void)state;
    assert_int_equal(result.status, 0);
    assert_int_equal(result.arguments.port, 65535);
    assert_true(result.arguments.has_port);
    assert_int_equal(result.arguments.size, 65536);
    assert_true(result.arguments.share > 0.0299 && result.arguments.share < 0.0301);
    assert_int_equal(result.arguments.colour, BLUE);
    assert_true(result.arguments.colours[RED] && result.arguments.colours[BLUE]);
    assert_false(result.arguments.colours[GREEN]);
    done(&result);
    result = PARSE((char *)"word");
    assert_string_equal(result.arguments.output, "default");
    assert_int_equal(result.arguments.port, 80);
    assert_false(result.arguments.has_port);
    done(&result);
}

static void option__refusals(void **state) {
    static const struct {
        const char *line[3], *sentence;
    } cases[] = {
        {{"--outptu=x"}, "unknown option --outptu; did you mean \"--output\"?"},
        {{"--out", "x"}, "unknown option --out; did you mean \"--output\"?"}, /* no name by a prefix */
        {{"--qui"}, "unknown option --qui"},                                  /* of two */
        {{"--hlep"}, "unknown option --hlep; did you mean \"--help\"?"},
        {{"-output", "x"}, "unknown option -output; did you mean \"--output\"?"},
        {{"-x"}, "unknown option -x"},
        {{"-qx"}, "unknown option -x"},
        {{"--output"}, "--output needs a value, FILE"},
        {{"-qo"}, "-o needs a value, FILE"},
        {{"--quiet=yes"}, "--quiet takes no value"},
        {{"--port=0"}, "--port must be from 1 to 65535, not 0"},
        {{"--port=65536"}, "--port must be from 1 to 65535, not 65536"},
        {{"--size=1"}, "--size must be from 1KiB to 1MiB, not 1"},
        {{"--colour", "gren"},
         "--colour must be one of red, green or blue, not \"gren\"; did you mean \"green\"?"},
        {{"--colours", "red,,blue"}, "--colours must be one of red, green or blue, not \"\""},
    };

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(cases); i++) {
        struct result result = parse_rows(rows, VMS_LENGTH(rows), (char *const *)cases[i].line);

        assert_int_equal(result.status, -EINVAL);
        assert_string_equal(result.error.text, cases[i].sentence);
        done(&result);
    }
    struct result result = PARSE((char *)"--port=12x");
    assert_int_equal(result.status, -EINVAL);
    assert_int_equal(strncmp(result.error.text, "--port: ", 8), 0);
    done(&result);
}

static void option__help(void **state) {
    struct result result = PARSE((char *)"--help", (char *)"--bad");

    (void)state;
    assert_int_equal(result.status, 1);
    done(&result);
    result = PARSE((char *)"-qh");
    assert_int_equal(result.status, 1);
    done(&result);
}

static void option__required(void **state) {
    static const struct cli_option needed[] = {
        {.name = "output", .argument = "FILE", .required = true, OPTION_TEXT_TO(struct arguments, output)}};
    struct result result = parse_rows(needed, 1, (char *const[]){(char *)"word", NULL});

    (void)state;
    assert_int_equal(result.status, -EINVAL);
    assert_string_equal(result.error.text, "--output FILE is needed");
    done(&result);
}

static void option__defaults(void **state) {
    const struct arguments defaults = {
        .output = "here", .port = 7411, .size = 65536, .share = 0.03, .colour = BLUE};
    static const char *const wanted[] = {"", "", "here", "", "7411", "64KiB", "3%", "blue", ""};
    char text[OPTION_DEFAULT_SIZE];

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        assert_int_equal(option_default(&rows[i], &defaults, text), *wanted[i] != '\0');
        assert_string_equal(text, wanted[i]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(option__forms),    cmocka_unit_test(option__letters),
        cmocka_unit_test(option__kinds),    cmocka_unit_test(option__refusals),
        cmocka_unit_test(option__help),     cmocka_unit_test(option__required),
        cmocka_unit_test(option__defaults),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
