/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The udp module where others report errors of earlier datagrams (ICMP), where the sender's queue is full,
 * and where the system cannot say what its sockets dropped: stands before the C library's calls of both
 * halves. */
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "modules/expect.h"

#define EXPORT __attribute__((visibility("default")))

/* What goes wrong; each half has its own copy. */
static struct {
    int number;       /* the errno that every `every`-th call fails with, as ICMP's do */
    unsigned every;   /* 0: none */
    int refused_call; /* the number of the sendmmsg of which nothing leaves (ENOBUFS); -1: none */
    bool no_meminfo, no_recverr;
    unsigned sends, receives;
} script;

EXPORT int fake_sendmmsg(int fd, struct mmsghdr *messages, unsigned n, int flags) __asm__("sendmmsg");
EXPORT int fake_recvmmsg(int fd, struct mmsghdr *messages, unsigned n, int flags,
                         struct timespec *timeout) __asm__("recvmmsg");
EXPORT ssize_t fake_send(int fd, const void *bytes, size_t length, int flags) __asm__("send");
EXPORT int fake_getsockopt(int fd, int level, int name, void *value, socklen_t *size) __asm__("getsockopt");
EXPORT int fake_setsockopt(int fd, int level, int name, const void *value,
                           socklen_t size) __asm__("setsockopt");

static bool fails(unsigned *calls) {
    ++*calls;
    if (script.every == 0 || *calls % script.every != 0)
        return false;
    errno = script.number;
    return true;
}

int fake_sendmmsg(int fd, struct mmsghdr *messages, unsigned n, int flags) {
    if (fails(&script.sends))
        return -1;
    if ((int)script.sends == script.refused_call) {
        errno = ENOBUFS;
        return -1;
    }
    return (int)syscall(SYS_sendmmsg, fd, messages, n, flags);
}

int fake_recvmmsg(int fd, struct mmsghdr *messages, unsigned n, int flags, struct timespec *timeout) {
    return fails(&script.receives) ? -1 : (int)syscall(SYS_recvmmsg, fd, messages, n, flags, timeout);
}

ssize_t fake_send(int fd, const void *bytes, size_t length, int flags) {
    int type = 0;
    socklen_t size = sizeof(type);

    if (syscall(SYS_getsockopt, fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_DGRAM &&
        fails(&script.sends))
        return -1;
    return syscall(SYS_sendto, fd, bytes, length, flags, NULL, 0);
}

int fake_getsockopt(int fd, int level, int name, void *value, socklen_t *size) {
    if (script.no_meminfo && level == SOL_SOCKET && name == SO_MEMINFO) {
        errno = ENOPROTOOPT;
        return -1;
    }
    return (int)syscall(SYS_getsockopt, fd, level, name, value, size);
}

int fake_setsockopt(int fd, int level, int name, const void *value, socklen_t size) {
    if (script.no_recverr && level == IPPROTO_IP && name == IP_RECVERR) {
        errno = ENOPROTOOPT;
        return -1;
    }
    return (int)syscall(SYS_setsockopt, fd, level, name, value, size);
}

static void start(struct fake_host *fake, const char *mode) {
    fake_host_init(fake, "udp");
    fake_host_set(fake, "mode", mode);
    fake_host_set(fake, "interval", "0");
    memset(&script, 0, sizeof(script));
    script.refused_call = -1;
}

#define DATAGRAMS 72

/* A stream of so few datagrams that the receiver's socket holds them all, however late it is read. */
static void set_stream(struct fake_host *fake) {
    fake_host_set(fake, "bytes", "72000");
    fake_host_set(fake, "datagram_size", "1000");
    fake_host_set(fake, "rate", "40Mbit/s");
    fake_host_set(fake, "batch", "8");
    fake_host_set(fake, "offload", "false");
}

static void reports__end_no_stream(void **state) {
    static const int numbers[] = {EMSGSIZE, ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, ENOPROTOOPT, EPROTO};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(numbers); i++) {
        struct fake_host fake;
        unsigned long count = 0;
        char words[64] = "";

        start(&fake, "stream");
        set_stream(&fake);
        script.number = numbers[i];
        script.every = 5;
        expect_success(&fake);
        assert_int_equal(
            sscanf(fake_host_fact(&fake, "icmp_errors"), "%lu, the last: %63[^\n]", &count, words), 2);
        assert_true(count > 0);
        assert_string_equal(words, strerror(numbers[i]));
        assert_true(fake_host_value(&fake, "goodput") > 0);
        /* The call is made again: no datagram is lost by it. */
        assert_true(fake_host_value(&fake, "lost") == 0);
        assert_string_equal(fake_host_fact(&fake, "fragmentation"), "none");
        fake_host_done(&fake);
    }
}

