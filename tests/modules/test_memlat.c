/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fakes/fake_host.h"
#include "modules/mapped.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "modules/expect.h"

static uint64_t (*real_now)(void *context);
static bool spoil; /* leads line 17 to where line 18 leads, once the measurement has begun */

static uint64_t spoiling_now(void *context) {
    struct fake_host *fake = context;

    if (fake->measuring && spoil) {
        size_t line_bytes = strtoul(fake_host_fact(fake, "line_bytes"), NULL, 10);
        char *start = mapped_start();

        memcpy(start + 17 * line_bytes, start + 18 * line_bytes, sizeof(void *));
        spoil = false;
    }
    return real_now(context);
}

static void start(struct fake_host *fake, const char *size, const char *pages) {
    fake_host_init(fake, "memlat");
    fake_host_set(fake, "size", size);
    fake_host_set(fake, "pages", pages);
    fake_host_set(fake, "seconds", "10ms");
}

static void memlat__small_pages(void **state) {
    struct vms_error error = {""};
    struct fake_host fake;

    (void)state;
    start(&fake, "1MiB", "none");
    assert_int_equal(fake_host_run(&fake, &error), 0);
    assert_int_equal(fake.trial.n_metrics, 1);
    assert_true(fake_host_value(&fake, "load") > 0);
    assert_string_equal(fake_host_fact(&fake, "working_set_bytes"), "1048576");
    assert_non_null(fake_host_fact(&fake, "caches"));
    fake_host_done(&fake);
}

static void memlat__both_kinds_of_pages(void **state) {
    struct vms_error error = {""};
    struct fake_host fake;

    (void)state;
    start(&fake, "4MiB", "both");
    assert_int_equal(fake_host_run(&fake, &error), 0);
    assert_true(fake_host_value(&fake, "load") > 0);
    if (fake_host_fact(&fake, "load_huge")) {
        assert_int_equal(fake.trial.n_metrics, 1);
    } else {
        double difference = fake_host_value(&fake, "load") - fake_host_value(&fake, "load_huge");

        assert_true(fabs(fake_host_value(&fake, "page_walk") - difference) < 1e-15);
    }
    fake_host_done(&fake);
}

static void memlat__the_pool_of_huge_pages(void **state) {
    struct vms_error error = {""};
    struct fake_host fake;
    int status;

    (void)state;
    start(&fake, "4MiB", "hugetlb");
    status = fake_host_run(&fake, &error);
    if (status == -ENOTSUP)
        assert_non_null(strstr(error.text, "nr_hugepages"));
    else
        assert_true(status == 0 && fake_host_value(&fake, "load_huge") > 0);
    fake_host_done(&fake);
}

static void memlat__a_wrong_link_is_named(void **state) {
    struct fake_host fake;

    (void)state;
    start(&fake, "4MiB", "none");
    real_now = fake.host.now;
    fake.host.now = spoiling_now;
    spoil = true;
    expect_failure(&fake, -EBADMSG, "verification failed: line 17 of ");
    fake_host_done(&fake);
}

static void memlat__refuses_bad_sizes(void **state) {
    struct fake_host fake;

    (void)state;
    start(&fake, "100", "none");
    expect_failure(&fake, -EINVAL, "must be 0 or at least");
    fake_host_set(&fake, "size", "1048576GiB");
    expect_failure(&fake, -ENOMEM, "1 chain(s) of 1125899906842624 bytes do not fit");
    fake_host_done(&fake);
}

static void memlat__refuses_a_processor_that_is_not_there(void **state) {
    struct fake_host fake;

    (void)state;
    start(&fake, "1MiB", "none");
    fake_host_set(&fake, "affinity", "1000000");
    expect_failure(&fake, -EINVAL, "processor 1000000");
    fake_host_done(&fake);
}

static void memlat__stops_when_asked(void **state) {
    struct fake_host fake;

    (void)state;
    start(&fake, "1MiB", "none");
    fake.stop = true;
    expect_failure(&fake, -ECANCELED, "stopped");
    fake_host_done(&fake);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memlat__small_pages),
        cmocka_unit_test(memlat__both_kinds_of_pages),
        cmocka_unit_test(memlat__the_pool_of_huge_pages),
        cmocka_unit_test(memlat__a_wrong_link_is_named),
        cmocka_unit_test(memlat__refuses_bad_sizes),
        cmocka_unit_test(memlat__refuses_a_processor_that_is_not_there),
        cmocka_unit_test(memlat__stops_when_asked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
