/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a control group allows, which is what it and all above it allow. */
#include "fakes/fake_tree.h"
#include "machine/machine.h"
#include "unit/descriptors.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define MIB (INT64_C(1) << 20)

static void assert_limits(const struct fake_tree *tree, int64_t bytes, double cpus) {
    const struct machine_fact *memory, *cpu;
    struct machine machine;

    assert_int_equal(machine_read(&tree->source, NULL, &machine), 0);
    memory = machine_find(&machine, "cgroup.memory_limit_bytes");
    cpu = machine_find(&machine, "cgroup.cpu_limit");
    assert_int_equal(memory->status, bytes < 0 ? FACT_NOT_APPLICABLE : FACT_VALUE);
    assert_int_equal(cpu->status, cpus < 0 ? FACT_NOT_APPLICABLE : FACT_VALUE);
    if (bytes >= 0)
        assert_int_equal(memory->integer, bytes);
    if (cpus >= 0)
        assert_true(fabs(cpu->real - cpus) < 1e-9);
    machine_done(&machine);
}

/* A service without limits in a slice that has them. */
static void limits__of_the_groups_above_hold(void **state) {
    struct fake_tree *tree = *state;

    fake_tree_write(tree, "/proc/self/cgroup", "0::/lab.slice/bench.service\n");
    fake_tree_write(tree, "/sys/fs/cgroup/lab.slice/bench.service/memory.max", "max\n");
    fake_tree_write(tree, "/sys/fs/cgroup/lab.slice/bench.service/cpu.max", "max 100000\n");
    fake_tree_write(tree, "/sys/fs/cgroup/lab.slice/memory.max", "536870912\n");
    fake_tree_write(tree, "/sys/fs/cgroup/lab.slice/cpu.max", "150000 100000\n");
    assert_limits(tree, 512 * MIB, 1.5);
}

static void limits__the_lowest_holds(void **state) {
    struct fake_tree *tree = *state;

    fake_tree_write(tree, "/proc/self/cgroup", "0::/a/b\n");
    fake_tree_write(tree, "/sys/fs/cgroup/a/b/memory.max", "268435456\n");
    fake_tree_write(tree, "/sys/fs/cgroup/a/b/cpu.max", "300000 100000\n");
    fake_tree_write(tree, "/sys/fs/cgroup/a/memory.max", "536870912\n");
    fake_tree_write(tree, "/sys/fs/cgroup/a/cpu.max", "20000 100000\n");
    assert_limits(tree, 256 * MIB, 0.2);
}

/* Docker with version 1: the path is the host's, and the container's own group is mounted as the top. */
static void limits__of_a_container_of_version_1(void **state) {
    struct fake_tree *tree = *state;

    fake_tree_write(tree, "/proc/self/cgroup", "4:memory:/docker/1\n3:cpu,cpuacct:/docker/1\n");
    fake_tree_write(tree, "/sys/fs/cgroup/memory/memory.limit_in_bytes", "268435456\n");
    fake_tree_write(tree, "/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "50000\n");
    fake_tree_write(tree, "/sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
    assert_limits(tree, 256 * MIB, 0.5);
}

static void limits__none_is_none(void **state) {
    struct fake_tree *tree = *state;

    fake_tree_write(tree, "/proc/self/cgroup", "4:memory:/a\n3:cpu,cpuacct:/a\n");
    fake_tree_write(tree, "/sys/fs/cgroup/memory/a/memory.limit_in_bytes", "9223372036854771712\n");
    fake_tree_write(tree, "/sys/fs/cgroup/cpu/a/cpu.cfs_quota_us", "-1\n");
    fake_tree_write(tree, "/sys/fs/cgroup/cpu/a/cpu.cfs_period_us", "100000\n");
    assert_limits(tree, -1, -1);
}

#define with_tree(test) cmocka_unit_test_setup_teardown(test, fake_tree_set_up, fake_tree_tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        with_tree(limits__of_the_groups_above_hold),
        with_tree(limits__the_lowest_holds),
        with_tree(limits__of_a_container_of_version_1),
        with_tree(limits__none_is_none),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
