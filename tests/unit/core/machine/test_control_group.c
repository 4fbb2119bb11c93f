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

/* `weight` NaN: there is none. */
static void assert_share(const struct fake_tree *tree, const char *group, double weight) {
    const struct machine_fact *share, *fact;
    struct machine machine;

    assert_int_equal(machine_read(&tree->source, NULL, &machine), 0);
    share = machine_find(&machine, "cgroup.cpu_group");
    fact = machine_find(&machine, "cgroup.cpu_weight");
    assert_int_equal(share->status, FACT_VALUE);
    assert_string_equal(share->text, group);
    assert_int_equal(fact->status, isnan(weight) ? FACT_NOT_APPLICABLE : FACT_VALUE);
    if (!isnan(weight))
        assert_true(fabs(fact->real - weight) < 1e-9);
    machine_done(&machine);
}

/* What is another each time is left out, so that two runs of one service are in one group. */
static void share__of_version_2(void **state) {
    struct fake_tree *tree = *state;

    fake_tree_write(tree, "/proc/self/cgroup", "0::/user.slice/user-1000.slice/session-c12.scope\n");
    fake_tree_write(tree, "/sys/fs/cgroup/user.slice/user-1000.slice/session-c12.scope/cpu.weight", "250\n");
    fake_tree_link(tree, "/proc/self/ns/cgroup", "cgroup:[4026531835]");
    assert_share(tree, "/user.slice/user-*.slice/session-*.scope", 250);
    fake_tree_write(tree, "/proc/self/cgroup", "0::/machine.slice/libpod-3fa9c0.scope/container\n");
    fake_tree_write(tree, "/sys/fs/cgroup/machine.slice/libpod-3fa9c0.scope/cpu.weight", "100\n");
    fake_tree_write(tree, "/sys/fs/cgroup/machine.slice/libpod-3fa9c0.scope/container/cgroup.procs", "1\n");
    assert_share(tree, "/machine.slice/libpod-*.scope", 100);
}

/* Without the controller all share as processes do. */
static void share__of_the_root(void **state) {
    struct fake_tree *tree = *state;

    fake_tree_write(tree, "/proc/self/cgroup", "0::/system.slice/a.service\n");
    fake_tree_write(tree, "/sys/fs/cgroup/system.slice/a.service/cgroup.procs", "1\n");
    assert_share(tree, "/", NAN);
    fake_tree_write(tree, "/proc/self/cgroup", "1:cpu:/\n0::/a\n");
    fake_tree_write(tree, "/sys/fs/cgroup/cpu/cpu.shares", "1024\n");
    assert_share(tree, "/", NAN);
}

/* Where no groups are mounted, as below `ip netns exec`, the root is not taken for the group that shares. */
static void share__of_what_is_not_mounted(void **state) {
    struct fake_tree *tree = *state;

    fake_tree_write(tree, "/proc/self/cgroup", "0::/system.slice/a.service\n");
    fake_tree_write(tree, "/sys/fs/cgroup/other/cpu.weight", "100\n");
    assert_share(tree, "/system.slice/a.service", NAN);
}

static void share__of_version_1(void **state) {
    struct fake_tree *tree = *state;

    fake_tree_write(tree, "/proc/self/cgroup", "4:memory:/a\n3:cpu,cpuacct:/vmsuite-place-abcdefgh\n");
    fake_tree_write(tree, "/sys/fs/cgroup/cpu/vmsuite-place-abcdefgh/cpu.shares", "3072\n");
    assert_share(tree, "/vmsuite-place-*", 300);
    fake_tree_write(tree, "/proc/self/cgroup", "3:cpu,cpuacct:/docker/0ab\n"); /* mounted as the top */
    fake_tree_write(tree, "/sys/fs/cgroup/cpu/cpu.shares", "512\n");
    assert_share(tree, "/docker/*", 50);
}

/* A group that cannot be read has not the weight of the one above it. */
static void share__unread_is_unknown(void **state) {
    struct fake_tree *tree = *state;

    fake_tree_write(tree, "/proc/self/cgroup", "3:cpu,cpuacct:/a\n");
    fake_tree_write(tree, "/sys/fs/cgroup/cpu/cpu.shares", "512\n");
    fake_tree_write(tree, "/sys/fs/cgroup/cpu/a/cpu.shares", "many\n");
    assert_share(tree, "/a", NAN);
    fake_tree_write(tree, "/proc/self/cgroup", "0::/b\n");
    fake_tree_write(tree, "/sys/fs/cgroup/cpu.weight", "200\n");
    fake_tree_write(tree, "/sys/fs/cgroup/b/cpu.weight", "some\n");
    assert_share(tree, "/b", NAN);
}

/* A container that sees its own group as the root of all. */
static void share__in_a_namespace(void **state) {
    struct fake_tree *tree = *state;

    fake_tree_write(tree, "/proc/self/cgroup", "0::/\n");
    fake_tree_write(tree, "/sys/fs/cgroup/cpu.weight", "79\n");
    fake_tree_link(tree, "/proc/self/ns/cgroup", "cgroup:[4026532501]");
    assert_share(tree, "namespace:/", 79);
}

static void assert_processors(const struct fake_tree *tree, const char *expected) {
    const struct machine_fact *fact;
    struct machine machine;

    assert_int_equal(machine_read(&tree->source, NULL, &machine), 0);
    fact = machine_find(&machine, "cgroup.cpus");
    if (expected)
        assert_string_equal(fact->text, expected);
    else
        assert_int_equal(fact->status, FACT_NOT_APPLICABLE);
    machine_done(&machine);
}

/* A session has no cpuset of its own: it has what its slice may use. */
static void processors__of_the_nearest_group_that_says(void **state) {
    struct fake_tree *tree = *state;

    assert_processors(tree, NULL);
    fake_tree_write(tree, "/proc/self/cgroup", "0::/user.slice/session 2.scope\n");
    assert_processors(tree, NULL);
    fake_tree_write(tree, "/sys/fs/cgroup/cpuset.cpus.effective", "0-7\n");
    assert_processors(tree, "0-7");
    fake_tree_write(tree, "/sys/fs/cgroup/user.slice/cpuset.cpus.effective", "0-1\n");
    assert_processors(tree, "0-1");
    fake_tree_write(tree, "/sys/fs/cgroup/user.slice/session 2.scope/cpuset.cpus.effective", "1\n");
    assert_processors(tree, "1");
}

/* In a container the group may be mounted as the top of all. */
static void processors__of_version_1(void **state) {
    struct fake_tree *tree = *state;

    fake_tree_write(tree, "/proc/self/cgroup", "5:cpuset:/docker/1\n0::/docker/1\n");
    fake_tree_write(tree, "/sys/fs/cgroup/cpuset/cpuset.effective_cpus", "0-3\n");
    assert_processors(tree, "0-3");
    fake_tree_write(tree, "/sys/fs/cgroup/cpuset/docker/1/cpuset.effective_cpus", "3\n");
    assert_processors(tree, "3");
}

#define with_tree(test) cmocka_unit_test_setup_teardown(test, fake_tree_set_up, fake_tree_tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        with_tree(limits__of_the_groups_above_hold),
        with_tree(limits__the_lowest_holds),
        with_tree(limits__of_a_container_of_version_1),
        with_tree(limits__none_is_none),
        with_tree(share__of_version_2),
        with_tree(share__of_the_root),
        with_tree(share__of_what_is_not_mounted),
        with_tree(share__of_version_1),
        with_tree(share__unread_is_unknown),
        with_tree(share__in_a_namespace),
        with_tree(processors__of_the_nearest_group_that_says),
        with_tree(processors__of_version_1),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
