/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fakes/fake_tree.h"
#include "source/cgroup.h"
#include "unit/descriptors.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void path__of_both_versions(void **state) {
    struct fake_tree *tree = *state;
    char *path;

    fake_tree_write(tree, "/proc/self/cgroup", "4:memory:/a\n3:cpu,cpuacct:/b/c\n1:name=systemd:/d\n0::/\n");
    path = cgroup_path(&tree->source, "");
    assert_string_equal(path, "");
    free(path);
    path = cgroup_path(&tree->source, "cpu");
    assert_string_equal(path, "/b/c");
    free(path);
    path = cgroup_path(&tree->source, "cpuacct");
    assert_string_equal(path, "/b/c");
    free(path);
    assert_null(cgroup_path(&tree->source, "cpuset"));
    assert_null(cgroup_path(&tree->source, "cp"));
}

static void quota__of_the_groups_above_counts(void **state) {
    struct fake_tree *tree = *state;
    struct cgroup_quota quota;

    fake_tree_write(tree, "/proc/self/cgroup", "0::/a/b\n");
    fake_tree_write(tree, "/sys/fs/cgroup/a/b/cpu.stat",
                    "usage_usec 1\nnr_periods 10\nnr_throttled 2\nthrottled_usec 9\n");
    fake_tree_write(tree, "/sys/fs/cgroup/a/cpu.stat", "usage_usec 1\nnr_periods 40\nnr_throttled 36\n");
    fake_tree_write(tree, "/sys/fs/cgroup/cpu.stat", "usage_usec 1\n"); /* the root has no quota */
    cgroup_read_quota(&tree->source, &quota);
    assert_int_equal((int)quota.periods, 50);
    assert_int_equal((int)quota.throttled, 38);
}

static void quota__of_version_1(void **state) {
    struct fake_tree *tree = *state;
    struct cgroup_quota quota;

    fake_tree_write(tree, "/proc/self/cgroup", "3:cpu,cpuacct:/docker/1\n0::/\n");
    /* In a container of version 1 the hierarchy begins at its own group. */
    fake_tree_write(tree, "/sys/fs/cgroup/cpu/cpu.stat",
                    "nr_periods 50\nnr_throttled 38\nthrottled_time 9\n");
    cgroup_read_quota(&tree->source, &quota);
    assert_int_equal((int)quota.periods, 50);
    assert_int_equal((int)quota.throttled, 38);
}

static void quota__is_unknown_without_groups(void **state) {
    struct fake_tree *tree = *state;
    struct cgroup_quota quota;

    cgroup_read_quota(&tree->source, &quota);
    assert_true(isnan(quota.periods) && isnan(quota.throttled));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(path__of_both_versions, fake_tree_set_up, fake_tree_tear_down),
        cmocka_unit_test_setup_teardown(quota__of_the_groups_above_counts, fake_tree_set_up,
                                        fake_tree_tear_down),
        cmocka_unit_test_setup_teardown(quota__of_version_1, fake_tree_set_up, fake_tree_tear_down),
        cmocka_unit_test_setup_teardown(quota__is_unknown_without_groups, fake_tree_set_up,
                                        fake_tree_tear_down),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
