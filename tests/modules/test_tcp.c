/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tcp module, both halves, over loopback. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "modules/loopback.h"

static int start(void **state) {
    return loopback_start(state, "tcp");
}

static size_t count_round_trips(const struct fake_host *fake) {
    const struct fake_metric *metric = fake_host_metric(fake, "round_trip_time");

    assert_non_null(metric);
    return metric->n;
}

static void tcp_stream__seconds(void **state) {
    struct fake_host *fake = *state;

    fake_host_set(fake, "seconds", "100ms");
    expect_success(fake);
    assert_true(fake_host_value(fake, "goodput") > 0);
    assert_true(fake_host_value(fake, "sender_rate") > 0);
    assert_true(isnan(fake_host_value(fake, "transactions")));
    expect_first(fake, "goodput");
}

static void tcp_stream__bytes_every_direction(void **state) {
    static const char *const directions[] = {"send", "receive", "both"};
    struct fake_host *fake = *state;

    fake_host_set(fake, "bytes", "1000001");
    fake_host_set(fake, "block_size", "4096");
    fake_host_set(fake, "streams", "3");
    for (size_t i = 0; i < VMS_LENGTH(directions); i++) {
        fake_host_set(fake, "direction", directions[i]);
        expect_success(fake);
        assert_true(fake_host_value(fake, "goodput") > 0);
    }
}

static void tcp_request__every_size(void **state) {
    static const char *const sizes[] = {"1", "7", "16", "64KiB", "45MiB"};
    struct fake_host *fake = *state;

    fake_host_set(fake, "mode", "request-response");
    fake_host_set(fake, "count", "3");
    for (size_t i = 0; i < VMS_LENGTH(sizes); i++) {
        fake_host_set(fake, "message_size", sizes[i]);
        expect_success(fake);
        loopback_expect_transactions(fake);
        assert_int_equal(count_round_trips(fake), 3);
    }
}

static void tcp_request__seconds_over_ipv6(void **state) {
    loopback_expect_seconds_over_ipv6(*state);
}

static void tcp_stream__over_ipv6(void **state) {
    struct fake_host *fake = *state;

    loopback_use_ipv6(fake);
    fake_host_set(fake, "bytes", "1MB");
    expect_success(fake);
    assert_true(fake_host_value(fake, "goodput") > 0);
}

static void tcp__placed_on_a_processor(void **state) {
    static const char *const wrong[] = {
        "1,x", "0,", ",0", "2-1", "0-", "0--1", "0 ", "1024", "99999999999999999999"};
    struct fake_host *fake = *state;
    struct vms_error error = {""};

    fake_host_set(fake, "bytes", "1MB");
    fake_host_set(fake, "cpus", "0");
    fake_host_set(fake, "peer_cpus", "0-0");
    expect_success(fake);
    for (size_t i = 0; i < VMS_LENGTH(wrong); i++) {
        fake_host_set(fake, "cpus", wrong[i]);
        assert_int_equal(fake_host_run(fake, &error), -EINVAL);
        assert_non_null(strstr(error.text, "is not a list of processors: give numbers and ranges such as "));
        assert_non_null(strstr(error.text, wrong[i]));
    }
}

static void tcp__stopped(void **state) {
    loopback_expect_stopped(*state);
}

static void tcp__estimate(void **state) {
    struct fake_host *fake = *state;
    struct vms_estimate estimate = {0};

    fake_host_set(fake, "bytes", "125MB");
    fake->module->estimate(fake->values, &estimate);
    assert_true(fabs(estimate.seconds - 1) < 1e-9);
    assert_int_equal(estimate.traffic, 125000000);
}

static void tcp_stream__intervals_and_warmup(void **state) {
    struct fake_host *fake = *state;
    size_t n;

    fake_host_set(fake, "seconds", "300ms");
    fake_host_set(fake, "warmup", "100ms");
    fake_host_set(fake, "interval", "50ms");
    fake_host_set(fake, "direction", "both");
    expect_success(fake);
    assert_true(fake_host_value(fake, "goodput") > 0);
    assert_true(fake_host_value(fake, "sender_cpu_per_gigabyte") > 0);
    assert_true(fake_host_value(fake, "receiver_cpu_per_gigabyte") > 0);
    assert_true(fake_host_value(fake, "smoothed_rtt") > 0);
    assert_true(fake_host_value(fake, "retransmits") >= 0);
    n = fake_host_metric(fake, "interval_goodput")->n;
    assert_true(n >= 4 && n <= 40);
}

static void tcp_stream__options_reach_the_sockets(void **state) {
    struct fake_host *fake = *state;
    struct vms_error error = {""};
    long mss;

    fake_host_set(fake, "bytes", "1MB");
    fake_host_set(fake, "send_buffer", "100000");
    fake_host_set(fake, "receive_buffer", "50000");
    fake_host_set(fake, "congestion_control", "reno");
    fake_host_set(fake, "mss", "1000");
    expect_success(fake);
    /* The kernel doubles them, for its own use: socket(7). */
    assert_string_equal(fake_host_fact(fake, "sender_buffer"), "200000");
    assert_string_equal(fake_host_fact(fake, "receiver_buffer"), "100000");
    assert_string_equal(fake_host_fact(fake, "congestion_control"), "reno");
    mss = strtol(fake_host_fact(fake, "mss"), NULL, 10);
    assert_true(mss >= 900 && mss <= 1000);
    fake_host_set(fake, "congestion_control", "carrier-pigeon");
    assert_int_equal(fake_host_run(fake, &error), -ENOTSUP);
}

