/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "peer/wire/net.h"
#include "peer/wire/path.h"

#include "base/clock.h"

#include "unit/descriptors.h"

#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static uint64_t soon(void) {
    return clock_now_ns() + 60 * NS_PER_S;
}

static struct sockaddr_storage address(const char *text) {
    struct sockaddr_storage storage = {0};

    if (inet_pton(AF_INET, text, &((struct sockaddr_in *)&storage)->sin_addr) == 1)
        storage.ss_family = AF_INET;
    else if (inet_pton(AF_INET6, text, &((struct sockaddr_in6 *)&storage)->sin6_addr) == 1)
        storage.ss_family = AF_INET6;
    else
        fail_msg("%s is no address", text);
    return storage;
}

/* Listens there and connects to `host`; both ends are told alike. */
static void assert_meets(const char *bind, const char *host, const char *own_prefix) {
    struct sockaddr_storage own, other;
    struct vms_error error = {""};
    char name[NET_NAME_SIZE];
    int listener = -1, fd = -1;
    uint16_t port = 0;

    assert_int_equal(net_listen(bind, 0, &listener, &port, &error), 0);
    if (net_connect(host, port, soon(), &fd, &error) < 0)
        fail_msg("%s", error.text);
    assert_int_equal(net_ends(fd, &own, &other, &error), 0);
    net_name(&own, name);
    assert_true(strncmp(name, own_prefix, strlen(own_prefix)) == 0);
    assert_true(net_is_local(&other));
    net_clear_port(&other);
    net_name(&other, name);
    assert_non_null(strstr(name, " port 0"));
    (void)close(fd);
    (void)close(listener);
}

static bool has_ipv6(void) {
    struct vms_error error = {""};
    uint16_t port = 0;
    int listener = -1;

    if (net_listen("::1", 0, &listener, &port, &error) == 0)
        return close(listener) == 0;
    fprintf(stderr, "skipped: there is no IPv6 here: %s\n", error.text);
    return false;
}

static void net__addresses(void **state) {
    (void)state;
    assert_meets("127.0.0.1", "127.0.0.1", "127.0.0.1 port ");
    assert_meets("", "127.0.0.1", "127.0.0.1 port ");
    if (!has_ipv6())
        skip();
    assert_meets("::1", "::1", "::1 port ");
    assert_meets("*", "::1", "::1 port ");
}

/* The name has addresses where nobody listens; they are passed over. */
static void net__several_addresses(void **state) {
    (void)state;
    assert_meets("127.0.0.1", "localhost", "127.0.0.1 port ");
}

static void net__ipv4_in_ipv6(void **state) {
    struct sockaddr_storage mapped = address("::ffff:127.0.0.1"), other = address("::ffff:192.0.2.1");

    (void)state;
    assert_true(net_is_local(&mapped));
    assert_false(net_is_local(&other));
}

static void net__is_local(void **state) {
    static const char *const local[] = {"127.0.0.1", "127.255.0.3", "::1"};
    static const char *const remote[] = {"192.0.2.1", "2001:db8::1", "126.0.0.1"};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(local); i++) {
        struct sockaddr_storage here = address(local[i]), there = address(remote[i]);

        assert_true(net_is_local(&here));
        assert_false(net_is_local(&there));
    }
}

/* What decides is where the kernel leads an address, not how it is written. */
static void path__is_where_an_address_leads(void **state) {
    static const char *const here[] = {"127.0.0.1",        "127.1", "localhost", "0.0.0.0", "::1",
                                       "::ffff:127.0.0.1", "0"};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(here); i++) {
        const char *kind = peer_path_foresee(here[i], 7411);

        if (strchr(here[i], ':') && !kind)
            continue; /* a machine without IPv6 */
        assert_non_null(kind);
        assert_string_equal(kind, "loopback");
    }
    assert_null(peer_path_foresee("no-such-host.invalid", 7411));
}

#define TWO "two.test" /* a name with two addresses, in libc's place */

int getaddrinfo(const char *host, const char *service, const struct addrinfo *hints,
                struct addrinfo **ret_list) {
    __typeof__(getaddrinfo) *real = (__typeof__(getaddrinfo) *)(uintptr_t)dlsym(RTLD_NEXT, "getaddrinfo");
    int status;

    if (!host || strcmp(host, TWO) != 0)
        return real(host, service, hints, ret_list);
    status = real("127.0.0.1", service, hints, ret_list);
    for (; status == 0 && *ret_list; ret_list = &(*ret_list)->ai_next)
        ;
    return status == 0 ? real("127.0.0.2", service, hints, ret_list) : status;
}

/* The first address that answers is taken and no other is tried; after one that refuses the next one is. */
static void net__the_first_that_answers(void **state) {
    (void)state;
    for (int refuses = 0; refuses < 2; refuses++) {
        int listeners[2] = {-1, -1}, fd = -1;
        struct sockaddr_storage own, other;
        struct vms_error error = {""};
        struct pollfd second = {.events = POLLIN};
        char name[NET_NAME_SIZE];
        uint16_t port = 0;

        assert_int_equal(net_listen("127.0.0.2", 0, &listeners[1], &port, &error), 0);
        if (!refuses)
            assert_int_equal(net_listen("127.0.0.1", port, &listeners[0], &port, &error), 0);
        if (net_connect(TWO, port, soon(), &fd, &error) < 0)
            fail_msg("%s", error.text);
        assert_int_equal(net_ends(fd, &own, &other, &error), 0);
        net_clear_port(&other);
        net_name(&other, name);
        assert_string_equal(name, refuses ? "127.0.0.2 port 0" : "127.0.0.1 port 0");
        second.fd = listeners[1];
        assert_int_equal(poll(&second, 1, 0), refuses);
        (void)close(fd);
        (void)close(listeners[1]);
        if (!refuses)
            (void)close(listeners[0]);
    }
}

static void net__refused(void **state) {
    struct vms_error error = {""};
    int listener = -1, fd = -1;
    uint16_t port;

    (void)state;
    assert_int_equal(net_listen("127.0.0.1", 0, &listener, &port, &error), 0);
    assert_int_equal(net_listen("127.0.0.1", port, &fd, &port, &error), -EADDRINUSE);
    (void)close(listener);
    assert_int_equal(net_connect("127.0.0.1", port, soon(), &fd, &error), -ECONNREFUSED);
    assert_non_null(strstr(error.text, "127.0.0.1 port"));
    assert_non_null(strstr(error.text, "vmsuite serve"));
    assert_int_equal(net_listen("no-such-host.invalid", 0, &fd, &port, &error), -EHOSTUNREACH);
    assert_int_equal(net_connect("no-such-host.invalid", 7411, soon(), &fd, &error), -EHOSTUNREACH);
    assert_int_equal(fd, -1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(net__addresses),
        cmocka_unit_test(net__several_addresses),
        cmocka_unit_test(net__ipv4_in_ipv6),
        cmocka_unit_test(net__is_local),
        cmocka_unit_test(path__is_where_an_address_leads),
        cmocka_unit_test(net__the_first_that_answers),
        cmocka_unit_test(net__refused),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
