/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/suggest.h"
#include "unit/descriptors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char *const words[] = {"message_size", "mode", "duration", "streams", "nodelay"};
#define N_WORDS (sizeof(words) / sizeof(words[0]))

static void suggest__edits(void **state) {
    (void)state;
    assert_string_equal(suggest_nearest("mesage_size", words, N_WORDS), "message_size"); /* deletion */
    assert_string_equal(suggest_nearest("duratiion", words, N_WORDS), "duration");       /* insertion */
    assert_string_equal(suggest_nearest("strcams", words, N_WORDS), "streams");          /* substitution */
    assert_string_equal(suggest_nearest("moed", words, N_WORDS), "mode");       /* a swap is one edit */
    assert_string_equal(suggest_nearest("NoDelay", words, N_WORDS), "nodelay"); /* case ignored */
    assert_string_equal(suggest_nearest("messagesizes", words, N_WORDS), "message_size");
}

static void suggest__too_far(void **state) {
    (void)state;
    assert_null(suggest_nearest("modxx", words, N_WORDS)); /* two edits, a third of five is one */
    assert_null(suggest_nearest("bandwidth", words, N_WORDS));
    assert_null(suggest_nearest("", words, N_WORDS));
    assert_null(suggest_nearest("mode", words, 0));
}

static void suggest__beginnings(void **state) {
    char phrase[SUGGEST_SIZE];

    (void)state;
    assert_string_equal(suggest_nearest("mess", words, N_WORDS), "message_size");
    assert_null(suggest_nearest("me", words, N_WORDS)); /* too short to say anything */
    assert_null(suggest_nearest("pre", (const char *const[]){"prepare", "present"}, 2));
    assert_string_equal(suggest_phrase("strams", words, N_WORDS, phrase), "; did you mean \"streams\"?");
    assert_string_equal(suggest_phrase("bandwidth", words, N_WORDS, phrase), "");
}

static void suggest__limits(void **state) {
    static const char *const candidates[] = {"abcdefghijklmnopqrst"};
    char long_word[300];

    (void)state;
    /* Twenty letters: a third is six, but four edits are the most. */
    assert_non_null(suggest_nearest("abcdefghijklmnop", candidates, 1));
    assert_null(suggest_nearest("bcdefghijklmnop", candidates, 1));
    /* A short word may have one edit. */
    assert_string_equal(suggest_nearest("to", (const char *const[]){"tp"}, 1), "tp");
    memset(long_word, 'a', sizeof(long_word));
    long_word[sizeof(long_word) - 1] = '\0';
    assert_null(suggest_nearest(long_word, (const char *const[]){long_word}, 1));
}

static void suggest__nearest_wins(void **state) {
    static const char *const candidates[] = {"write_size", "write_sine", "write_side"};

    (void)state;
    assert_string_equal(suggest_nearest("write_sine", candidates, 3), "write_sine");
    assert_string_equal(suggest_nearest("write_sike", candidates, 3), "write_size"); /* the first of equals */
}

static void suggest__choices(void **state) {
    char sentence[SUGGEST_SENTENCE_SIZE];
    const char *many[200];

    (void)state;
    assert_string_equal(suggest_list(words, 0, sentence), "");
    assert_string_equal(suggest_list((const char *const[]){"a"}, 1, sentence), "a");
    assert_string_equal(suggest_list((const char *const[]){"a", "b", "c"}, 3, sentence), "a, b or c");
    assert_string_equal(suggest_choices("moed", (const char *const[]){"mode", "none"}, 2, sentence),
                        "must be mode or none, not \"moed\"; did you mean \"mode\"?");
    for (size_t i = 0; i < sizeof(many) / sizeof(many[0]); i++)
        many[i] = "message_size";
    assert_int_equal(strlen(suggest_list(many, 200, sentence)), SUGGEST_SENTENCE_SIZE - 1);
    assert_int_equal(strlen(suggest_choices("x", many, 200, sentence)), SUGGEST_SENTENCE_SIZE - 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(suggest__edits),        cmocka_unit_test(suggest__too_far),
        cmocka_unit_test(suggest__beginnings),   cmocka_unit_test(suggest__limits),
        cmocka_unit_test(suggest__nearest_wins), cmocka_unit_test(suggest__choices),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
