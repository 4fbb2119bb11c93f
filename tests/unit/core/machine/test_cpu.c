/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Machines whose processors differ: what is said of one is not said of all. */
#include "fakes/fake_tree.h"
#include "machine/machine.h"
#include "unit/descriptors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void set_limit(const struct fake_tree *tree, unsigned cpu, const char *kilohertz) {
    char path[128];

    (void)snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%u/cpufreq/cpuinfo_max_freq", cpu);
    fake_tree_write(tree, path, kilohertz);
}

static void assert_limit(const struct fake_tree *tree, int64_t hertz, enum fact_status status,
                         const char *source) {
    const struct machine_fact *fact;
    struct machine machine;

    assert_int_equal(machine_read(&tree->source, NULL, &machine), 0);
    fact = machine_find(&machine, "cpu.frequency_max_hz");
    assert_int_equal(fact->status, status);
    assert_int_equal(fact->integer, hertz);
    assert_string_equal(fact->source, source);
    machine_done(&machine);
}

#define LIMITS "/sys/devices/system/cpu/cpu*/cpufreq/cpuinfo_max_freq"

/* A hybrid processor, whose first one is a slow one, and one that has no such file. */
static void frequency__is_the_highest_of_all(void **state) {
    struct fake_tree *tree = *state;

    assert_limit(tree, 0, FACT_NOT_APPLICABLE, LIMITS);
    set_limit(tree, 0, "0\n"); /* there is a driver, which does not know it */
    assert_limit(tree, 0, FACT_UNKNOWN, LIMITS);
    set_limit(tree, 0, "3800000\n");
    assert_limit(tree, INT64_C(3800000000), FACT_VALUE, LIMITS);
    set_limit(tree, 3, "5400000\n");
    set_limit(tree, 10, "3800000\n");
    set_limit(tree, 11, "0\n");
    assert_limit(tree, INT64_C(5400000000), FACT_VALUE, LIMITS ", the lowest says 3800000000");
}

/* What is not known is not 0. */
static void frequency__of_0_is_unknown(void **state) {
    static const char current[] = "/sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq";
    static const struct {
        const char *file, *text;
        enum fact_status status;
        double hertz;
    } rows[] = {{"/proc/cpuinfo", "processor\t: 0\ncpu MHz\t\t: 0.000\n", FACT_UNKNOWN, 0},
                {"/proc/cpuinfo", "processor\t: 0\ncpu MHz\t\t: unknown\n", FACT_UNKNOWN, 0},
                {current, "0\n", FACT_UNKNOWN, 0},
                {"/proc/cpuinfo", "processor\t: 0\ncpu MHz\t\t: 2100.5\n", FACT_VALUE, 2100.5e6},
                {current, "2000000\n", FACT_VALUE, 2e9}};
    struct fake_tree *tree = *state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct machine_fact *fact;
        struct machine machine;

        fake_tree_write(tree, rows[i].file, rows[i].text);
        assert_int_equal(machine_read(&tree->source, NULL, &machine), 0);
        fact = machine_find(&machine, "cpu.frequency_hz");
        assert_int_equal(fact->status, rows[i].status);
        assert_true(fact->real == rows[i].hertz);
        machine_done(&machine);
    }
}

static void assert_model(const struct fake_tree *tree, const char *cpuinfo, const char *model) {
    const struct machine_fact *fact;
    struct machine machine;

    fake_tree_write(tree, "/proc/cpuinfo", cpuinfo);
    assert_int_equal(machine_read(&tree->source, NULL, &machine), 0);
    fact = machine_find(&machine, "cpu.model");
    if (model)
        assert_string_equal(fact->text, model);
    else
        assert_int_equal(fact->status, FACT_UNKNOWN);
    machine_done(&machine);
}

#define ARM(n, part) "processor\t: " #n "\nCPU implementer\t: 0x41\nCPU part\t: " part "\n\n"
#define X86(n, name) "processor\t: " #n "\nmodel name\t: " name "\n\n"

static void model__names_each_that_there_is(void **state) {
    struct fake_tree *tree = *state;

    assert_model(tree, ARM(0, "0xd05") ARM(1, "0xd05") ARM(2, "0xd0b") ARM(3, "0xd05"),
                 "implementer 0x41 part 0xd05; implementer 0x41 part 0xd0b");
    assert_model(tree, X86(0, "EPYC 9754") X86(1, "EPYC 9754"), "EPYC 9754");
    assert_model(tree, X86(0, "a, b") X86(1, "a, b") X86(2, "a, b"), "a, b");
    assert_model(tree, X86(0, "Cortex-A55") X86(1, "Cortex-A5"), "Cortex-A55; Cortex-A5");
    assert_model(tree, "processor\t: 0\n", NULL);
}

#define with_tree(test) cmocka_unit_test_setup_teardown(test, fake_tree_set_up, fake_tree_tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        with_tree(frequency__is_the_highest_of_all),
        with_tree(frequency__of_0_is_unknown),
        with_tree(model__names_each_that_there_is),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
