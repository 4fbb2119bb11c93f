/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tcp module's figures on a scripted clock: time and processor time pass by calls of send and recv only,
 * in each thread by itself, and TCP_INFO is scripted, so that each figure is known exactly. All durations of
 * the peer's half are PEER times those of the client's. */
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Behind the above: it defines some of netinet's names, too. */
#include <linux/tcp.h>

#include <cmocka.h>

#include "modules/loopback.h"

#define EXPORT __attribute__((visibility("default")))

#define PEER 3
#define BASE_NS UINT64_C(1000000000)
#define SEND_NS UINT64_C(1000000)
#define SEND_CPU_NS 70
#define RECV_NS UINT64_C(500000)
#define RECV_CPU_NS 110
#define LOOK_NS UINT64_C(100000) /* at the first data, before it is read */
#define LATE 5                   /* times that, at every other socket */
#define SLOW_CALLS 4             /* the first of a thread take twice as long */
#define HELLO 18                 /* bytes: no data */

/* What has passed in a thread. */
static _Thread_local struct {
    uint64_t now_ns, cpu_ns;
    unsigned calls, infos;
} passed;
static pid_t client;
static int odd_is_late = -1;
static atomic_uint senders; /* of this process that have asked for TCP_INFO */
static struct {
    uint64_t pacing; /* bytes per second that the last socket was set to */
    unsigned n_paced;
    int no_delay;
} set;

EXPORT ssize_t fake_send(int fd, const void *bytes, size_t length, int flags) __asm__("send");
EXPORT ssize_t fake_recv(int fd, void *bytes, size_t length, int flags) __asm__("recv");
EXPORT int fake_clock_gettime(clockid_t clock, struct timespec *ret) __asm__("clock_gettime");
EXPORT int fake_getsockopt(int fd, int level, int name, void *value, socklen_t *size) __asm__("getsockopt");
EXPORT int fake_setsockopt(int fd, int level, int name, const void *value,
                           socklen_t size) __asm__("setsockopt");

static unsigned side(void) {
    return getpid() == client ? 1 : PEER;
}

static uint64_t scripted_now(void *context) {
    (void)context;
    return BASE_NS + passed.now_ns;
}

static void pass(uint64_t ns, uint64_t cpu_ns) {
    passed.now_ns += side() * ns * (passed.calls++ < SLOW_CALLS ? 2 : 1);
    passed.cpu_ns += side() * cpu_ns;
}

int fake_clock_gettime(clockid_t clock, struct timespec *ret) {
    if (clock != CLOCK_THREAD_CPUTIME_ID)
        return (int)syscall(SYS_clock_gettime, clock, ret);
    *ret = (struct timespec){.tv_sec = 5, .tv_nsec = (long)passed.cpu_ns};
    return 0;
}

