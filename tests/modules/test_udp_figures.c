/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The udp module's figures on a scripted clock: time and processor time pass by calls that send or receive
 * datagrams only, in each thread by itself, and what sockets drop is scripted, so that each figure is known
 * exactly. All durations of the peer's half are PEER times those of the client's. */
#include <errno.h>
#include <linux/sock_diag.h>
#include <math.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "modules/loopback.h"

#define EXPORT __attribute__((visibility("default")))

#define PEER 3
#define BASE_NS UINT64_C(1000000000)
#define SEND_NS UINT64_C(1000000) /* of a call, however many datagrams it takes */
#define SEND_CPU_NS 70
#define RECV_NS UINT64_C(500000) /* of a call, which receives one datagram */
#define RECV_CPU_NS 110
#define SIZE 1000
#define BATCH 8

/* What has passed in a thread. */
static _Thread_local struct {
    uint64_t now_ns, cpu_ns;
    unsigned sends, received;
} passed;
static pid_t client;

/* What goes wrong; each half has its own copy. */
static struct {
    unsigned refused[2];   /* numbers of the sendmmsg that are refused (ENOBUFS), from 1 */
    unsigned swallowed[2]; /* numbers of the datagrams that never come, from 1 */
    unsigned drops[3];     /* what the socket says when it is asked for the first, second, third time */
    unsigned n_asked;
    unsigned n_messages; /* of the last sendmmsg */
    int slack_ns;        /* of the timers of the thread that made it */
} script;

EXPORT int fake_sendmmsg(int fd, struct mmsghdr *messages, unsigned n, int flags) __asm__("sendmmsg");
EXPORT int fake_recvmmsg(int fd, struct mmsghdr *messages, unsigned n, int flags,
                         struct timespec *timeout) __asm__("recvmmsg");
EXPORT int fake_clock_gettime(clockid_t clock, struct timespec *ret) __asm__("clock_gettime");
EXPORT int fake_getsockopt(int fd, int level, int name, void *value, socklen_t *size) __asm__("getsockopt");
EXPORT int fake_ppoll(struct pollfd *fds, nfds_t n, const struct timespec *limit,
                      const sigset_t *mask) __asm__("ppoll");

static unsigned side(void) {
    return getpid() == client ? 1 : PEER;
}

static uint64_t scripted_now(void *context) {
    (void)context;
    return BASE_NS + passed.now_ns;
}

static void pass(uint64_t ns, uint64_t cpu_ns) {
    passed.now_ns += side() * ns;
    passed.cpu_ns += side() * cpu_ns;
}

int fake_clock_gettime(clockid_t clock, struct timespec *ret) {
    if (clock != CLOCK_THREAD_CPUTIME_ID)
        return (int)syscall(SYS_clock_gettime, clock, ret);
    *ret = (struct timespec){.tv_sec = 5, .tv_nsec = (long)passed.cpu_ns};
    return 0;
}

/* To sleep until a point of time is to be there at once. */
int fake_ppoll(struct pollfd *fds, nfds_t n, const struct timespec *limit, const sigset_t *mask) {
    if (n > 0)
        return (int)syscall(SYS_ppoll, fds, n, limit, mask, sizeof(long));
    passed.now_ns += (uint64_t)limit->tv_nsec;
    return 0;
}

static bool is_one_of(unsigned number, const unsigned numbers[2]) {
    return number == numbers[0] || number == numbers[1];
}

int fake_sendmmsg(int fd, struct mmsghdr *messages, unsigned n, int flags) {
    int sent;

    passed.sends++;
    script.n_messages = n;
    script.slack_ns = prctl(PR_GET_TIMERSLACK, 0UL, 0UL, 0UL, 0UL);
    if (is_one_of(passed.sends, script.refused)) {
        pass(SEND_NS, SEND_CPU_NS);
        errno = ENOBUFS;
        return -1;
    }
    sent = (int)syscall(SYS_sendmmsg, fd, messages, n, flags);
    if (sent > 0)
        pass(SEND_NS, SEND_CPU_NS);
    return sent;
}

/* One message at a time; what is no data (a late hello) takes no time. */
int fake_recvmmsg(int fd, struct mmsghdr *messages, unsigned n, int flags, struct timespec *timeout) {
    for (;;) {
        int got = (int)syscall(SYS_recvmmsg, fd, messages, n > 0 ? 1 : 0, flags, timeout);

        if (got <= 0 || messages[0].msg_len < SIZE)
            return got;
        if (is_one_of(++passed.received, script.swallowed))
            continue;
        pass(RECV_NS, RECV_CPU_NS);
        return got;
    }
}

