/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/escape.h"
#include "unit/descriptors.h"

#include "base/cleanup.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void check(enum escape language, const char *text, const char *expected) {
    cleanup_free char *escaped = escape_text(language, text);

    assert_non_null(escaped);
    assert_string_equal(escaped, expected);
}

static void escape__terminal(void **state) {
    (void)state;
    check(ESCAPE_TERMINAL, "plain, \xc3\xbc \xe2\x82\xac \xf0\x9f\x98\x80",
          "plain, \xc3\xbc \xe2\x82\xac \xf0\x9f\x98\x80");
    check(ESCAPE_TERMINAL, "\x1b[2J\x1b]0;title\a", "\\x1b[2J\\x1b]0;title\\x07");
    check(ESCAPE_TERMINAL, "one\nvmsuite: two\r\tthree\x7f", "one\\x0avmsuite: two\\x0d\\x09three\\x7f");
    check(ESCAPE_TERMINAL,
          "C1 \xc2\x9b"
          "31m",
          "C1 \\x9b31m");
    check(ESCAPE_TERMINAL, "bytes \x9b\xff\xc3", "bytes \\x9b\\xff\\xc3");
    check(ESCAPE_TERMINAL, "overlong \xc0\x9b \xe0\x80\x9b", "overlong \\xc0\\x9b \\xe0\\x80\\x9b");
    check(ESCAPE_TERMINAL, "surrogate \xed\xa0\x80", "surrogate \\xed\\xa0\\x80");
    check(ESCAPE_TERMINAL, "too far \xf4\x90\x80\x80", "too far \\xf4\\x90\\x80\\x80");
    check(ESCAPE_TERMINAL,
          "turned \xe2\x80\xae"
          "eid",
          "turned \\u202eeid");
    check(ESCAPE_TERMINAL, "", "");
}

static void escape__html(void **state) {
    (void)state;
    check(ESCAPE_HTML, "<b a=\"x\" c='y'>&amp;", "&lt;b a=&quot;x&quot; c=&#39;y&#39;&gt;&amp;amp;");
    check(ESCAPE_HTML, "a\nb\tc\x01\xff", "a\nb\tc\xef\xbf\xbd\xef\xbf\xbd");
}

static void escape__xml(void **state) {
    (void)state;
    check(ESCAPE_XML, "<a b=\"c\" d='&'/>\n\t", "&lt;a b=&quot;c&quot; d=&#39;&amp;&#39;/&gt;&#10;&#9;");
    check(ESCAPE_XML, "\x01\xef\xbf\xbf\xff]]>", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd]]&gt;");
}

static void escape__script(void **state) {
    (void)state;
    check(ESCAPE_SCRIPT, "{\"a\": \"</script><!--<script\"}",
          "{\"a\": \"\\u003c/script>\\u003c!--\\u003cscript\"}");
    check(ESCAPE_SCRIPT, "\xe2\x80\xa8", "\\u2028");
}

static void escape__markdown(void **state) {
    (void)state;
    check(ESCAPE_MARKDOWN, "a|b\nc", "a\\|b c");
    check(ESCAPE_MARKDOWN, "<script>", "&lt;script\\>");
    check(ESCAPE_MARKDOWN, "[x](y) `z` *w* _v_ \\", "\\[x\\](y) \\`z\\` \\*w\\* \\_v\\_ \\\\");
    check(ESCAPE_MARKDOWN, "&lt;", "&amp;lt;");
}

/* A name that turns what follows it would turn a figure's digits. */
static void escape__what_turns_or_hides_text(void **state) {
    static const enum escape languages[] = {ESCAPE_TERMINAL, ESCAPE_HTML, ESCAPE_XML, ESCAPE_MARKDOWN};

    (void)state;
    for (size_t i = 0; i < sizeof(languages) / sizeof(languages[0]); i++) {
        check(languages[i], "a\xe2\x80\xae 1.4", "a\\u202e 1.4");
        check(languages[i], "\xe2\x81\xa6\xe2\x80\x8b\xd8\x9c", "\\u2066\\u200b\\u061c");
    }
}

static void escape__csv(void **state) {
    (void)state;
    check(ESCAPE_CSV, "plain", "plain");
    check(ESCAPE_CSV, "", "\"\"");
    check(ESCAPE_CSV, "a,b", "\"a,b\"");
    check(ESCAPE_CSV, "a\"b", "\"a\"\"b\"");
    check(ESCAPE_CSV, "a\nb", "\"a\nb\"");
    check(ESCAPE_CSV, "=1+1", "=1+1");
    check(ESCAPE_SPREADSHEET, "=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\"");
    check(ESCAPE_SPREADSHEET, "+1", "'+1");
    check(ESCAPE_SPREADSHEET, "-1", "'-1");
    check(ESCAPE_SPREADSHEET, "@x", "'@x");
    check(ESCAPE_SPREADSHEET, "a=b", "a=b");
}

static void escape__openmetrics(void **state) {
    (void)state;
    check(ESCAPE_OPENMETRICS, "a\"b\\c\nd 1", "a\\\"b\\\\c\\nd 1");
    check(ESCAPE_OPENMETRICS_NAME, "tcp{x=\"1\"} 2\n# EOF", "tcp_x__1___2___EOF");
}

static void escape__launchers(void **state) {
    (void)state;
    check(ESCAPE_QEMU, "/a,b/c,,d\xff", "/a,,b/c,,,,d\xff");
    check(ESCAPE_XL, "a\"b\\c\n\xff", "a\\\"b\\\\c\\n\xff");
}

static void escape__sentence(void **state) {
    char text[12] = "a\x1b\x1b"
                    "bcdefgh";

    (void)state;
    escape_sentence(text, sizeof(text));
    assert_string_equal(text, "a\\x1b...");
    (void)strcpy(text, "a\n");
    escape_sentence(text, sizeof(text));
    assert_string_equal(text, "a\\x0a");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(escape__terminal),    cmocka_unit_test(escape__html),
        cmocka_unit_test(escape__xml),         cmocka_unit_test(escape__script),
        cmocka_unit_test(escape__markdown),    cmocka_unit_test(escape__csv),
        cmocka_unit_test(escape__openmetrics), cmocka_unit_test(escape__launchers),
        cmocka_unit_test(escape__sentence),    cmocka_unit_test(escape__what_turns_or_hides_text),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