/* Whether it carries data: the halves' conversation takes no time. */
static bool is_data(int fd) {
    int domain = 0;
    socklen_t size = sizeof(domain);

    return syscall(SYS_getsockopt, fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 && domain != AF_UNIX;
}

/* All or nothing: what the kernel takes at a time is not to be seen in the figures. */
ssize_t fake_send(int fd, const void *bytes, size_t length, int flags) {
    size_t done = 0;

    while (done < length) {
        ssize_t n = syscall(SYS_sendto, fd, (const char *)bytes + done, length - done, flags, NULL, 0);

        if (n < 0 && done == 0)
            return -1;
        done += n > 0 ? (size_t)n : 0;
    }
    if (length != HELLO && is_data(fd))
        pass(SEND_NS, SEND_CPU_NS);
    return (ssize_t)done;
}

ssize_t fake_recv(int fd, void *bytes, size_t length, int flags) {
    size_t done = 0;

    if (flags != 0 || !is_data(fd)) {
        ssize_t n = syscall(SYS_recvfrom, fd, bytes, length, flags, NULL, NULL);

        if (n > 0 && (flags & MSG_PEEK)) {
            passed.now_ns += side() * LOOK_NS * (odd_is_late >= 0 && (fd + odd_is_late) % 2 ? LATE : 1);
            passed.cpu_ns += 12345;
        }
        return n;
    }
    while (done < length) {
        ssize_t n = syscall(SYS_recvfrom, fd, (char *)bytes + done, length - done, flags, NULL, NULL);

        if (n == 0 || (n < 0 && done == 0))
            break;
        done += n > 0 ? (size_t)n : 0;
    }
    if (done > 0)
        pass(RECV_NS, RECV_CPU_NS);
    return done > 0 ? (ssize_t)done : syscall(SYS_recvfrom, fd, bytes, 1, MSG_DONTWAIT, NULL, NULL);
}

/* The senders' round trip times are 1 ms, 3 ms, ...; what is sent again rises from 3 to 5 until all is
 * received. */
int fake_getsockopt(int fd, int level, int name, void *value, socklen_t *size) {
    struct tcp_info *info = value;

    if (level != IPPROTO_TCP || name != TCP_INFO)
        return (int)syscall(SYS_getsockopt, fd, level, name, value, size);
    memset(info, 0, *size);
    info->tcpi_rtt = passed.infos == 0 ? side() * (1000 + 2000 * atomic_fetch_add(&senders, 1)) : 99999;
    info->tcpi_rttvar = 77;
    info->tcpi_total_retrans = side() * (passed.infos == 0 ? 3 : 5);
    info->tcpi_retransmits = 88;
    info->tcpi_snd_mss = 1234;
    info->tcpi_advmss = 4321;
    passed.infos++;
    return 0;
}

int fake_setsockopt(int fd, int level, int name, const void *value, socklen_t size) {
    if (level == SOL_SOCKET && name == SO_MAX_PACING_RATE) {
        memcpy(&set.pacing, value, sizeof(set.pacing));
        set.n_paced++;
    }
    if (level == IPPROTO_TCP && name == TCP_NODELAY)
        memcpy(&set.no_delay, value, sizeof(set.no_delay));
    return (int)syscall(SYS_setsockopt, fd, level, name, value, size);
}

static int start(void **state) {
    int status = loopback_start(state, "tcp");
    struct fake_host *fake = *state;

    fake->host.now = scripted_now;
    client = getpid();
    memset(&passed, 0, sizeof(passed));
    memset(&set, 0, sizeof(set));
    atomic_store(&senders, 0);
    return status;
}

/* Two streams, 11 calls at either end, of which the longer stream has 6: each figure is of its own side. */
static void stream__of_bytes(void **state) {
    static const struct {
        const char *direction;
        unsigned sender, receiver;
    } rows[] = {{"send", 1, PEER}, {"receive", PEER, 1}};
    const double bytes = 1000001;
    const unsigned calls = 6 + SLOW_CALLS;

    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        struct fake_host *fake = *state;

        fake_host_set(fake, "bytes", "1000001");
        fake_host_set(fake, "block_size", "100000");
        fake_host_set(fake, "streams", "2");
        fake_host_set(fake, "direction", rows[i].direction);
        fake_host_set(fake, "interval", "0");
        atomic_store(&senders, 0);
        passed.infos = 0;
        expect_success(fake);
        expect_near(fake_host_value(fake, "goodput"),
                    8e9 * bytes / (double)(rows[i].receiver * calls * RECV_NS));
        expect_near(fake_host_value(fake, "sender_rate"),
                    8e9 * bytes / (double)(rows[i].sender * calls * SEND_NS));
        expect_near(fake_host_value(fake, "sender_cpu_per_gigabyte"),
                    11 * SEND_CPU_NS * rows[i].sender / bytes);
        expect_near(fake_host_value(fake, "receiver_cpu_per_gigabyte"),
                    11 * RECV_CPU_NS * rows[i].receiver / bytes);
        expect_near(fake_host_value(fake, "smoothed_rtt"), 2e-3 * rows[i].sender);
        expect_near(fake_host_value(fake, "retransmits"), 2 * 5 * rows[i].sender);
        assert_null(fake_host_metric(fake, "interval_goodput"));
        assert_null(fake_host_fact(fake, "sends_copied"));
        assert_null(fake_host_fact(fake, "zerocopy"));
        assert_string_equal(fake_host_fact(fake, "mss"), "1234");
        assert_string_equal(fake_host_fact(fake, "advertised_mss"), "4321");
    }
}

