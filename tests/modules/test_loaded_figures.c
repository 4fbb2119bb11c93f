/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The loaded module's figures on a scripted clock: time passes by calls of send and recv only, and by
 * sleeping, in each thread by itself from what its maker's clock shows, so that each figure is known
 * exactly. */
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <dlfcn.h>

#include "modules/loopback.h"

#define EXPORT __attribute__((visibility("default")))

#define BASE_NS UINT64_C(1000000000)
#define MS UINT64_C(1000000)
#define US UINT64_C(1000)
#define SEND_NS MS         /* of a block, at either end */
#define RECV_NS (500 * US) /* of a block at the client; at the peer PEER times that */
#define SLOW_CALLS 3       /* the first that a thread receives take twice as long */
#define LOOK_NS (100 * US) /* at the first data of a stream, likewise */
#define PEER 3
#define BLOCK (128 << 10)
#define MESSAGE 777 /* bytes that nothing else sends in one call */
#define IDLE_NS (10 * MS + 500 * US)
#define WARMUP_NS (10 * MS)
#define SECONDS_NS (20 * MS)

static _Thread_local uint64_t now_ns; /* what has passed in a thread */
static _Thread_local unsigned received;
static pid_t client;
static unsigned asked;    /* requests of the client */
static uint64_t began_ns; /* the client's clock at the first of them */

EXPORT ssize_t fake_send(int fd, const void *bytes, size_t length, int flags) __asm__("send");
EXPORT ssize_t fake_recv(int fd, void *bytes, size_t length, int flags) __asm__("recv");
EXPORT int fake_ppoll(struct pollfd *fds, nfds_t n, const struct timespec *limit,
                      const sigset_t *mask) __asm__("ppoll");
EXPORT int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *),
                          void *argument);

static unsigned side(void) {
    return getpid() == client ? 1 : PEER;
}

static uint64_t scripted_now(void *context) {
    (void)context;
    return BASE_NS + now_ns;
}

/* A thread's work, and its clock. */
struct heritage {
    void *(*start)(void *);
    void *argument;
    uint64_t now_ns;
};

static void *inherit(void *argument) {
    struct heritage heritage = *(struct heritage *)argument;

    free(argument);
    now_ns = heritage.now_ns;
    return heritage.start(heritage.argument);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *),
                   void *argument) {
    static int (*real)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
    struct heritage *heritage = malloc(sizeof(*heritage));

    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "pthread_create");
    if (!heritage)
        return ENOMEM;
    *heritage = (struct heritage){start, argument, now_ns};
    return real(thread, attributes, inherit, heritage);
}

/* To sleep until a point of time is to be there at once. */
int fake_ppoll(struct pollfd *fds, nfds_t n, const struct timespec *limit, const sigset_t *mask) {
    if (n > 0)
        return (int)syscall(SYS_ppoll, fds, n, limit, mask, sizeof(long));
    now_ns += (uint64_t)limit->tv_nsec;
    return 0;
}

/* Eleven alone, of 100, 110, ... us; then beside the streams 400, 410, ... us, but the tenth takes 1.2 ms. */
static uint64_t latency_of(unsigned number) {
    unsigned beside = number - 11;

    return number < 11 ? (100 + 10 * number) * US : beside == 9 ? 1200 * US : (400 + 10 * beside) * US;
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
    if (length == BLOCK)
        now_ns += SEND_NS;
    if (length == MESSAGE && getpid() == client && asked == 0)
        began_ns = now_ns;
    return (ssize_t)done;
}

