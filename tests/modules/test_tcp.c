/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tcp module, both halves, over loopback. */
#include "fake_host.h"

#include <errno.h>
#include <math.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int start(void **state) {
    struct fake_host *fake = malloc(sizeof(*fake));

    fake_host_init(fake, "tcp");
    *state = fake;
    return 0;
}

static int end(void **state) {
    fake_host_done(*state);
    free(*state);
    return 0;
}

static void run_ok(struct fake_host *fake) {
    struct vms_error error = {""};

    if (fake_host_run(fake, &error) < 0)
        fail_msg("%s", error.text);
}

static void use_ipv6(struct fake_host *fake) {
    struct sockaddr_in6 loopback = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};

    memcpy(&fake->host.peer, &loopback, sizeof(loopback));
    memcpy(&fake->host.address, &loopback, sizeof(loopback));
}

static void tcp_stream__seconds(void **state) {
    struct fake_host *fake = *state;

    fake_host_set(fake, "seconds", "100ms");
    run_ok(fake);
    assert_true(fake_host_value(fake, "goodput") > 0);
    assert_true(fake_host_value(fake, "sender_rate") > 0);
    assert_true(isnan(fake_host_value(fake, "transactions")));
    assert_string_equal(fake->module->metrics[fake->trial.metrics[0].metric].name, "goodput");
}

static void tcp_stream__bytes_every_direction(void **state) {
    static const char *const directions[] = {"send", "receive", "both"};
    struct fake_host *fake = *state;

    fake_host_set(fake, "bytes", "1000001");
    fake_host_set(fake, "block_size", "4096");
    fake_host_set(fake, "streams", "3");
    for (size_t i = 0; i < VMS_LENGTH(directions); i++) {
        fake_host_set(fake, "direction", directions[i]);
        run_ok(fake);
        assert_true(fake_host_value(fake, "goodput") > 0);
    }
}

static void tcp_request__every_size(void **state) {
    static const char *const sizes[] = {"1", "7", "16", "64KiB", "45MiB"};
    struct fake_host *fake = *state;

    fake_host_set(fake, "mode", "request-response");
    fake_host_set(fake, "count", "3");
    for (size_t i = 0; i < VMS_LENGTH(sizes); i++) {
        double size, rate;

        fake_host_set(fake, "message_size", sizes[i]);
        run_ok(fake);
        rate = fake_host_value(fake, "transactions");
        size = (double)fake->values[4].bytes;
        assert_string_equal(fake->module->params[4].name, "message_size");
        assert_true(rate > 0);
        assert_true(fabs(fake_host_value(fake, "throughput") / (16 * size * rate) - 1) < 1e-9);
        assert_string_equal(fake->module->metrics[fake->trial.metrics[0].metric].name, "transactions");
        assert_int_equal(fake->trial.metrics[2].distribution.n, 3);
    }
}

static void tcp_request__seconds_over_ipv6(void **state) {
    struct fake_host *fake = *state;

    use_ipv6(fake);
    fake_host_set(fake, "mode", "request-response");
    fake_host_set(fake, "seconds", "100ms");
    run_ok(fake);
    assert_true(fake_host_value(fake, "transactions") > 0);
}

static void tcp_stream__over_ipv6(void **state) {
    struct fake_host *fake = *state;

    use_ipv6(fake);
    fake_host_set(fake, "bytes", "1MB");
    run_ok(fake);
    assert_true(fake_host_value(fake, "goodput") > 0);
}

static void tcp__placed_on_a_processor(void **state) {
    struct fake_host *fake = *state;
    struct vms_error error = {""};

    fake_host_set(fake, "bytes", "1MB");
    fake_host_set(fake, "cpus", "0");
    fake_host_set(fake, "peer_cpus", "0-0");
    run_ok(fake);
    fake_host_set(fake, "cpus", "1,x");
    assert_int_equal(fake_host_run(fake, &error), -EINVAL);
    assert_string_equal(error.text,
                        "\"1,x\" is not a list of processors: give numbers and ranges such as \"0,2-3\"");
}

static void tcp__stopped(void **state) {
    struct fake_host *fake = *state;
    struct vms_error error = {""};

    fake->stop = true;
    assert_int_equal(fake_host_run(fake, &error), -ECANCELED);
}

static void tcp__estimate(void **state) {
    struct fake_host *fake = *state;
    struct vms_estimate estimate = {0};

    fake_host_set(fake, "bytes", "125MB");
    fake->module->estimate(fake->values, &estimate);
    assert_true(fabs(estimate.seconds - 1) < 1e-9);
    assert_int_equal(estimate.traffic, 125000000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(tcp_stream__seconds, start, end),
        cmocka_unit_test_setup_teardown(tcp_stream__bytes_every_direction, start, end),
        cmocka_unit_test_setup_teardown(tcp_stream__over_ipv6, start, end),
        cmocka_unit_test_setup_teardown(tcp_request__every_size, start, end),
        cmocka_unit_test_setup_teardown(tcp_request__seconds_over_ipv6, start, end),
        cmocka_unit_test_setup_teardown(tcp__placed_on_a_processor, start, end),
        cmocka_unit_test_setup_teardown(tcp__stopped, start, end),
        cmocka_unit_test_setup_teardown(tcp__estimate, start, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
