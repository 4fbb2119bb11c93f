/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A two-sided module over loopback: what the tests of tcp and udp have in common. To be included behind
 * cmocka.h. */
#ifndef VMSUITE_TESTS_MODULES_LOOPBACK_H
#define VMSUITE_TESTS_MODULES_LOOPBACK_H

#include "module/param.h"
#include "modules/expect.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>

/* A set-up and a tear-down of cmocka: the state is a struct fake_host. */
static inline int loopback_start(void **state, const char *module) {
    struct fake_host *fake = malloc(sizeof(*fake));

    assert_non_null(fake);
    fake_host_init(fake, module);
    *state = fake;
    return 0;
}

static inline int loopback_end(void **state) {
    fake_host_done(*state);
    free(*state);
    return 0;
}

/* The test is skipped where there is no IPv6, as in many a container. */
static inline void loopback_use_ipv6(struct fake_host *fake) {
    struct sockaddr_in6 loopback = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    int fd = socket(AF_INET6, SOCK_STREAM, 0);
    bool is_there = fd >= 0 && bind(fd, (const struct sockaddr *)&loopback, sizeof(loopback)) == 0;

    if (fd >= 0)
        (void)close(fd);
    if (!is_there)
        skip();
    memcpy(&fake->host.peer, &loopback, sizeof(loopback));
    memcpy(&fake->host.address, &loopback, sizeof(loopback));
}

/* Transactions of `size` bytes each way: their rate, and what it moves in bits. */
static inline void loopback_expect_transactions(const struct fake_host *fake) {
    double rate = fake_host_value(fake, "transactions");
    double size = (double)fake->values[param_find(fake->module, "message_size")].bytes;

    assert_true(rate > 0);
    expect_near(fake_host_value(fake, "throughput"), 16 * size * rate);
    expect_near(fake_host_value(fake, "throughput_sent"), 8 * size * rate);
    expect_near(fake_host_value(fake, "throughput_received"), 8 * size * rate);
    expect_first(fake, "transactions");
}

static inline void loopback_expect_seconds_over_ipv6(struct fake_host *fake) {
    loopback_use_ipv6(fake);
    fake_host_set(fake, "mode", "request-response");
    fake_host_set(fake, "seconds", "100ms");
    expect_success(fake);
    assert_true(fake_host_value(fake, "transactions") > 0);
}

static inline void loopback_expect_stopped(struct fake_host *fake) {
    fake->stop = true;
    expect_failure(fake, -ECANCELED, "");
}

#endif
