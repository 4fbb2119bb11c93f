/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fakes/fake_tree.h"
#include "machine/machine.h"
#include "unit/descriptors.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define ZERO "00000000000000000000000000000000"
#define NEXT "fe800000000000000000000000000001"

static void assert_interface(const struct fake_tree *tree, const char *name, const char *file) {
    const struct machine_fact *fact;
    struct machine machine;

    assert_int_equal(machine_read(&tree->source, NULL, &machine), 0);
    fact = machine_find(&machine, "network.interface");
    if (!name) {
        assert_int_equal(fact->status, FACT_NOT_APPLICABLE);
    } else {
        assert_int_equal(fact->status, FACT_VALUE);
        assert_string_equal(fact->text, name);
        assert_string_equal(fact->source, file);
    }
    machine_done(&machine);
}

static void route__of_ipv6_alone(void **state) {
    struct fake_tree *tree = *state;

    fake_tree_write(tree, "/proc/net/route", "Iface\tDestination\tGateway\n");
    fake_tree_write(tree, "/proc/net/ipv6_route",
                    "20010db8000000000000000000000000 40 " ZERO " 00 " ZERO
                    " 00000100 1 0 00000001 eth0\n" ZERO " 00 " ZERO " 00 " NEXT
                    " 00000400 1 0 00000003 eth1\n" ZERO " 00 " ZERO " 00 " ZERO
                    " ffffffff 1 0 00200200 lo\n");
    assert_interface(tree, "eth1", "/proc/net/ipv6_route");
}

static void route__that_refuses_is_none(void **state) {
    struct fake_tree *tree = *state;

    fake_tree_write(tree, "/proc/net/ipv6_route", ZERO " 00 " ZERO " 00 " ZERO " ffffffff 1 0 00200200 lo\n");
    assert_interface(tree, NULL, NULL);
}

static void route__of_ipv4_that_refuses_is_none(void **state) {
    struct fake_tree *tree = *state;

    fake_tree_write(tree, "/proc/net/route",
                    "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\n"
                    "*\t00000000\t00000000\t0201\t0\t0\t0\t00000000\n"
                    "eth1\t00000000\t0101A8C0\t0002\t0\t0\t1\t00000000\n"
                    "eth0\t00000000\t0101A8C0\t0003\t0\t0\t100\t00000000\n");
    assert_interface(tree, "eth0", "/proc/net/route");
}

static void route__the_lowest_metric_is_taken(void **state) {
    struct fake_tree *tree = *state;

    fake_tree_write(tree, "/proc/net/route",
                    "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\n"
                    "tun0\t00000000\t0101A8C0\t0003\t0\t0\t0\t00000080\n"
                    "wlan0\t00000000\t0101A8C0\t0003\t0\t0\t600\t00000000\n"
                    "eth0\t00000000\t0101A8C0\t0003\t0\t0\t100\t00000000\n");
    assert_interface(tree, "eth0", "/proc/net/route");
}

static void route__of_a_capture_with_two_words(void **state) {
    struct fake_tree *tree = *state;

    fake_tree_write(tree, "/proc/net/route", "eno1\t00000000\n");
    assert_interface(tree, "eno1", "/proc/net/route");
}

#define with_tree(test) cmocka_unit_test_setup_teardown(test, fake_tree_set_up, fake_tree_tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        with_tree(route__of_ipv6_alone),
        with_tree(route__that_refuses_is_none),
        with_tree(route__of_ipv4_that_refuses_is_none),
        with_tree(route__the_lowest_metric_is_taken),
        with_tree(route__of_a_capture_with_two_words),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
