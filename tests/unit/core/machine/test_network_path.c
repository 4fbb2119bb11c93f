/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "machine/network_path.h"
#include "unit/descriptors.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static struct sockaddr_storage four(const char *text) {
    struct sockaddr_storage storage = {0};
    struct sockaddr_in *address = (struct sockaddr_in *)&storage;

    address->sin_family = AF_INET;
    assert_int_equal(inet_pton(AF_INET, text, &address->sin_addr), 1);
    return storage;
}

static void path__loopback(void **state) {
    const struct sockaddr_storage own = four("127.0.0.1");
    struct network_path path;

    (void)state;
    assert_int_equal(network_path_read(&own, false, &path), 0);
    assert_string_equal(path.interface, "lo");
    assert_true(path.mtu >= 1280);
    network_path_done(&path);
    assert_null(path.offloads);
}

/* To an address of our own, packets go by the loopback interface, whichever has the address. */
static void path__own_address(void **state) {
    const struct sockaddr_storage own = four("192.0.2.1");
    struct network_path path;

    (void)state;
    assert_int_equal(network_path_read(&own, true, &path), 0);
    assert_string_equal(path.interface, "lo");
    network_path_done(&path);
}

static void path__nobodys_address(void **state) {
    const struct sockaddr_storage own = four("192.0.2.1");
    struct network_path path = {.mtu = 7};

    (void)state;
    assert_int_equal(network_path_read(&own, false, &path), -ENOENT);
    assert_int_equal(path.mtu, 7);
}

/* Every address that this machine has leads to the interface that has it. */
static void path__every_address(void **state) {
    struct ifaddrs *addresses = NULL;

    (void)state;
    assert_int_equal(getifaddrs(&addresses), 0);
    for (const struct ifaddrs *one = addresses; one; one = one->ifa_next) {
        struct sockaddr_storage own = {0};
        struct network_path path;

        if (!one->ifa_addr || (one->ifa_addr->sa_family != AF_INET && one->ifa_addr->sa_family != AF_INET6))
            continue;
        memcpy(&own, one->ifa_addr,
               one->ifa_addr->sa_family == AF_INET ? sizeof(struct sockaddr_in)
                                                   : sizeof(struct sockaddr_in6));
        assert_int_equal(network_path_read(&own, false, &path), 0);
        assert_true(path.interface[0] != '\0' && path.mtu > 0);
        network_path_done(&path);
    }
    freeifaddrs(addresses);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(path__loopback),
        cmocka_unit_test(path__own_address),
        cmocka_unit_test(path__nobodys_address),
        cmocka_unit_test(path__every_address),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
