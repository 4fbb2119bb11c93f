/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How data connections come about, by a script of the host's clock: who is let in, who is sent away, and how
 * long the others are waited for. */
#include "shared/net/control.h"
#include "shared/net/socket.h"
#include "shared/tcp/connect.h"

#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define VISITORS 3

/* One that connects: what it says, after which it says no more or stays; -1: it does not come. */
struct visitor {
    size_t hello_size; /* of cookie and index */
    unsigned index;
    bool is_stranger; /* its cookie is another */
    bool leaves;
    int fd;
    bool was_sent_away;
};

/* The clock stands but for the host's questions whether the other half has said something (get), or whether
 * to stop: then it takes the next of these steps. */
struct script {
    uint64_t now_ns, steps_ns[8];
    unsigned asked;
    struct visitor visitors[VISITORS];
    unsigned n_visitors;
    uint64_t port;
    const uint8_t *cookie;
};

static uint64_t now(void *context) {
    return ((struct script *)context)->now_ns;
}

static void take_step(struct script *script) {
    script->now_ns += script->steps_ns[script->asked < 7 ? script->asked : 7];
    script->asked++;
}

static bool should_stop(void *context) {
    (void)context;
    return false;
}

static bool should_stop_later(void *context) {
    take_step(context);
    return false;
}

static int open_to(uint64_t port) {
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

static void visit(const struct script *script, struct visitor *visitor) {
    uint8_t hello[VMS_COOKIE_SIZE + 2];

    memcpy(hello, script->cookie, VMS_COOKIE_SIZE);
    hello[0] ^= visitor->is_stranger;
    hello[VMS_COOKIE_SIZE] = (uint8_t)(visitor->index >> 8);
    hello[VMS_COOKIE_SIZE + 1] = (uint8_t)visitor->index;
    visitor->fd = open_to(script->port);
    assert_int_equal(send(visitor->fd, hello, visitor->hello_size, MSG_NOSIGNAL), visitor->hello_size);
    if (visitor->leaves)
        (void)shutdown(visitor->fd, SHUT_WR);
}

/* The peer's port, to which all come at once. */
static int put(void *context, const void *message, size_t length, uint64_t deadline_ns) {
    struct script *script = context;
    struct vms_error error = {""};

    (void)deadline_ns;
    if (net_message_decode(NET_READY, message, length, &script->port, 1, &error) < 0)
        return 0;
    for (unsigned i = 0; i < script->n_visitors; i++)
        visit(script, &script->visitors[i]);
    return 0;
}

/* Nothing came; errno is what is left of it. */
static ssize_t get(void *context, void *message, size_t capacity, uint64_t deadline_ns) {
    struct script *script = context;
    uint8_t byte;

    (void)message, (void)capacity, (void)deadline_ns;
    for (unsigned i = 0; i < script->n_visitors; i++) {
        struct visitor *visitor = &script->visitors[i];

        if (!visitor->was_sent_away)
            visitor->was_sent_away = recv(visitor->fd, &byte, 1, MSG_DONTWAIT) == 0;
    }
    take_step(script);
    errno = EAGAIN;
    return -ETIMEDOUT;
}

static struct vms_host new_host(struct script *script) {
    struct vms_host host = {.size = sizeof(host),
                            .context = script,
                            .now = now,
                            .should_stop = should_stop,
                            .put = put,
                            .get = get};
    struct sockaddr_in loopback = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

    memset(host.cookie, 7, sizeof(host.cookie));
    memcpy(&host.peer, &loopback, sizeof(loopback));
    memcpy(&host.address, &loopback, sizeof(loopback));
    return host;
}

static int accept_all(struct script *script, size_t n, int *ret_fds, struct vms_error *error) {
    const struct vms_host host = new_host(script);
    const struct tcp_connect_plan plan = {.n = n};

    script->cookie = host.cookie;
    return tcp_accept_all(&host, &plan, ret_fds, error);
}

static void end_visits(struct script *script) {
    for (unsigned i = 0; i < script->n_visitors; i++)
        (void)close(script->visitors[i].fd);
}

/* To the last nanosecond, and no longer. */
static void accept__waits_as_long_as_it_says(void **state) {
    struct script script = {.now_ns = 5, .steps_ns = {NET_SETUP_NS - 1, 1, NET_SETUP_NS}};
    struct vms_error error = {""};
    int fds[2];

    (void)state;
    assert_int_equal(accept_all(&script, 2, fds, &error), -ETIMEDOUT);
    assert_string_equal(error.text, "0 of 2 data connections came within 10 s");
    assert_int_equal(script.asked, 2);
}

/* Who has the cookie gets the place that it names, in whatever order they come. */
static void accept__by_cookie_and_index(void **state) {
    struct script script = {.visitors = {{.hello_size = VMS_COOKIE_SIZE + 2, .index = 1},
                                         {.hello_size = VMS_COOKIE_SIZE + 2, .is_stranger = true},
                                         {.hello_size = VMS_COOKIE_SIZE + 2, .index = 0}},
                            .n_visitors = 3,
                            .steps_ns = {0, 0, 0, 0, 0, 0, 0, NET_SETUP_NS}};
    struct vms_error error = {""};
    int fds[2];

    (void)state;
    assert_int_equal(accept_all(&script, 2, fds, &error), 0);
    for (unsigned i = 0; i < 2; i++) {
        char text[1];

        assert_int_equal(send(script.visitors[i == 0 ? 2 : 0].fd, i == 0 ? "a" : "b", 1, MSG_NOSIGNAL), 1);
        assert_int_equal(recv(fds[i], text, 1, 0), 1);
        assert_int_equal(text[0], i == 0 ? 'a' : 'b');
        (void)close(fds[i]);
    }
    end_visits(&script);
}

/* Who does not have it, or says nothing and goes. */
static void accept__sends_away(void **state) {
    static const struct visitor visitors[] = {
        {.hello_size = 0, .leaves = true},
        {.hello_size = 5, .leaves = true},
        {.hello_size = VMS_COOKIE_SIZE + 1, .leaves = true},
        {.hello_size = VMS_COOKIE_SIZE + 2, .is_stranger = true},
        {.hello_size = VMS_COOKIE_SIZE + 2, .index = 1}, /* of one: there is none of that number */
        {.hello_size = VMS_COOKIE_SIZE + 2, .index = 256}};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(visitors); i++) {
        /* Enough questions for it to be let in, read and closed. */
        struct script script = {
            .visitors = {visitors[i]}, .n_visitors = 1, .steps_ns = {0, 0, 0, 0, 0, 0, 0, NET_SETUP_NS}};
        struct vms_error error = {""};
        int fd;

        assert_int_equal(accept_all(&script, 1, &fd, &error), -ETIMEDOUT);
        if (!script.visitors[0].was_sent_away)
            fail_msg("visitor %zu stayed", i);
        end_visits(&script);
    }
}

