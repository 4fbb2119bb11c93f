/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The udp module, both halves, over loopback. */
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

    fake_host_init(fake, "udp");
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
        run_ok(fake);
        assert_true(fake_host_value(fake, "goodput") > 0);
        assert_true(fake_host_value(fake, "jitter") >= 0);
        assert_true(fake_host_value(fake, "loss") == 0);
        assert_true(fake_host_value(fake, "lost") == 0);
        assert_true(fake_host_value(fake, "duplicates") == 0);
        assert_true(fake_host_value(fake, "reordered") == 0);
        assert_string_equal(fake->module->metrics[fake->trial.metrics[0].metric].name, "goodput");
    }
}

static void udp_stream__as_fast_as_possible(void **state) {
    struct fake_host *fake = *state;
    double loss;

    use_ipv6(fake);
    fake_host_set(fake, "seconds", "100ms");
    fake_host_set(fake, "datagram_size", "64");
    run_ok(fake);
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
        double rate;

        fake_host_set(fake, "message_size", sizes[i]);
        run_ok(fake);
        rate = fake_host_value(fake, "transactions");
        assert_true(rate > 0);

        assert_true(
            fabs(fake_host_value(fake, "throughput") /
                     (16 * (double)fake->values[param_find(fake->module, "message_size")].bytes * rate) -
                 1) < 1e-9);
        assert_true(fake_host_value(fake, "lost") == 0);
        assert_string_equal(fake->module->metrics[fake->trial.metrics[0].metric].name, "transactions");
    }
}

static void udp_request__seconds_over_ipv6(void **state) {
    struct fake_host *fake = *state;

    use_ipv6(fake);
    fake_host_set(fake, "mode", "request-response");
    fake_host_set(fake, "seconds", "100ms");
    run_ok(fake);
    assert_true(fake_host_value(fake, "transactions") > 0);
}

static void udp__stopped(void **state) {
    struct fake_host *fake = *state;
    struct vms_error error = {""};

    fake->stop = true;
    assert_int_equal(fake_host_run(fake, &error), -ECANCELED);
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
        cmocka_unit_test_setup_teardown(udp_stream__rate_every_direction, start, end),
        cmocka_unit_test_setup_teardown(udp_stream__as_fast_as_possible, start, end),
        cmocka_unit_test_setup_teardown(udp_request__every_size, start, end),
        cmocka_unit_test_setup_teardown(udp_request__seconds_over_ipv6, start, end),
        cmocka_unit_test_setup_teardown(udp__stopped, start, end),
        cmocka_unit_test_setup_teardown(udp__estimate, start, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