int fake_getsockopt(int fd, int level, int name, void *value, socklen_t *size) {
    uint32_t *values = value;

    if (level != SOL_SOCKET || name != SO_MEMINFO)
        return (int)syscall(SYS_getsockopt, fd, level, name, value, size);
    memset(values, 0, *size);
    values[SK_MEMINFO_DROPS] = script.drops[script.n_asked < 2 ? script.n_asked : 2];
    script.n_asked++;
    return 0;
}

static int start(void **state) {
    int status = loopback_start(state, "udp");
    struct fake_host *fake = *state;

    fake->host.now = scripted_now;
    client = getpid();
    memset(&script, 0, sizeof(script));
    fake_host_set(fake, "datagram_size", "1000");
    fake_host_set(fake, "batch", "8");
    fake_host_set(fake, "offload", "false");
    fake_host_set(fake, "rate", "0");
    fake_host_set(fake, "interval", "0");
    fake_host_set(fake, "bytes", "40000");
    return status;
}

/* RFC 3550's jitter of 40 datagrams that arrive evenly and are stamped eight at a time. */
static double expected_jitter(unsigned sender, unsigned receiver) {
    double jitter_ns = 0;

    for (unsigned i = 1; i < 40; i++) {
        double apart_ns = receiver * (double)RECV_NS;

        if (i % BATCH == 0)
            apart_ns -= sender * (double)SEND_NS;
        jitter_ns += (fabs(apart_ns) - jitter_ns) / 16;
    }
    return 1e-9 * jitter_ns;
}

/* 40 datagrams in 5 calls; the first arrival begins the receiver's time, and is no part of its rate. */
static void stream__of_each_direction(void **state) {
    static const struct {
        const char *direction;
        unsigned sender, receiver;
    } rows[] = {{"send", 1, PEER}, {"receive", PEER, 1}};

    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        struct fake_host *fake = *state;

        fake_host_set(fake, "direction", rows[i].direction);
        fake_host_set(fake, "send_buffer", "100000");
        fake_host_set(fake, "receive_buffer", "50000");
        script.n_asked = 0;
        expect_success(fake);
        expect_near(fake_host_value(fake, "goodput"), 8e9 * SIZE / (double)(rows[i].receiver * RECV_NS));
        expect_near(fake_host_value(fake, "packets"), 1e9 / (double)(rows[i].receiver * RECV_NS));
        expect_near(fake_host_value(fake, "sender_rate"),
                    8e9 * SIZE * BATCH / (double)(rows[i].sender * SEND_NS));
        expect_near(fake_host_value(fake, "sender_cpu_per_gigabyte"),
                    5 * SEND_CPU_NS * rows[i].sender / (40.0 * SIZE));
        expect_near(fake_host_value(fake, "receiver_cpu_per_gigabyte"),
                    39 * RECV_CPU_NS * rows[i].receiver / (40.0 * SIZE));
        expect_near(fake_host_value(fake, "jitter"), expected_jitter(rows[i].sender, rows[i].receiver));
        assert_true(fake_host_value(fake, "lost") == 0);
        assert_true(fake_host_value(fake, "loss") == 0);
        assert_string_equal(fake_host_fact(fake, "receiver_offload"), "none");
        /* The kernel doubles them, for its own use: socket(7). */
        assert_string_equal(fake_host_fact(fake, "sender_buffer"), "200000");
        assert_string_equal(fake_host_fact(fake, "receiver_buffer"), "100000");
    }
}

static void stream__of_both_directions(void **state) {
    struct fake_host *fake = *state;

    fake_host_set(fake, "direction", "both");
    expect_success(fake);
    expect_near(fake_host_value(fake, "goodput"), 8e9 * SIZE / (double)RECV_NS * (1 + 1.0 / PEER));
    expect_near(fake_host_value(fake, "packets"), 1e9 / (double)RECV_NS * (1 + 1.0 / PEER));
    expect_near(fake_host_value(fake, "sender_rate"),
                8e9 * SIZE * BATCH / (double)SEND_NS * (1 + 1.0 / PEER));
    expect_near(fake_host_value(fake, "sender_cpu_per_gigabyte"),
                5 * SEND_CPU_NS * (1 + PEER) / (80.0 * SIZE));
    expect_near(fake_host_value(fake, "receiver_cpu_per_gigabyte"),
                39 * RECV_CPU_NS * (1 + PEER) / (80.0 * SIZE));
    /* The worse one. */
    expect_near(fake_host_value(fake, "jitter"), fmax(expected_jitter(1, PEER), expected_jitter(PEER, 1)));
}

