/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fakes/fake_host.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void measure__reports_a_rate(void **state) {
    struct vms_error error = {""};
    struct fake_host fake;

    (void)state;
    fake_host_init(&fake, "template/template");
    fake_host_set(&fake, "size", "4KiB");
    fake_host_set(&fake, "passes", "3");
    assert_int_equal(fake_host_run(&fake, &error), 0);
    assert_true(fake_host_value(&fake, "fill") > 0);
    fake_host_done(&fake);
}

static void measure__stops_when_told(void **state) {
    struct vms_error error = {""};
    struct fake_host fake;

    (void)state;
    fake_host_init(&fake, "template/template");
    fake.stop = true;
    assert_int_equal(fake_host_run(&fake, &error), -ECANCELED);
    assert_true(isnan(fake_host_value(&fake, "fill")));
    fake_host_done(&fake);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(measure__reports_a_rate),
        cmocka_unit_test(measure__stops_when_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
