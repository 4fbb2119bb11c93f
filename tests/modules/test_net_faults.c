/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tcp and udp modules where the network, the peer or a stranger misbehaves. */
#include "fakes/fake_host.h"
#include "fakes/relay.h"
#include "shared/net/message.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define HELLO_SIZE 32 /* bytes of the datagram that opens the data path: number, cookie, time */
#define STRANGERS 24  /* more than the peer holds unidentified connections */

/* A trial with something between the two halves. The fake host is first: it is the host's context. */
struct case_state {
    struct fake_host fake;
    ssize_t (*get)(void *context, void *buffer, size_t capacity, uint64_t deadline);
    int (*put)(void *context, const void *message, size_t length, uint64_t deadline);
    struct relay *relay; /* NULL: none */
    int strangers[STRANGERS];
    size_t n_strangers;
    void (*intrude)(struct case_state *state, uint16_t port); /* NULL: nobody */
    pid_t test;                                               /* the client's half runs in it */
    bool peer_dies, other_version;
};

/* The peer's port, when it is told, becomes the relay's. */
static ssize_t get_and_divert(void *context, void *buffer, size_t capacity, uint64_t deadline) {
    struct case_state *state = context;
    ssize_t n = state->get(context, buffer, capacity, deadline);
    struct vms_error error;
    uint64_t port;

    if (n < 0 || getpid() != state->test ||
        net_message_decode(NET_READY, buffer, (size_t)n, &port, 1, &error) != 1)
        return n;
    if (state->intrude)
        state->intrude(state, (uint16_t)port);
    if (state->other_version)
        ((uint8_t *)buffer)[5]++;
    if (state->relay) {
        relay_connect(state->relay, (uint16_t)port);
        port = state->relay->port;
        n = (ssize_t)net_message_encode(NET_READY, &port, 1, buffer);
    }
    return n;
}

/* The peer dies when the work begins. */
static int put_and_die(void *context, const void *message, size_t length, uint64_t deadline) {
    struct case_state *state = context;
    int status = state->put(context, message, length, deadline);
    struct vms_error error;

    if (state->peer_dies && getpid() != state->test &&
        net_message_decode(NET_BEGIN, message, length, NULL, 0, &error) == 0)
        _exit(1);
    return status;
}

static struct case_state *new_case(const char *module) {
    struct case_state *state = calloc(1, sizeof(*state));

    fake_host_init(&state->fake, module);
    state->get = state->fake.host.get;
    state->put = state->fake.host.put;
    state->fake.host.get = get_and_divert;
    state->fake.host.put = put_and_die;
    state->test = getpid();
    return state;
}

static int start_tcp(void **state) {
    *state = new_case("tcp");
    return 0;
}

static int start_udp(void **state) {
    *state = new_case("udp");
    return 0;
}

static int end(void **state) {
    struct case_state *done = *state;

    for (size_t i = 0; i < done->n_strangers; i++)
        (void)close(done->strangers[i]);
    fake_host_done(&done->fake);
    free(done);
    return 0;
}

static void set(struct case_state *state, const char *parameter, const char *text) {
    fake_host_set(&state->fake, parameter, text);
}

static double value(struct case_state *state, const char *metric) {
    return fake_host_value(&state->fake, metric);
}

static void run_ok(struct case_state *state) {
    struct vms_error error = {""};

    if (fake_host_run(&state->fake, &error) < 0)
        fail_msg("%s", error.text);
}

/* ---- a network that loses, doubles and reorders ---- */

static void run_stream_through_relay(struct case_state *state, const char *direction) {
    static struct relay relay;
    struct relay_way *way = strcmp(direction, "send") == 0 ? &relay.there : &relay.back;

    relay_start(&relay, 400);
    way->plan = (struct relay_plan){.drop_every = 7, .swap_every = 13, .duplicate_every = 11};
    state->relay = &relay;
    set(state, "direction", direction);
    set(state, "datagram_size", "400");
    set(state, "bytes", "400000");
    set(state, "rate", "12Mbit/s");
    set(state, "receive_buffer", "2MB"); /* a receiver that sleeps for a while loses nothing */
    run_ok(state);
    relay_end(&relay);
    assert_int_equal(way->seen, 1000);
    assert_int_equal(way->dropped, 142);
    assert_true(way->swapped > 50);
    assert_true(way->duplicated > 50);
    assert_true(value(state, "lost") == way->dropped);
    assert_true(value(state, "loss") == way->dropped / 1000.0);
    assert_true(value(state, "duplicates") == way->duplicated);
    assert_true(value(state, "reordered") == way->swapped);
    assert_true(value(state, "lost_in_network") == way->dropped);
    assert_true(value(state, "lost_in_receiver") == 0);
    assert_true(value(state, "lost_in_sender") == 0);
}

static void udp_stream__faults_to_the_peer_are_counted(void **state) {
    run_stream_through_relay(*state, "send");
}

static void udp_stream__faults_from_the_peer_are_counted(void **state) {
    run_stream_through_relay(*state, "receive");
}

