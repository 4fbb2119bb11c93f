/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The udp module, both halves, over loopback. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "modules/loopback.h"

static int start(void **state) {
    return loopback_start(state, "udp");
}

/* A rate that every machine keeps up with: nothing is lost. */
static void udp_stream__rate_every_direction(void **state) {
    static const char *const directions[] = {"send", "receive", "both"};
    struct fake_host *fake = *state;

    fake_host_set(fake, "bytes", "40000");
    fake_host_set(fake, "rate", "2Mbit/s");
    fake_host_set(fake, "datagram_size", "400");
    fake_host_set(fake, "batch", "1");
    for (size_t i = 0; i < VMS_LENGTH(directions); i++) {
        fake_host_set(fake, "direction", directions[i]);
        expect_success(fake);
        assert_true(fake_host_value(fake, "goodput") > 0);
        assert_true(fake_host_value(fake, "jitter") >= 0);
        assert_true(fake_host_value(fake, "loss") == 0);
        assert_true(fake_host_value(fake, "lost") == 0);
        assert_true(fake_host_value(fake, "duplicates") == 0);
        assert_true(fake_host_value(fake, "reordered") == 0);
        expect_first(fake, "goodput");
    }
}

static void udp_stream__as_fast_as_possible(void **state) {
    struct fake_host *fake = *state;
    double loss;

    loopback_use_ipv6(fake);
    fake_host_set(fake, "seconds", "100ms");
    fake_host_set(fake, "datagram_size", "64");
    expect_success(fake);
    loss = fake_host_value(fake, "loss");
    assert_true(loss >= 0 && loss < 1);
    assert_true(fake_host_value(fake, "packets") > 0);
}

static void udp_request__every_size(void **state) {
    static const char *const sizes[] = {"1", "7", "16", "31", "32", "62KiB", "65507"};
    struct fake_host *fake = *state;

    fake_host_set(fake, "mode", "request-response");
    fake_host_set(fake, "count", "300"); /* more than one byte can number */
    for (size_t i = 0; i < VMS_LENGTH(sizes); i++) {
        fake_host_set(fake, "message_size", sizes[i]);
        expect_success(fake);
        loopback_expect_transactions(fake);
        assert_true(fake_host_value(fake, "lost") == 0);
    }
}

/* 20 are due in the time; on a busy machine some of them may not have begun. */
static void udp_request__of_a_rate(void **state) {
    struct fake_host *fake = *state;
    char expected[32];
    size_t n;

    fake_host_set(fake, "mode", "request-response");
    fake_host_set(fake, "seconds", "200ms");
    fake_host_set(fake, "transaction_rate", "100");
    fake_host_set(fake, "request_size", "100");
    fake_host_set(fake, "response_size", "300");
    expect_success(fake);
    n = fake_host_metric(fake, "round_trip_time")->n + (size_t)fake_host_value(fake, "lost");
    assert_true(n >= 1 && n <= 20);
    (void)snprintf(expected, sizeof(expected), "%zu of 20", 20 - n);
    assert_string_equal(fake_host_fact(fake, "transactions_not_begun"), expected);
    expect_near(fake_host_value(fake, "throughput_received"), 3 * fake_host_value(fake, "throughput_sent"));
}

static void udp_request__seconds_over_ipv6(void **state) {
    loopback_expect_seconds_over_ipv6(*state);
}

static void udp__stopped(void **state) {
    loopback_expect_stopped(*state);
}

static void udp__estimate(void **state) {
    struct fake_host *fake = *state;
    struct vms_estimate estimate = {0};

    fake_host_set(fake, "rate", "100Mbit/s");
    fake_host_set(fake, "seconds", "2");
    fake->module->estimate(fake->values, &estimate);
    assert_true(fabs(estimate.seconds - 2) < 1e-9);
    assert_int_equal(estimate.traffic, 25000000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(udp_stream__rate_every_direction, start, loopback_end),
        cmocka_unit_test_setup_teardown(udp_stream__as_fast_as_possible, start, loopback_end),
        cmocka_unit_test_setup_teardown(udp_request__every_size, start, loopback_end),
        cmocka_unit_test_setup_teardown(udp_request__of_a_rate, start, loopback_end),
        cmocka_unit_test_setup_teardown(udp_request__seconds_over_ipv6, start, loopback_end),
        cmocka_unit_test_setup_teardown(udp__stopped, start, loopback_end),
        cmocka_unit_test_setup_teardown(udp__estimate, start, loopback_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