static void tcp_stream__zerocopy_tells_what_was_copied(void **state) {
    struct fake_host *fake = *state;
    unsigned long long copied, sends;

    fake_host_set(fake, "bytes", "10MB");
    fake_host_set(fake, "zerocopy", "true");
    expect_success(fake);
    assert_int_equal(sscanf(fake_host_fact(fake, "sends_copied"), "%llu of %llu", &copied, &sends), 2);
    /* Loopback always copies: the data would otherwise change under its reader. */
    assert_int_equal(copied, sends);
    assert_true(sends > 0);
}

static void tcp_stream__pacing(void **state) {
    struct fake_host *fake = *state;

    fake_host_set(fake, "bytes", "4MB");
    fake_host_set(fake, "pacing_rate", "100Mbit/s");
    expect_success(fake);
    /* 4 MB at this rate take 320 ms; the first burst is not held back. */
    assert_true(fake_host_value(fake, "goodput") < 150e6);
}

/* With both sides full of messages in flight, one that waits for the other would be a deadlock. */
static void tcp_request__burst_of_large_messages(void **state) {
    struct fake_host *fake = *state;

    fake_host_set(fake, "mode", "request-response");
    fake_host_set(fake, "request_size", "8MiB");
    fake_host_set(fake, "response_size", "16MiB");
    fake_host_set(fake, "send_buffer", "64KiB");
    fake_host_set(fake, "receive_buffer", "64KiB");
    fake_host_set(fake, "burst", "4");
    fake_host_set(fake, "count", "6");
    expect_success(fake);
    assert_int_equal(count_round_trips(fake), 6);
    assert_true(fabs(fake_host_value(fake, "throughput_received") / fake_host_value(fake, "throughput_sent") -
                     2) < 1e-9);
}

static void tcp_request__burst_and_busy_poll(void **state) {
    struct fake_host *fake = *state;

    fake_host_set(fake, "mode", "request-response");
    fake_host_set(fake, "count", "2000");
    fake_host_set(fake, "burst", "64");
    expect_success(fake);
    assert_int_equal(count_round_trips(fake), 2000);
    fake_host_set(fake, "count", "100");
    fake_host_set(fake, "burst", "1");
    fake_host_set(fake, "busy_poll", "true");
    expect_success(fake);
    assert_int_equal(count_round_trips(fake), 100);
}

static void tcp_request__rate_and_warmup(void **state) {
    struct fake_host *fake = *state;
    char expected[32];
    size_t n;

    fake_host_set(fake, "mode", "request-response");
    fake_host_set(fake, "seconds", "300ms");
    fake_host_set(fake, "warmup", "100ms");
    fake_host_set(fake, "transaction_rate", "100");
    expect_success(fake);
    n = count_round_trips(fake);
    /* 30 are due after the warm-up; on a busy machine some of them may not have begun. */
    assert_true(n >= 1 && n <= 30);
    (void)snprintf(expected, sizeof(expected), "%zu of 30", 30 - n);
    assert_string_equal(fake_host_fact(fake, "transactions_not_begun"), expected);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(tcp_stream__seconds, start, loopback_end),
        cmocka_unit_test_setup_teardown(tcp_stream__bytes_every_direction, start, loopback_end),
        cmocka_unit_test_setup_teardown(tcp_stream__over_ipv6, start, loopback_end),
        cmocka_unit_test_setup_teardown(tcp_request__every_size, start, loopback_end),
        cmocka_unit_test_setup_teardown(tcp_request__seconds_over_ipv6, start, loopback_end),
        cmocka_unit_test_setup_teardown(tcp_stream__intervals_and_warmup, start, loopback_end),
        cmocka_unit_test_setup_teardown(tcp_stream__options_reach_the_sockets, start, loopback_end),
        cmocka_unit_test_setup_teardown(tcp_stream__zerocopy_tells_what_was_copied, start, loopback_end),
        cmocka_unit_test_setup_teardown(tcp_stream__pacing, start, loopback_end),
        cmocka_unit_test_setup_teardown(tcp_request__burst_of_large_messages, start, loopback_end),
        cmocka_unit_test_setup_teardown(tcp_request__burst_and_busy_poll, start, loopback_end),
        cmocka_unit_test_setup_teardown(tcp_request__rate_and_warmup, start, loopback_end),
        cmocka_unit_test_setup_teardown(tcp__placed_on_a_processor, start, loopback_end),
        cmocka_unit_test_setup_teardown(tcp__stopped, start, loopback_end),
        cmocka_unit_test_setup_teardown(tcp__estimate, start, loopback_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