/* Streams that begin one after the other: the time is from the first one's beginning to the last one's end,
 * whichever they are. */
static void stream__of_two_that_begin_apart(void **state) {
    struct fake_host *fake = *state;
    const uint64_t elapsed_ns = (5 + SLOW_CALLS) * RECV_NS + (LATE - 1) * LOOK_NS;

    fake_host_set(fake, "bytes", "1000000");
    fake_host_set(fake, "block_size", "100000");
    fake_host_set(fake, "streams", "2");
    for (odd_is_late = 0; odd_is_late < 2; odd_is_late++) {
        passed.infos = 0;
        expect_success(fake);
        expect_near(fake_host_value(fake, "goodput"), 8e9 * 1e6 / (double)(PEER * elapsed_ns));
    }
    odd_is_late = -1;
}

/* Both directions at once: rates and counts are added up, of round trip times the longer one counts. */
static void stream__of_both_directions(void **state) {
    struct fake_host *fake = *state;
    const double bytes = 600000;
    const unsigned calls = 6 + SLOW_CALLS;

    fake_host_set(fake, "bytes", "600000");
    fake_host_set(fake, "block_size", "100000");
    fake_host_set(fake, "direction", "both");
    expect_success(fake);
    expect_near(fake_host_value(fake, "goodput"), 8e9 * bytes / (double)(calls * RECV_NS) * (1 + 1.0 / PEER));
    expect_near(fake_host_value(fake, "sender_rate"),
                8e9 * bytes / (double)(calls * SEND_NS) * (1 + 1.0 / PEER));
    expect_near(fake_host_value(fake, "sender_cpu_per_gigabyte"), 6 * SEND_CPU_NS * (1 + PEER) / (2 * bytes));
    expect_near(fake_host_value(fake, "receiver_cpu_per_gigabyte"),
                6 * RECV_CPU_NS * (1 + PEER) / (2 * bytes));
    expect_near(fake_host_value(fake, "smoothed_rtt"), 1e-3 * PEER);
    expect_near(fake_host_value(fake, "retransmits"), 5 * (1 + PEER));
}

/* The sender's calls end after 2, 4, 6, 8, 9, 10, ... ms: the sixth ends the warm-up, 20 count. The
 * receiver's end after 3.3, 6.3, 9.3, 12.3, 13.8, 15.3, ... ms, the 26th after 45.3: the fourth ends the
 * warm-up, 22 count, and the intervals from 10 ms on hold 6, 6, 7 and the rest, which is no whole one. */
static void stream__warm_up_and_intervals(void **state) {
    struct fake_host *fake = *state;
    const struct fake_metric *intervals;

    fake_host_set(fake, "warmup", "10ms");
    fake_host_set(fake, "seconds", "20ms");
    fake_host_set(fake, "interval", "10ms");
    fake_host_set(fake, "block_size", "1000");
    expect_success(fake);
    expect_near(fake_host_value(fake, "sender_rate"), 8e9 * 1000 / SEND_NS);
    expect_near(fake_host_value(fake, "goodput"), 8e9 * 1000 / (PEER * RECV_NS));
    expect_near(fake_host_value(fake, "sender_cpu_per_gigabyte"), SEND_CPU_NS / 1000.0);
    expect_near(fake_host_value(fake, "receiver_cpu_per_gigabyte"), PEER * RECV_CPU_NS / 1000.0);
    intervals = fake_host_metric(fake, "interval_goodput");
    assert_non_null(intervals);
    assert_int_equal(intervals->n, 3);
    expect_near(fake_host_distribution(intervals).quantiles[0], 6 * 8e3 / 10e-3);
    expect_near(fake_host_distribution(intervals).mean, 19 / 3.0 * 8e3 / 10e-3);
    expect_near(fake_host_distribution(intervals).quantiles[STATS_QUANTILES - 1], 7 * 8e3 / 10e-3);
}