static void udp_request__lost_ones_time_out(void **state) {
    static const char *const bursts[] = {"1", "8"};
    static struct relay relay;
    struct case_state *now = *state;

    set(now, "mode", "request-response");
    set(now, "message_size", "100");
    set(now, "count", "100");
    set(now, "timeout", "250ms");
    for (size_t i = 0; i < VMS_LENGTH(bursts); i++) {
        relay_start(&relay, 100);
        relay.there.plan.drop_every = 20;
        relay.back.plan = (struct relay_plan){.drop_every = 19, .duplicate_every = 5};
        now->relay = &relay;
        set(now, "burst", bursts[i]);
        run_ok(now);
        relay_end(&relay);
        assert_int_equal(relay.there.seen, 100);
        assert_int_equal(relay.there.dropped, 5);
        assert_int_equal(relay.back.dropped, 5);
        assert_true(value(now, "lost") == 10);
        assert_true(value(now, "loss") == 0.1);
    }
}

/* A delay of the network is in the latency of each transaction that it held up. */
static void udp_request__delays_are_seen(void **state) {
    static const unsigned every[] = {1, 10};
    static struct relay relay;
    struct case_state *now = *state;

    set(now, "mode", "request-response");
    set(now, "message_size", "100");
    set(now, "count", "50");
    for (size_t i = 0; i < VMS_LENGTH(every); i++) {
        const struct fake_metric *latency;

        relay_start(&relay, 100);
        relay.back.plan = (struct relay_plan){.delay_every = every[i], .delay_us = 20000};
        now->relay = &relay;
        run_ok(now);
        relay_end(&relay);
        assert_int_equal(relay.back.delayed, 50 / every[i]);
        latency = fake_host_metric(&now->fake, "round_trip_time");
        assert_int_equal(latency->n, 50);
        assert_true(fake_host_distribution(latency).mean >= 0.02 / every[i]);
        assert_true(fake_host_distribution(latency).quantiles[every[i] == 1 ? 0 : STATS_QUANTILES - 1] >=
                    0.02);
        assert_true(value(now, "lost") == 0);
    }
}

static void udp_stream__drops_of_the_socket_are_told_apart(void **state) {
    struct case_state *now = *state;

    set(now, "offload", "false");
    set(now, "seconds", "200ms");
    set(now, "datagram_size", "1400");
    set(now, "receive_buffer", "4096");
    set(now, "cpus", "0");
    set(now, "peer_cpus", "0");
    run_ok(now);
    assert_true(value(now, "lost_in_receiver") > 0);
    /* Loopback itself loses nothing. */
    assert_true(value(now, "lost_in_network") == 0);
    assert_true(value(now, "lost") == value(now, "lost_in_sender") + value(now, "lost_in_receiver"));
}

/* ---- strangers ---- */

static void make_address(struct sockaddr_in *address, uint32_t host, uint16_t port) {
    *address =
        (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(host)};
}

/* A socket of a stranger at `from`, connected to the data port. */
static int stranger(struct case_state *state, int type, uint32_t from, uint16_t port) {
    struct sockaddr_in own, other;
    int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);

    make_address(&own, from, 0);
    make_address(&other, INADDR_LOOPBACK, port);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&own, sizeof(own)), 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&other, sizeof(other)), 0);
    state->strangers[state->n_strangers++] = fd;
    return fd;
}

static void say(int fd, const void *bytes, size_t size) {
    assert_int_equal(send(fd, bytes, size, MSG_NOSIGNAL), size);
}

static void intrude_tcp(struct case_state *state, uint16_t port) {
    uint8_t hello[VMS_COOKIE_SIZE + 2] = {0};

    say(stranger(state, SOCK_STREAM, INADDR_LOOPBACK, port), hello, sizeof(hello));
    memcpy(hello, state->fake.host.cookie, VMS_COOKIE_SIZE);
    hello[VMS_COOKIE_SIZE] = 0xff; /* a connection that the case does not have */
    say(stranger(state, SOCK_STREAM, INADDR_LOOPBACK, port), hello, sizeof(hello));
    hello[0] ^= 1;
    hello[VMS_COOKIE_SIZE] = 0;
    say(stranger(state, SOCK_STREAM, INADDR_LOOPBACK, port), hello, sizeof(hello));
    while (state->n_strangers < STRANGERS) /* they say nothing, or not enough */
        say(stranger(state, SOCK_STREAM, INADDR_LOOPBACK, port), hello, state->n_strangers % 3);
}

static void tcp__strangers_are_closed(void **state) {
    struct case_state *now = *state;
    char byte;

    now->intrude = intrude_tcp;
    set(now, "bytes", "1MB");
    set(now, "streams", "2");
    run_ok(now);
    assert_true(value(now, "goodput") > 0);
    assert_int_equal(now->n_strangers, STRANGERS);
    for (size_t i = 0; i < STRANGERS; i++)
        assert_true(recv(now->strangers[i], &byte, 1, MSG_DONTWAIT) == 0 || errno == ECONNRESET);
}

