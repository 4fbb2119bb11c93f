/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tcp module, both halves, over loopback. */
#include "fakes/fake_host.h"
#include "module/param.h"

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

static const union vms_value *parameter(const struct fake_host *fake, const char *name) {
    return &fake->values[param_find(fake->module, name)];
}

static const struct stats_distribution *distribution(const struct fake_host *fake, const char *metric) {
    for (size_t i = 0; i < fake->trial.n_metrics; i++)
        if (strcmp(fake->module->metrics[fake->trial.metrics[i].metric].name, metric) == 0)
            return &fake->trial.metrics[i].distribution;
    fail_msg("%s was not reported", metric);
    return NULL;
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
        size = (double)parameter(fake, "message_size")->bytes;
        assert_true(rate > 0);
        assert_true(fabs(fake_host_value(fake, "throughput") / (16 * size * rate) - 1) < 1e-9);
        assert_string_equal(fake->module->metrics[fake->trial.metrics[0].metric].name, "transactions");
        assert_int_equal(distribution(fake, "round_trip_time")->n, 3);
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
    static const char *const wrong[] = {
        "1,x", "0,", ",0", "2-1", "0-", "0--1", "0 ", "1024", "99999999999999999999"};
    struct fake_host *fake = *state;
    struct vms_error error = {""};

    fake_host_set(fake, "bytes", "1MB");
    fake_host_set(fake, "cpus", "0");
    fake_host_set(fake, "peer_cpus", "0-0");
    run_ok(fake);
    for (size_t i = 0; i < VMS_LENGTH(wrong); i++) {
        fake_host_set(fake, "cpus", wrong[i]);
        assert_int_equal(fake_host_run(fake, &error), -EINVAL);
        assert_non_null(strstr(error.text, "is not a list of processors: give numbers and ranges such as "));
        assert_non_null(strstr(error.text, wrong[i]));
    }
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

static void tcp_stream__intervals_and_warmup(void **state) {
    struct fake_host *fake = *state;

    fake_host_set(fake, "seconds", "300ms");
    fake_host_set(fake, "warmup", "100ms");
    fake_host_set(fake, "interval", "50ms");
    fake_host_set(fake, "direction", "both");
    run_ok(fake);
    assert_true(fake_host_value(fake, "goodput") > 0);
    assert_true(fake_host_value(fake, "sender_cpu_per_gigabyte") > 0);
    assert_true(fake_host_value(fake, "receiver_cpu_per_gigabyte") > 0);
    assert_true(fake_host_value(fake, "smoothed_rtt") > 0);
    assert_true(fake_host_value(fake, "retransmits") >= 0);
    assert_in_range(distribution(fake, "interval_goodput")->n, 4, 40);
}

static void tcp_stream__options_reach_the_sockets(void **state) {
    struct fake_host *fake = *state;
    struct vms_error error = {""};

    fake_host_set(fake, "bytes", "1MB");
    fake_host_set(fake, "send_buffer", "100000");
    fake_host_set(fake, "receive_buffer", "50000");
    fake_host_set(fake, "congestion_control", "reno");
    fake_host_set(fake, "mss", "1000");
    run_ok(fake);
    /* The kernel doubles them, for its own use: socket(7). */
    assert_string_equal(fake_host_fact(fake, "sender_buffer"), "200000");
    assert_string_equal(fake_host_fact(fake, "receiver_buffer"), "100000");
    assert_string_equal(fake_host_fact(fake, "congestion_control"), "reno");
    assert_in_range(strtol(fake_host_fact(fake, "mss"), NULL, 10), 900, 1000);
    fake_host_set(fake, "congestion_control", "carrier-pigeon");
    assert_int_equal(fake_host_run(fake, &error), -ENOTSUP);
}

static void tcp_stream__zerocopy_tells_what_was_copied(void **state) {
    struct fake_host *fake = *state;
    unsigned long long copied, sends;

    fake_host_set(fake, "bytes", "10MB");
    fake_host_set(fake, "zerocopy", "true");
    run_ok(fake);
    assert_int_equal(sscanf(fake_host_fact(fake, "sends_copied"), "%llu of %llu", &copied, &sends), 2);
    /* Loopback always copies: the data would otherwise change under its reader. */
    assert_int_equal(copied, sends);
    assert_true(sends > 0);
}

static void tcp_stream__pacing(void **state) {
    struct fake_host *fake = *state;

    fake_host_set(fake, "bytes", "4MB");
    fake_host_set(fake, "pacing_rate", "100Mbit/s");
    run_ok(fake);
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
    run_ok(fake);
    assert_int_equal(distribution(fake, "round_trip_time")->n, 6);
    assert_true(fabs(fake_host_value(fake, "throughput_received") / fake_host_value(fake, "throughput_sent") -
                     2) < 1e-9);
}

static void tcp_request__burst_and_busy_poll(void **state) {
    struct fake_host *fake = *state;

    fake_host_set(fake, "mode", "request-response");
    fake_host_set(fake, "count", "2000");
    fake_host_set(fake, "burst", "64");
    run_ok(fake);
    assert_int_equal(distribution(fake, "round_trip_time")->n, 2000);
    fake_host_set(fake, "count", "100");
    fake_host_set(fake, "burst", "1");
    fake_host_set(fake, "busy_poll", "true");
    run_ok(fake);
    assert_int_equal(distribution(fake, "round_trip_time")->n, 100);
}

static void tcp_request__rate_and_warmup(void **state) {
    struct fake_host *fake = *state;
    char expected[32];
    size_t n;

    fake_host_set(fake, "mode", "request-response");
    fake_host_set(fake, "seconds", "300ms");
    fake_host_set(fake, "warmup", "100ms");
    fake_host_set(fake, "transaction_rate", "100");
    run_ok(fake);
    n = distribution(fake, "round_trip_time")->n;
    /* 30 are due after the warm-up; on a busy machine some of them may not have begun. */
    assert_in_range(n, 1, 30);
    (void)snprintf(expected, sizeof(expected), "%zu of 30", 30 - n);
    assert_string_equal(fake_host_fact(fake, "transactions_not_begun"), expected);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(tcp_stream__seconds, start, end),
        cmocka_unit_test_setup_teardown(tcp_stream__bytes_every_direction, start, end),
        cmocka_unit_test_setup_teardown(tcp_stream__over_ipv6, start, end),
        cmocka_unit_test_setup_teardown(tcp_request__every_size, start, end),
        cmocka_unit_test_setup_teardown(tcp_request__seconds_over_ipv6, start, end),
        cmocka_unit_test_setup_teardown(tcp_stream__intervals_and_warmup, start, end),
        cmocka_unit_test_setup_teardown(tcp_stream__options_reach_the_sockets, start, end),
        cmocka_unit_test_setup_teardown(tcp_stream__zerocopy_tells_what_was_copied, start, end),
        cmocka_unit_test_setup_teardown(tcp_stream__pacing, start, end),
        cmocka_unit_test_setup_teardown(tcp_request__burst_of_large_messages, start, end),
        cmocka_unit_test_setup_teardown(tcp_request__burst_and_busy_poll, start, end),
        cmocka_unit_test_setup_teardown(tcp_request__rate_and_warmup, start, end),
        cmocka_unit_test_setup_teardown(tcp__placed_on_a_processor, start, end),
        cmocka_unit_test_setup_teardown(tcp__stopped, start, end),
        cmocka_unit_test_setup_teardown(tcp__estimate, start, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