/* 3 calls warm up, 4 count: 32 datagrams. */
static void stream__warm_up_and_time(void **state) {
    struct fake_host *fake = *state;

    fake_host_set(fake, "bytes", "0");
    fake_host_set(fake, "warmup", "3ms");
    fake_host_set(fake, "seconds", "4ms");
    expect_success(fake);
    assert_int_equal(script.slack_ns, 1); /* the least that there is */
    expect_near(fake_host_value(fake, "sender_rate"), 8e9 * SIZE * BATCH / (double)SEND_NS);
    expect_near(fake_host_value(fake, "sender_cpu_per_gigabyte"), 4 * SEND_CPU_NS / (32.0 * SIZE));
    expect_near(fake_host_value(fake, "receiver_cpu_per_gigabyte"), 31 * RECV_CPU_NS * PEER / (32.0 * SIZE));
    expect_near(fake_host_value(fake, "goodput"), 8e9 * SIZE / (double)(PEER * RECV_NS));
    assert_true(fake_host_value(fake, "lost") == 0);
}

/* Eight datagrams of a call go as eight messages, or joined as one where the kernel can and it is wanted. */
static void stream__joined_and_not(void **state) {
    struct fake_host *fake = *state;

    expect_success(fake);
    assert_int_equal(script.n_messages, BATCH);
    assert_string_equal(fake_host_fact(fake, "sender_joined"), "1");
    assert_string_equal(fake_host_fact(fake, "sender_offload"), "none");
    fake_host_set(fake, "offload", "true");
    script.n_asked = 0;
    expect_success(fake);
    if (strcmp(fake_host_fact(fake, "sender_offload"), "UDP_SEGMENT") == 0) {
        assert_int_equal(script.n_messages, 1);
        assert_string_equal(fake_host_fact(fake, "sender_joined"), "8");
    } else {
        assert_int_equal(strncmp(fake_host_fact(fake, "sender_offload"), "none: ", 6), 0);
    }
}

/* One datagram each 2 ms: the tenth is due 18 ms after the first, a nanosecond later it is sent. */
static void stream__of_a_rate(void **state) {
    struct fake_host *fake = *state;

    fake_host_set(fake, "rate", "4Mbit/s");
    fake_host_set(fake, "batch", "1");
    fake_host_set(fake, "bytes", "10000");
    expect_success(fake);
    expect_near(fake_host_value(fake, "sender_rate"), 8e9 * SIZE * 10 / (9 * 2e6 + 1 + (double)SEND_NS));
}

/* Arrivals 1.5 ms apart in intervals of 5 ms, of which 11 are whole. */
static void stream__intervals(void **state) {
    struct fake_host *fake = *state;
    const struct fake_metric *metric;
    double sum = 0;

    fake_host_set(fake, "interval", "5ms");
    expect_success(fake);
    metric = fake_host_metric(fake, "interval_goodput");
    assert_non_null(metric);
    assert_int_equal(metric->n, 11);
    for (unsigned i = 0; i < 40; i++)
        sum += i * 1.5 < 55;
    expect_near(fake_host_distribution(metric).quantiles[0], 3 * 8e3 / 5e-3);
    expect_near(fake_host_distribution(metric).quantiles[STATS_QUANTILES - 1], 4 * 8e3 / 5e-3);
    expect_near(fake_host_distribution(metric).mean, sum / 11 * 8e3 / 5e-3);
}

/* Where two that never came were lost: the socket counts one of them, after 5 that it had dropped before. */
static void loss__by_place(void **state) {
    static const struct {
        unsigned drops; /* in the trial */
        double in_receiver, in_network;
    } rows[] = {{0, 0, 2}, {1, 1, 1}, {2, 2, 0}};

    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        struct fake_host *fake = *state;

        script.swallowed[0] = 10;
        script.swallowed[1] = 20;
        script.drops[0] = 5;
        script.drops[1] = script.drops[2] = 5 + rows[i].drops;
        script.n_asked = 0;
        expect_success(fake);
        assert_true(fake_host_value(fake, "lost") == 2);
        expect_near(fake_host_value(fake, "loss"), 2.0 / 40);
        assert_true(fake_host_value(fake, "lost_in_sender") == 0);
        assert_true(fake_host_value(fake, "lost_in_receiver") == rows[i].in_receiver);
        assert_true(fake_host_value(fake, "lost_in_network") == rows[i].in_network);
    }
}

