/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A nested guest's life, as the machine below it says it. */
#include "guest/exchange/host_moments.h"

#include "unit/descriptors.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void host_moments__as_lines_and_back(void **state) {
    struct host_moments moments;
    char line[HOST_MOMENTS_LINE_SIZE];

    (void)state;
    host_moments_init(&moments);
    for (unsigned i = 0; i < HOST_MOMENTS; i++) {
        assert_true(isnan(moments.at_s[i]));
        host_moments_format((enum host_moment)i, 1.25 * (i + 1), line);
        assert_true(host_moments_parse(line, &moments));
    }
    assert_true(host_moments_between(&moments, HOST_MOMENT_STARTED, HOST_MOMENT_READY) == 1.25);
    assert_true(host_moments_between(&moments, HOST_MOMENT_OFF, HOST_MOMENT_ENDED) == 1.25);
    assert_true(isnan(host_moments_between(&moments, HOST_MOMENT_ENDED, HOST_MOMENT_OFF))); /* no such life */
}

/* As scripts say it; once more does not count, and a moment that nobody said stays unknown. */
static void host_moments__of_scripts(void **state) {
    struct host_moments moments;

    (void)state;
    host_moments_init(&moments);
    assert_true(host_moments_parse("[ 3.1] vmsuite-host: at 12.34 started", &moments));
    assert_true(host_moments_parse("vmsuite-host: at 99 started", &moments));
    assert_true(moments.at_s[HOST_MOMENT_STARTED] == 12.34);
    assert_true(isnan(host_moments_between(&moments, HOST_MOMENT_STARTED, HOST_MOMENT_READY)));
}

static void host_moments__other_lines(void **state) {
    static const char *const lines[] = {"",
                                        "vmsuite-host: starting the guest",
                                        "vmsuite-host: at",
                                        "vmsuite-host: at 12.5",
                                        "vmsuite-host: at x ready",
                                        "vmsuite-host: at nan ready",
                                        "vmsuite-host: at -1 ready",
                                        "vmsuite-host: at 1 else",
                                        "at 1 ready"};
    struct host_moments moments;

    (void)state;
    host_moments_init(&moments);
    for (unsigned i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        assert_false(host_moments_parse(lines[i], &moments));
    for (unsigned i = 0; i < HOST_MOMENTS; i++)
        assert_true(isnan(moments.at_s[i]));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(host_moments__as_lines_and_back),
        cmocka_unit_test(host_moments__of_scripts),
        cmocka_unit_test(host_moments__other_lines),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
