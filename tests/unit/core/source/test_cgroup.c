/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fakes/fake_tree.h"
#include "source/cgroup.h"
#include "unit/descriptors.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static void line__is_taken_apart(void **state) {
    static const struct {
        const char *line, *controllers, *path;
    } rows[] = {
        {"4:cpu,cpuacct:/a b/\xc3\xa4\n", "cpu,cpuacct", "/a b/\xc3\xa4"},
        {"1:name=systemd:/a:b", "name=systemd", "/a:b"},
        {"0::/\n", "", "/"},
        {"0:/a\n", NULL, NULL},
        {"\n", NULL, NULL},
    };

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        struct cgroup_line line;
        char text[64];

        (void)snprintf(text, sizeof(text), "%s", rows[i].line);
        assert_int_equal(cgroup_read_line(text, &line), rows[i].path != NULL);
        if (rows[i].path) {
            assert_string_equal(line.controllers, rows[i].controllers);
            assert_string_equal(line.path, rows[i].path);
        }
    }
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

static void quota__of_a_group_with_any_name(void **state) {
    struct fake_tree *tree = *state;
    struct cgroup_quota quota;
    struct cgroup_share share;

    fake_tree_write(tree, "/proc/self/cgroup", "0::/b\xc3\xbcro und haus\n");
    fake_tree_write(tree, "/sys/fs/cgroup/b\xc3\xbcro und haus/cpu.stat", "nr_periods 10\nnr_throttled 2\n");
    fake_tree_write(tree, "/sys/fs/cgroup/b\xc3\xbcro und haus/cpu.weight", "300\n");
    cgroup_read_quota(&tree->source, &quota);
    assert_int_equal((int)quota.periods, 10);
    assert_int_equal(cgroup_read_share(&tree->source, &share), 0);
    assert_true(share.weight == 300);
    assert_string_equal(share.group, "/b??ro und haus");
    free(share.group);
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

static void read_share(const struct fake_tree *tree, const char *file, struct cgroup_share *ret_share) {
    fake_tree_write(tree, file, "");
    assert_int_equal(cgroup_read_share(&tree->source, ret_share), 0);
    free(ret_share->group);
}

/* Of the group that shares: one without the controller has the id of the one above it. */
static void id__is_that_of_the_group_that_shares(void **state) {
    struct fake_tree *tree = *state;
    struct cgroup_share a, b, above;

    fake_tree_write(tree, "/proc/self/cgroup", "0::/up/a\n");
    fake_tree_write(tree, "/sys/fs/cgroup/up/a/cpu.weight", "100\n");
    read_share(tree, "/sys/fs/cgroup/up/a/cgroup.procs", &a);
    fake_tree_write(tree, "/proc/self/cgroup", "0::/up\n");
    fake_tree_write(tree, "/sys/fs/cgroup/up/cpu.weight", "100\n");
    read_share(tree, "/sys/fs/cgroup/up/cgroup.procs", &above);
    fake_tree_write(tree, "/proc/self/cgroup", "0::/up/b\n");
    read_share(tree, "/sys/fs/cgroup/up/b/cgroup.procs", &b);
    assert_true(*a.id && strcmp(a.id, above.id) != 0);
    assert_string_equal(b.id, above.id);
    fake_tree_write(tree, "/proc/self/cgroup", "3:cpu,cpuacct:/docker/1\n");
    read_share(tree, "/sys/fs/cgroup/cpu/cgroup.procs", &a); /* mounted as the top */
    read_share(tree, "/sys/fs/cgroup/cpu/docker/1/cgroup.procs", &b);
    assert_true(*a.id && *b.id && strcmp(a.id, b.id) != 0);
}

/* The group that shares may lie above what a container sees. */
static void id__is_unknown_where_it_is_hidden(void **state) {
    struct fake_tree *tree = *state;
    struct cgroup_share share;

    fake_tree_link(tree, "/proc/self/ns/cgroup", "cgroup:[4026532501]");
    fake_tree_write(tree, "/proc/self/cgroup", "0::/\n");
    read_share(tree, "/sys/fs/cgroup/cgroup.procs", &share);
    assert_string_equal(share.id, "");
    read_share(tree, "/sys/fs/cgroup/cpu.weight", &share);
    assert_string_equal(share.id, ""); /* it says no weight */
    fake_tree_write(tree, "/sys/fs/cgroup/cpu.weight", "100\n");
    read_share(tree, "/sys/fs/cgroup/cgroup.procs", &share);
    assert_string_not_equal(share.id, "");
}

static void groups__are_apart_where_that_is_known(void **state) {
    static const struct {
        const char *group, *id, *other, *other_id;
        bool apart;
    } rows[] = {
        {"/a", "", "/b", "", true},
        {"/a", "1", "/b", "2", true},
        {"/a", "", "/a", "", false},
        {"/s-*", "1", "/s-*", "2", false}, /* alike: made for places, or one user's sessions */
        {"/a", "", "", "", false},
        {"", "", "/a", "", false},
        {"namespace:/", "1", "namespace:/", "2", true},
        {"namespace:/", "1", "namespace:/a", "1", false},
        {"namespace:/", "", "namespace:/a", "", false},
        {"namespace:/", "1", "/a", "", false},
        {"/a", "", "namespace:/", "1", false},
        {"/a", "2", "namespace:/", "1", true},
        {"/a", "1", "namespace:/", "1", false},
    };

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(rows); i++)
        if (cgroup_are_apart(rows[i].group, rows[i].id, rows[i].other, rows[i].other_id) != rows[i].apart)
            fail_msg("row %zu", i);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(path__of_both_versions, fake_tree_set_up, fake_tree_tear_down),
        cmocka_unit_test(line__is_taken_apart),
        cmocka_unit_test_setup_teardown(quota__of_the_groups_above_counts, fake_tree_set_up,
                                        fake_tree_tear_down),
        cmocka_unit_test_setup_teardown(id__is_that_of_the_group_that_shares, fake_tree_set_up,
                                        fake_tree_tear_down),
        cmocka_unit_test_setup_teardown(id__is_unknown_where_it_is_hidden, fake_tree_set_up,
                                        fake_tree_tear_down),
        cmocka_unit_test(groups__are_apart_where_that_is_known),
        cmocka_unit_test_setup_teardown(quota__of_a_group_with_any_name, fake_tree_set_up,
                                        fake_tree_tear_down),
        cmocka_unit_test_setup_teardown(quota__of_version_1, fake_tree_set_up, fake_tree_tear_down),
        cmocka_unit_test_setup_teardown(quota__is_unknown_without_groups, fake_tree_set_up,
                                        fake_tree_tear_down),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