/* A port behind which nobody answers: a listener that is full. */
static void connect__waits_as_long_as_it_says(void **state) {
    struct script script = {.now_ns = 5, .steps_ns = {NET_SETUP_NS - 1, 1, NET_SETUP_NS}};
    struct vms_host host = new_host(&script);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), first, fd = -1;
    struct vms_error error = {""};
    uint64_t port;

    (void)state;
    host.should_stop = should_stop_later;
    assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(listener, 0), 0);
    assert_int_equal(net_socket_port(listener, &port, &error), 0);
    first = open_to(port);
    assert_int_equal(net_socket_open(&host, SOCK_STREAM, &fd, &error), 0);
    assert_int_equal(net_socket_connect(&host, fd, port, &error), -ETIMEDOUT);
    assert_string_equal(error.text, "the other half's data port did not answer: is it filtered?");
    assert_int_equal(script.asked, 2);
    (void)close(fd);
    (void)close(first);
    (void)close(listener);
}

/* Addresses are equal where all of their bytes are; ports do not count. */
static void net_address__each_byte_counts(void **state) {
    const struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    const struct sockaddr_in four = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    struct sockaddr_storage a = {0}, b = {0};

    (void)state;
    memcpy(&a, &six, sizeof(six));
    for (size_t i = 0; i < sizeof(six.sin6_addr); i++) {
        b = a;
        ((struct sockaddr_in6 *)&b)->sin6_port = htons(7);
        assert_true(net_address_equal(&a, &b));
        ((struct sockaddr_in6 *)&b)->sin6_addr.s6_addr[i] ^= 0x80;
        assert_false(net_address_equal(&a, &b));
    }
    memset(&b, 0, sizeof(b));
    memcpy(&b, &four, sizeof(four));
    assert_false(net_address_equal(&a, &b));
    for (size_t i = 0; i < sizeof(four.sin_addr); i++) {
        a = b;
        ((struct sockaddr_in *)&a)->sin_port = htons(7);
        assert_true(net_address_equal(&a, &b));
        ((unsigned char *)&((struct sockaddr_in *)&a)->sin_addr)[i] ^= 1;
        assert_false(net_address_equal(&a, &b));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accept__waits_as_long_as_it_says),
        cmocka_unit_test(accept__by_cookie_and_index),
        cmocka_unit_test(accept__sends_away),
        cmocka_unit_test(net_address__each_byte_counts),
        cmocka_unit_test(connect__waits_as_long_as_it_says),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