/* A transaction is one call of each kind, but the first four calls take twice as long. */
static void requests__are_exact(void **state) {
    struct fake_host *fake = *state;
    const double seconds = 1e-9 * (double)(12 * SEND_NS + 12 * RECV_NS);
    const struct fake_metric *times;

    fake_host_set(fake, "mode", "request-response");
    fake_host_set(fake, "count", "10");
    fake_host_set(fake, "request_size", "100");
    fake_host_set(fake, "response_size", "300");
    expect_success(fake);
    expect_near(fake_host_value(fake, "transactions"), 10 / seconds);
    expect_near(fake_host_value(fake, "throughput_sent"), 8 * 100 * 10 / seconds);
    expect_near(fake_host_value(fake, "throughput_received"), 8 * 300 * 10 / seconds);
    expect_near(fake_host_value(fake, "throughput"), 8 * 400 * 10 / seconds);
    times = fake_host_metric(fake, "round_trip_time");
    assert_int_equal(times->n, 10);
    expect_near(fake_host_distribution(times).quantiles[0], 1e-9 * (SEND_NS + RECV_NS));
    expect_near(fake_host_distribution(times).quantiles[STATS_QUANTILES - 1], 2e-9 * (SEND_NS + RECV_NS));
    expect_near(fake_host_distribution(times).mean, seconds / 10);
}

/* The first of 10 transactions of 1.5 ms each, but the first two of 3 ms, begins within the warm-up; time
 * ends those that begin from 7 ms on. */
static void requests__warm_up_and_time(void **state) {
    struct fake_host *fake = *state;
    const struct fake_metric *times;

    fake_host_set(fake, "mode", "request-response");
    fake_host_set(fake, "warmup", "2ms");
    fake_host_set(fake, "seconds", "6ms");
    expect_success(fake);
    times = fake_host_metric(fake, "round_trip_time");
    /* Begun at 0, then counted: 3, 6, 7.5 ms. */
    assert_int_equal(times->n, 3);
    expect_near(fake_host_distribution(times).mean, 2e-3);
    expect_near(fake_host_value(fake, "transactions"), 3 / 6e-3);
}

static void options__are_in_the_kernels_units(void **state) {
    struct fake_host *fake = *state;

    fake_host_set(fake, "bytes", "100000");
    expect_success(fake);
    assert_int_equal(set.n_paced, 0);
    passed.infos = 0;
    fake_host_set(fake, "pacing_rate", "80Mbit/s");
    fake_host_set(fake, "no_delay", "true");
    expect_success(fake);
    assert_int_equal(set.pacing, 10000000);
    assert_int_equal(set.no_delay, 1);
    fake_host_set(fake, "no_delay", "false");
    passed.infos = 0;
    expect_success(fake);
    assert_int_equal(set.no_delay, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(stream__of_bytes, start, loopback_end),
        cmocka_unit_test_setup_teardown(stream__of_two_that_begin_apart, start, loopback_end),
        cmocka_unit_test_setup_teardown(stream__of_both_directions, start, loopback_end),
        cmocka_unit_test_setup_teardown(stream__warm_up_and_intervals, start, loopback_end),
        cmocka_unit_test_setup_teardown(requests__are_exact, start, loopback_end),
        cmocka_unit_test_setup_teardown(requests__warm_up_and_time, start, loopback_end),
        cmocka_unit_test_setup_teardown(options__are_in_the_kernels_units, start, loopback_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