/* Those of both directions are added up: each half misses two, of which its socket counts one. */
static void loss__of_both_directions(void **state) {
    struct fake_host *fake = *state;

    fake_host_set(fake, "direction", "both");
    script.swallowed[0] = 10;
    script.swallowed[1] = 20;
    script.drops[1] = script.drops[2] = 1;
    expect_success(fake);
    assert_true(fake_host_value(fake, "lost") == 4);
    expect_near(fake_host_value(fake, "loss"), 4.0 / 80);
    assert_true(fake_host_value(fake, "lost_in_sender") == 0);
    assert_true(fake_host_value(fake, "lost_in_receiver") == 2);
    assert_true(fake_host_value(fake, "lost_in_network") == 2);
}

/* A socket counts several that are joined as one: how many it dropped is unknown then, and so is the rest. */
static void loss__of_joined_ones_has_no_place(void **state) {
    struct fake_host *fake = *state;
    unsigned joined;

    fake_host_set(fake, "offload", "true");
    script.drops[1] = script.drops[2] = 1;
    expect_success(fake);
    joined = (unsigned)strtoul(fake_host_fact(fake, "receiver_joined"), NULL, 10);
    if (joined > 1) {
        assert_null(fake_host_metric(fake, "lost_in_receiver"));
        assert_null(fake_host_metric(fake, "lost_in_network"));
        assert_int_equal(strncmp(fake_host_fact(fake, "receiver_dropped"), "1 messages of up to ", 20), 0);
    }
    script.n_asked = 0;
    script.drops[1] = script.drops[2] = 0;
    expect_success(fake);
    assert_true(fake_host_value(fake, "lost_in_receiver") == 0);
    assert_null(fake_host_fact(fake, "receiver_dropped"));
}

/* The counter has 32 bits. */
static void loss__of_a_counter_that_begins_again(void **state) {
    struct fake_host *fake = *state;

    script.swallowed[0] = 10;
    script.drops[0] = UINT32_MAX;
    expect_success(fake);
    assert_true(fake_host_value(fake, "lost_in_receiver") == 1);
    assert_true(fake_host_value(fake, "lost_in_network") == 0);
}

/* What was dropped or refused in the warm-up does not count: of 9 drops one is in the trial, of two refusals
 * one. */
static void loss__in_the_warm_up_does_not_count(void **state) {
    struct fake_host *fake = *state;

    fake_host_set(fake, "bytes", "0");
    fake_host_set(fake, "warmup", "3ms");
    fake_host_set(fake, "seconds", "4ms");
    script.refused[0] = 2;
    script.refused[1] = 5;
    script.swallowed[0] = 22; /* behind the 16 of the warm-up and the first that counts */
    script.drops[0] = 3;
    script.drops[1] = 11;
    script.drops[2] = 12;
    expect_success(fake);
    assert_true(fake_host_value(fake, "lost") == 2);
    assert_true(fake_host_value(fake, "lost_in_sender") == 1);
    assert_true(fake_host_value(fake, "lost_in_receiver") == 1);
    assert_true(fake_host_value(fake, "lost_in_network") == 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(stream__of_each_direction, start, loopback_end),
        cmocka_unit_test_setup_teardown(stream__of_both_directions, start, loopback_end),
        cmocka_unit_test_setup_teardown(stream__warm_up_and_time, start, loopback_end),
        cmocka_unit_test_setup_teardown(stream__joined_and_not, start, loopback_end),
        cmocka_unit_test_setup_teardown(stream__of_a_rate, start, loopback_end),
        cmocka_unit_test_setup_teardown(stream__intervals, start, loopback_end),
        cmocka_unit_test_setup_teardown(loss__by_place, start, loopback_end),
        cmocka_unit_test_setup_teardown(loss__of_both_directions, start, loopback_end),
        cmocka_unit_test_setup_teardown(loss__of_joined_ones_has_no_place, start, loopback_end),
        cmocka_unit_test_setup_teardown(loss__of_a_counter_that_begins_again, start, loopback_end),
        cmocka_unit_test_setup_teardown(loss__in_the_warm_up_does_not_count, start, loopback_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