static void intrude_udp(struct case_state *state, uint16_t port) {
    uint8_t hello[HELLO_SIZE + 1] = {0};

    memset(hello, 0xff, 8);
    say(stranger(state, SOCK_DGRAM, INADDR_LOOPBACK, port), hello, HELLO_SIZE); /* no cookie */
    memcpy(hello + 8, state->fake.host.cookie, VMS_COOKIE_SIZE);
    say(stranger(state, SOCK_DGRAM, INADDR_LOOPBACK + 1, port), hello, HELLO_SIZE); /* other address */
    say(stranger(state, SOCK_DGRAM, INADDR_LOOPBACK, port), hello, HELLO_SIZE + 1);
    say(stranger(state, SOCK_DGRAM, INADDR_LOOPBACK, port), hello, HELLO_SIZE - 1);
    hello[8] ^= 1;
    say(stranger(state, SOCK_DGRAM, INADDR_LOOPBACK, port), hello, HELLO_SIZE); /* wrong cookie */
    say(stranger(state, SOCK_DGRAM, INADDR_LOOPBACK, port), hello, 1);
    say(stranger(state, SOCK_DGRAM, INADDR_LOOPBACK, port), hello, 0);
}

static void udp__strangers_are_not_answered(void **state) {
    struct case_state *now = *state;
    char byte;

    now->intrude = intrude_udp;
    set(now, "mode", "request-response");
    set(now, "count", "100");
    run_ok(now);
    assert_true(value(now, "lost") == 0);
    assert_int_equal(now->n_strangers, 7);
    for (size_t i = 0; i < now->n_strangers; i++) {
        assert_int_equal(recv(now->strangers[i], &byte, 1, MSG_DONTWAIT), -1);
        assert_true(errno == EAGAIN || errno == ECONNREFUSED);
    }
}

static void udp_stream__forged_datagrams_do_not_count(void **state) {
    static struct relay relay;
    struct case_state *now = *state;

    relay_start(&relay, 64);
    relay.there.plan.forge_every = 3;
    now->relay = &relay;
    set(now, "datagram_size", "64");
    set(now, "bytes", "64000");
    set(now, "rate", "3Mbit/s");
    set(now, "receive_buffer", "2MB");
    run_ok(now);
    relay_end(&relay);
    assert_int_equal(relay.there.seen, 1000);
    assert_int_equal(relay.there.forged, 333);
    assert_true(value(now, "lost") == 0);
    assert_true(value(now, "duplicates") == 0);
    assert_true(value(now, "reordered") == 0);
}

/* ---- a peer that fails ---- */

static void expect_failure(struct case_state *state, const char *mode) {
    struct vms_error error = {""};

    state->peer_dies = true;
    set(state, "mode", mode);
    set(state, "seconds", "5");
    assert_true(fake_host_run(&state->fake, &error) < 0);
    assert_true(strlen(error.text) > 0);
}

static void net__peer_that_dies_is_noticed_in_a_stream(void **state) {
    expect_failure(*state, "stream");
}

static void net__peer_that_dies_is_noticed_between_requests(void **state) {
    expect_failure(*state, "request-response");
}

static void net__other_version_is_refused(void **state) {
    struct case_state *now = *state;
    struct vms_error error = {""};

    now->other_version = true;
    assert_int_equal(fake_host_run(&now->fake, &error), -EPROTO);
    assert_string_equal(error.text, "the other half speaks version 2 of the network modules' protocol, this "
                                    "one 1: use the same vmsuite on both");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(udp_stream__faults_to_the_peer_are_counted, start_udp, end),
        cmocka_unit_test_setup_teardown(udp_stream__faults_from_the_peer_are_counted, start_udp, end),
        cmocka_unit_test_setup_teardown(udp_request__lost_ones_time_out, start_udp, end),
        cmocka_unit_test_setup_teardown(udp_request__delays_are_seen, start_udp, end),
        cmocka_unit_test_setup_teardown(udp_stream__drops_of_the_socket_are_told_apart, start_udp, end),
        cmocka_unit_test_setup_teardown(tcp__strangers_are_closed, start_tcp, end),
        cmocka_unit_test_setup_teardown(udp__strangers_are_not_answered, start_udp, end),
        cmocka_unit_test_setup_teardown(udp_stream__forged_datagrams_do_not_count, start_udp, end),
        cmocka_unit_test_setup_teardown(net__peer_that_dies_is_noticed_in_a_stream, start_tcp, end),
        cmocka_unit_test_setup_teardown(net__peer_that_dies_is_noticed_between_requests, start_tcp, end),
        cmocka_unit_test_setup_teardown(net__peer_that_dies_is_noticed_in_a_stream, start_udp, end),
        cmocka_unit_test_setup_teardown(net__peer_that_dies_is_noticed_between_requests, start_udp, end),
        cmocka_unit_test_setup_teardown(net__other_version_is_refused, start_tcp, end),
        cmocka_unit_test_setup_teardown(net__other_version_is_refused, start_udp, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