ssize_t fake_recv(int fd, void *bytes, size_t length, int flags) {
    size_t done = 0;

    if ((flags & ~MSG_PEEK) || (length != BLOCK && length != MESSAGE && length != 1))
        return syscall(SYS_recvfrom, fd, bytes, length, flags, NULL, NULL);
    while (done < length) {
        ssize_t n = syscall(SYS_recvfrom, fd, (char *)bytes + done, length - done, flags, NULL, NULL);

        if (n == 0 || (n < 0 && done == 0)) {
            if (done == 0)
                return n;
            break;
        }
        done += n > 0 ? (size_t)n : 0;
    }
    if (flags & MSG_PEEK)
        now_ns += side() * LOOK_NS;
    else if (length == BLOCK)
        now_ns += side() * RECV_NS * (received++ < SLOW_CALLS ? 2 : 1);
    else if (length == MESSAGE && getpid() == client)
        now_ns += latency_of(asked++);
    return (ssize_t)done;
}

static int start(void **state) {
    int status = loopback_start(state, "loaded");
    struct fake_host *fake = *state;

    fake->host.now = scripted_now;
    client = getpid();
    asked = 0;
    now_ns = 0;
    fake_host_set(fake, "idle", "10500us");
    fake_host_set(fake, "warmup", "10ms");
    fake_host_set(fake, "seconds", "20ms");
    fake_host_set(fake, "interval", "1ms");
    fake_host_set(fake, "message_size", "777");
    return status;
}

/* Alone: 100 to 200 us. Beside the streams, those that have their response after the warm-up: the one of 1.2
 * ms, which began in it, and 500 to 690 us. */
static void expect_latencies(const struct fake_host *fake) {
    struct stats_distribution idle = fake_host_distribution(fake_host_metric(fake, "latency_idle"));
    struct stats_distribution loaded = fake_host_distribution(fake_host_metric(fake, "latency_loaded"));

    expect_first(fake, "latency_loaded");
    assert_int_equal(idle.n, 11);
    expect_near(idle.quantiles[0], 100e-6);
    expect_near(idle.quantiles[1], 150e-6);
    expect_near(idle.mean, 150e-6);
    expect_near(idle.quantiles[STATS_QUANTILES - 1], 200e-6);
    assert_int_equal(loaded.n, 21);
    expect_near(loaded.quantiles[0], 500e-6);
    expect_near(loaded.quantiles[1], 600e-6);
    expect_near(loaded.mean, (20 * 595e-6 + 1200e-6) / 21);
    expect_near(loaded.quantiles[STATS_QUANTILES - 1], 1200e-6);
    /* Between the 20th and the 21st of 21, and between the 10th and the 11th of 11. */
    expect_near(fake_host_value(fake, "added_p50"), 600e-6 - 150e-6);
    expect_near(fake_host_value(fake, "added_p99"),
                (690e-6 + 0.8 * (1200e-6 - 690e-6)) - (190e-6 + 0.9 * 10e-6));
    /* Nothing took longer than it was to. */
    assert_int_equal(now_ns - began_ns, IDLE_NS + WARMUP_NS + SECONDS_NS);
}

/* The client's receiver ends its calls at 1.1, 2.1, 3.1, 3.6, ... ms, the peer's at 3.3, 6.3, 9.3, 10.8, ...
 * ms: those behind the warm-up's last one count, for the time that each takes. */
static void loaded__figures_are_exact(void **state) {
    static const double at_client = 8e9 * BLOCK / RECV_NS, at_peer = at_client / PEER;
    static const struct {
        const char *direction, *streams;
        double rate;
    } rows[] = {{"send", "1", at_peer},
                {"receive", "1", at_client},
                {"both", "1", at_client + at_peer},
                {"both", "2", 2 * (at_client + at_peer)}};
    struct fake_host *fake = *state;

    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        char queue[100];

        asked = 0;
        fake_host_set(fake, "direction", rows[i].direction);
        fake_host_set(fake, "streams", rows[i].streams);
        expect_success(fake);
        expect_latencies(fake);
        expect_near(fake_host_value(fake, "stream_rate"), rows[i].rate);
        (void)snprintf(queue, sizeof(queue), "%.0f bytes (0.45 ms at %.4g Mbit/s)", 450e-6 * rows[i].rate / 8,
                       rows[i].rate / 1e6);
        assert_string_equal(fake_host_fact(fake, "queue"), queue);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(loaded__figures_are_exact, start, loopback_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
