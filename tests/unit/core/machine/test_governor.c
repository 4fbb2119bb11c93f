/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fakes/fake_tree.h"
#include "machine/machine.h"
#include "unit/descriptors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static void assert_governor(const struct fake_tree *tree, const char *expected) {
    const struct machine_fact *fact;
    struct machine machine;

    assert_int_equal(machine_read(&tree->source, NULL, &machine), 0);
    fact = machine_find(&machine, "cpu.governor");
    assert_int_equal(fact->status, expected ? FACT_VALUE : FACT_NOT_APPLICABLE);
    if (expected)
        assert_string_equal(fact->text, expected);
    machine_done(&machine);
}

static void set_governor(const struct fake_tree *tree, unsigned cpu, const char *governor) {
    char path[128];

    (void)snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%u/cpufreq/scaling_governor", cpu);
    fake_tree_write(tree, path, governor);
}

/* One processor that is set otherwise is seen, whichever it is; one that is offline has none. */
static void governor__of_all_processors(void **state) {
    struct fake_tree *tree = *state;

    assert_governor(tree, NULL);
    fake_tree_write(tree, "/sys/devices/system/cpu/cpu0/topology/physical_package_id", "0\n");
    assert_governor(tree, NULL);
    set_governor(tree, 0, "performance\n");
    set_governor(tree, 1, "performance\n");
    assert_governor(tree, "performance");
    set_governor(tree, 3, "powersave\n");
    assert_governor(tree, "performance, powersave");
    fake_tree_write(tree, "/sys/devices/system/cpu/cpufreq/policy0/scaling_governor",
                    "none of a processor\n");
    assert_governor(tree, "performance, powersave");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(governor__of_all_processors, fake_tree_set_up, fake_tree_tear_down),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
