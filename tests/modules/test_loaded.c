/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The loaded module, both halves, over loopback. The C library's send and recv stand here before its own, so
 * that the peer can do wrong. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "modules/loopback.h"

#define EXPORT __attribute__((visibility("default")))
#define MESSAGE 777 /* bytes that nothing else sends in one call */

static struct {
    pid_t client;
    bool other_answer; /* the peer answers with other bytes than it was sent */
    bool less_read;    /* the peer counts a byte less than it was sent */
} script;

EXPORT ssize_t fake_send(int fd, const void *bytes, size_t length, int flags) __asm__("send");
EXPORT ssize_t fake_recv(int fd, void *bytes, size_t length, int flags) __asm__("recv");

ssize_t fake_send(int fd, const void *bytes, size_t length, int flags) {
    char other[MESSAGE];

    if (script.other_answer && length == MESSAGE && getpid() != script.client) {
        memcpy(other, bytes, length);
        other[0] ^= 1;
        bytes = other;
    }
    return syscall(SYS_sendto, fd, bytes, length, flags, NULL, 0);
}

ssize_t fake_recv(int fd, void *bytes, size_t length, int flags) {
    ssize_t n = syscall(SYS_recvfrom, fd, bytes, length, flags, NULL, NULL);

    if (script.less_read && length == 128 << 10 && n > 1 && getpid() != script.client) {
        script.less_read = false;
        return n - 1;
    }
    return n;
}

static int start(void **state) {
    int status = loopback_start(state, "loaded");
    struct fake_host *fake = *state;

    memset(&script, 0, sizeof(script));
    script.client = getpid();
    fake_host_set(fake, "seconds", "300ms");
    fake_host_set(fake, "idle", "100ms");
    fake_host_set(fake, "warmup", "20ms");
    fake_host_set(fake, "message_size", "777");
    return status;
}

/* The figures agree with each other: what is added is the difference of the two distributions. */
static void expect_figures(const struct fake_host *fake) {
    const struct fake_metric *loaded = fake_host_metric(fake, "latency_loaded");
    const struct fake_metric *idle = fake_host_metric(fake, "latency_idle");
    struct stats_distribution with, without;

    assert_non_null(loaded);
    assert_non_null(idle);
    with = fake_host_distribution(loaded);
    without = fake_host_distribution(idle);
    expect_first(fake, "latency_loaded");
    assert_true(without.quantiles[0] > 0 && with.quantiles[0] > 0);
    assert_true(fabs(fake_host_value(fake, "added_p50") - (with.quantiles[1] - without.quantiles[1])) <
                1e-12);
    assert_true(fabs(fake_host_value(fake, "added_p99") - (with.quantiles[3] - without.quantiles[3])) <
                1e-12);
    assert_true(fake_host_value(fake, "stream_rate") > 0);
    assert_non_null(fake_host_fact(fake, "queue"));
    assert_non_null(fake_host_fact(fake, "congestion_control"));
}

static void loaded__every_direction(void **state) {
    static const char *const directions[] = {"send", "receive", "both"};
    struct fake_host *fake = *state;

    for (size_t i = 0; i < VMS_LENGTH(directions); i++) {
        fake_host_set(fake, "direction", directions[i]);
        fake_host_set(fake, "streams", i == 1 ? "3" : "1");
        expect_success(fake);
        expect_figures(fake);
    }
}

static void loaded__over_ipv6(void **state) {
    loopback_use_ipv6(*state);
    expect_success(*state);
    expect_figures(*state);
}

/* A request each 10 ms: no more than fit into the time. */
static void loaded__requests_keep_their_interval(void **state) {
    struct fake_host *fake = *state;

    fake_host_set(fake, "interval", "10ms");
    expect_success(fake);
    assert_true(fake_host_metric(fake, "latency_idle")->n >= 1 &&
                fake_host_metric(fake, "latency_idle")->n <= 10);
    assert_true(fake_host_metric(fake, "latency_loaded")->n >= 1 &&
                fake_host_metric(fake, "latency_loaded")->n <= 32);
}

static void loaded__answers_of_other_requests_are_refused(void **state) {
    script.other_answer = true;
    expect_failure(*state, -EIO, "a response does not belong to its request");
}

static void loaded__what_was_not_received_is_no_rate(void **state) {
    script.less_read = true;
    expect_failure(*state, -EIO, " bytes were sent, but ");
}

static void loaded__congestion_control(void **state) {
    struct fake_host *fake = *state;

    fake_host_set(fake, "congestion_control", "reno");
    expect_success(fake);
    assert_string_equal(fake_host_fact(fake, "congestion_control"), "reno");
    fake_host_set(fake, "congestion_control", "carrier-pigeon");
    expect_failure(fake, -ENOTSUP, "congestion control \"carrier-pigeon\" cannot be used here");
}

static void loaded__stopped(void **state) {
    loopback_expect_stopped(*state);
}

static void loaded__refuses_bad_processors(void **state) {
    struct fake_host *fake = *state;
    struct vms_error error = {""};

    fake_host_set(fake, "cpus", "1-");
    assert_int_equal(fake->module->validate(fake->values, &error), -EINVAL);
    fake_host_set(fake, "cpus", "");
    fake_host_set(fake, "peer_cpus", "x");
    assert_int_equal(fake->module->validate(fake->values, &error), -EINVAL);
}

static void loaded__estimate(void **state) {
    struct fake_host *fake = *state;
    struct vms_estimate estimate = {0};

    fake_host_set(fake, "seconds", "5");
    fake_host_set(fake, "idle", "2");
    fake_host_set(fake, "warmup", "1");
    fake_host_set(fake, "direction", "both");
    fake->module->estimate(fake->values, &estimate);
    assert_true(fabs(estimate.seconds - 8) < 1e-9);
    assert_int_equal(estimate.traffic, 2 * 6 * 125000000LL);
}

#define LOADED_TEST(function) cmocka_unit_test_setup_teardown(function, start, loopback_end)

int main(void) {
    const struct CMUnitTest tests[] = {
        LOADED_TEST(loaded__every_direction),
        LOADED_TEST(loaded__over_ipv6),
        LOADED_TEST(loaded__requests_keep_their_interval),
        LOADED_TEST(loaded__answers_of_other_requests_are_refused),
        LOADED_TEST(loaded__what_was_not_received_is_no_rate),
        LOADED_TEST(loaded__congestion_control),
        LOADED_TEST(loaded__stopped),
        LOADED_TEST(loaded__refuses_bad_processors),
        LOADED_TEST(loaded__estimate),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