static void reports__end_no_transactions(void **state) {
    struct fake_host fake;

    (void)state;
    start(&fake, "request-response");
    fake_host_set(&fake, "count", "200");
    script.number = ECONNREFUSED;
    script.every = 7;
    expect_success(&fake);
    assert_true(fake_host_value(&fake, "lost") == 0);
    assert_non_null(strstr(fake_host_fact(&fake, "icmp_errors"), "the last: Connection refused"));
    fake_host_done(&fake);
}

/* Something that is no report ends the trial with its own words. */
static void others__end_the_trial(void **state) {
    struct vms_error error = {""};
    struct fake_host fake;

    (void)state;
    start(&fake, "stream");
    set_stream(&fake);
    script.number = EACCES;
    script.every = 5;
    assert_true(fake_host_run(&fake, &error) < 0);
    assert_non_null(strstr(error.text, "Permission denied"));
    fake_host_done(&fake);
}

/* What the sender's queue has no room for is lost there, by number, and nowhere else. */
static void loss__in_the_sender_is_counted_there(void **state) {
    struct fake_host fake;
    double lost;

    (void)state;
    start(&fake, "stream");
    set_stream(&fake);
    script.refused_call = 5;
    expect_success(&fake);
    lost = fake_host_value(&fake, "lost");
    assert_true(lost == 1); /* the first message of the call; the others are offered again */
    assert_true(fake_host_value(&fake, "lost_in_sender") == lost);
    assert_true(fake_host_value(&fake, "lost_in_network") == 0);
    assert_true(fake_host_value(&fake, "lost_in_receiver") == 0);
    assert_true(fake_host_value(&fake, "loss") == lost / DATAGRAMS);
    fake_host_done(&fake);
}

/* A system that does not say where datagrams are lost: no place gets a figure that is only a guess. */
static void loss__of_unknown_place_has_no_figure(void **state) {
    struct fake_host fake;

    (void)state;
    start(&fake, "stream");
    set_stream(&fake);
    script.no_meminfo = true;
    expect_success(&fake);
    assert_non_null(fake_host_metric(&fake, "lost"));
    assert_non_null(fake_host_metric(&fake, "lost_in_sender"));
    assert_null(fake_host_metric(&fake, "lost_in_receiver"));
    assert_null(fake_host_metric(&fake, "lost_in_network"));
    fake_host_done(&fake);
    start(&fake, "stream");
    set_stream(&fake);
    script.no_recverr = true;
    expect_success(&fake);
    assert_null(fake_host_metric(&fake, "lost_in_sender"));
    assert_non_null(fake_host_metric(&fake, "lost_in_receiver"));
    assert_null(fake_host_metric(&fake, "lost_in_network"));
    fake_host_done(&fake);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reports__end_no_stream),
        cmocka_unit_test(reports__end_no_transactions),
        cmocka_unit_test(others__end_the_trial),
        cmocka_unit_test(loss__in_the_sender_is_counted_there),
        cmocka_unit_test(loss__of_unknown_place_has_no_figure),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
