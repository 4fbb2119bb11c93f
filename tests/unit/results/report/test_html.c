/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/html.h"

#include "base/cleanup.h"

#include "unit/descriptors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static void html_text__lets_nothing_through(void **state) {
    cleanup_free char *text = NULL;
    size_t size;
    FILE *file = open_memstream(&text, &size);

    (void)state;
    html_text(file, "</script><b class=\"x\">&amp; \x1b[31m\xC3\xA9\n");
    (void)fclose(file);
    assert_string_equal(text,
                        "&lt;/script&gt;&lt;b class=&quot;x&quot;&gt;&amp;amp; \xef\xbf\xbd[31m\xC3\xA9\n");
}

static void html_element__is_closed(void **state) {
    cleanup_free char *text = NULL;
    size_t size;
    FILE *file = open_memstream(&text, &size);

    (void)state;
    html_element(file, "p", "a < b");
    (void)fclose(file);
    assert_string_equal(text, "<p>a &lt; b</p>");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(html_text__lets_nothing_through),
        cmocka_unit_test(html_element__is_closed),
    };
    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
