/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fakes/fake_tree.h"
#include "machine/machine.h"
#include "unit/descriptors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define MIB (INT64_C(1) << 20)

/* A processor with a cache of level 3; `shared` NULL: it is unknown with whom. */
static void write_cpu(const struct fake_tree *tree, unsigned cpu, const char *size, const char *shared) {
    const struct {
        const char *file, *text;
    } files[] = {{"type", "Unified\n"}, {"level", "3\n"}, {"size", size}, {"shared_cpu_list", shared}};

    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        char path[128];

        (void)snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%u/cache/index0/%s", cpu,
                       files[i].file);
        if (files[i].text)
            fake_tree_write(tree, path, files[i].text);
    }
}

static void assert_total(const struct fake_tree *tree, int64_t bytes, const char *source) {
    const struct machine_fact *fact;
    struct machine machine;

    assert_int_equal(machine_read(&tree->source, NULL, &machine), 0);
    fact = machine_find(&machine, "cpu.llc_total_bytes");
    assert_int_equal(fact->status, FACT_VALUE);
    assert_int_equal(fact->integer, bytes);
    assert_non_null(strstr(fact->source, source));
    machine_done(&machine);
}

static void total__counts_each_cache_once(void **state) {
    struct fake_tree *tree = *state;

    for (unsigned cpu = 0; cpu < 4; cpu++)
        write_cpu(tree, cpu, "16384K\n", cpu < 2 ? "0-1\n" : "2-3\n");
    assert_total(tree, 32 * MIB, "sys");
}

/* Processors of which nothing is shown, before those of which it is. */
static void total__passes_over_processors_without(void **state) {
    struct fake_tree *tree = *state;

    write_cpu(tree, 0, "16384K\n", "0-1\n");
    fake_tree_write(tree, "/sys/devices/system/cpu/cpufreq/boost", "1\n"); /* which is no processor */
    fake_tree_write(tree, "/sys/devices/system/cpu/cpu1/online", "0\n");
    write_cpu(tree, 2, "16384K\n", "2-3\n");
    fake_tree_write(tree, "/sys/devices/system/cpu/cpu3/online", "0\n");
    write_cpu(tree, 4, "16384K\n", "4-5\n");
    assert_total(tree, 48 * MIB, "sys");
}

static void total__never_adds_what_may_be_the_same(void **state) {
    struct fake_tree *tree = *state;

    write_cpu(tree, 0, "16384K\n", NULL);
    write_cpu(tree, 1, "16384K\n", NULL);
    assert_total(tree, 16 * MIB, "sys");
}

/* What guests see of large hosts: the whole cache, or the whole cache once for each processor. */
static void total__is_cut_to_what_is_plausible(void **state) {
    struct fake_tree *tree = *state;

    write_cpu(tree, 0, "520192K\n", "0\n");
    write_cpu(tree, 1, "520192K\n", "1\n");
    assert_total(tree, 64 * MIB, "which says 1065353216 for 2 processors: 33554432 each are believed");
}

/* EPYC 7373X without SMT: a die of 96 MiB for two cores. */
static void total__of_stacked_dies_is_believed(void **state) {
    struct fake_tree *tree = *state;

    for (unsigned cpu = 0; cpu < 4; cpu++)
        write_cpu(tree, cpu, "98304K\n", cpu < 2 ? "0-1\n" : "2-3\n");
    assert_total(tree, 192 * MIB, "sys");
}

/* A larger cache than a die's is a host's; how many share it decides what is believed. */
static void total__of_a_host_is_cut_by_its_sharing(void **state) {
    struct fake_tree *tree = *state;

    for (unsigned cpu = 0; cpu < 4; cpu++)
        write_cpu(tree, cpu, "131072K\n", cpu < 3 ? "0-2\n" : "3\n");
    assert_total(tree, (96 + 32) * MIB, "which says 268435456 for 4 processors: 33554432 each are believed");
}

static void total__of_cpuid_alone(void **state) {
    struct fake_tree *tree = *state;

    /* One cache of level 3: 16 ways, 1 partition, 64 bytes, 8192 sets. */
    fake_tree_write(tree, "/cpuid", "00000001 0 0 0 0 0\n00000004 0 00000163 03c0003f 00001fff 00000000\n");
    fake_tree_write(tree, "/sys/devices/system/cpu/cpu0/online", "1\n");
    assert_total(tree, 8 * MIB, "CPUID");
}

#define with_tree(test) cmocka_unit_test_setup_teardown(test, fake_tree_set_up, fake_tree_tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        with_tree(total__passes_over_processors_without),
        with_tree(total__counts_each_cache_once),
        with_tree(total__never_adds_what_may_be_the_same),
        with_tree(total__is_cut_to_what_is_plausible),
        with_tree(total__of_stacked_dies_is_believed),
        with_tree(total__of_a_host_is_cut_by_its_sharing),
        with_tree(total__of_cpuid_alone),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
