/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "output/visible.h"
#include "unit/descriptors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void visible__shows_controls(void **state) {
    static const struct {
        const char *text, *shown;
    } rows[] = {
        {"plain, tab\tand\nline", "plain, tab\tand\nline"},
        {"\033]0;x\a\r\b\177", "\\x1b]0;x\\x07\\x0d\\x08\\x7f"},
        {"\xc3\xa9 \xc2\xa0 \xe2\x82\xac", "\xc3\xa9 \xc2\xa0 \xe2\x82\xac"},
        {"\xc2\x9b"
         "31m \xc2\xc2\x80",
         "\\x9b"
         "31m \\xc2\\x80"},
        {"cut \xc2", "cut \\xc2"},
        /* Terminals that heed C1 controls in eight bits. */
        {"\x9b"
         "31m \x9d\xff\x90",
         "\\x9b"
         "31m \\x9d\\xff\\x90"},
        {"\xe2\x9b"
         "31m \xe2\x9b\xb0 \xf0\x9f\x98\x80 \xf0\x9b\n\xc1\x9b",
         "\\xe2\\x9b"
         "31m \xe2\x9b\xb0 \xf0\x9f\x98\x80 \\xf0\\x9b\n\\xc1\\x9b"},
        {"txt.\xe2\x80\xaegpj", "txt.\\u202egpj"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        for (int unbuffered = 0; unbuffered < 2; unbuffered++) {
            char *got = NULL;
            size_t size;
            FILE *to = open_memstream(&got, &size), *file = visible_open(to);

            if (unbuffered)
                (void)setvbuf(file, NULL, _IONBF, 0);
            for (const char *at = rows[i].text; *at; at++)
                (void)fputc(*at, file);
            assert_int_equal(fclose(file), 0);
            assert_int_equal(fclose(to), 0);
            assert_string_equal(got, rows[i].shown);
            free(got);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(visible__shows_controls)};

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
