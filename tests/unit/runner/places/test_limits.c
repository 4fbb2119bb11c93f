/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What limits write into control groups of both versions, and what they leave. */
#include "base/cleanup.h"
#include "base/text.h"
#include "places/kinds/limits.h"
#include "source/cgroup.h"

#include "fakes/fake_cgroups.h"
#include "unit/descriptors.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include <cmocka.h>

static void make(const char *text, struct limits *ret_limits) {
    struct vms_error error = {""};
    struct place place;

    if (place_read(text, &place, &error) < 0 || limits_make(&place, ret_limits, &error) < 0)
        fail_msg("%s: %s", text, error.text);
    place_done(&place);
}

/* Whether a group lies right below this folder, and is called as places' groups are. */
static bool is_below(const char *group, const char *parent) {
    cleanup_free char *start = text_new("%s/" CGROUP_PLACE_PREFIX, parent);

    return strncmp(group, start, strlen(start)) == 0 && !strchr(group + strlen(start), '/');
}

static bool is_there(const char *group) {
    return access(group, F_OK) == 0;
}

static void make__version_2_has_one_group_for_all(void **state) {
    struct limits limits;
    struct stat info;
    char *group;

    (void)state;
    fake_cgroups_begin(true, "0::/mine\n");
    make("cgroup:cpu=150%,weight=50,memory=1GiB", &limits);
    assert_int_equal(limits.n_groups, 1);
    group = limits.groups[0];
    assert_true(is_below(group, FAKE_CGROUPS));
    assert_int_equal(stat(fake_cgroups_path(group), &info), 0);
    assert_int_equal(info.st_mode & 0777, 0755);
    assert_string_equal(fake_cgroups_text(FAKE_CGROUPS, "cgroup.subtree_control"), "+cpu +memory");
    assert_string_equal(fake_cgroups_text(group, "cpu.max"), "150000 100000");
    assert_string_equal(fake_cgroups_text(group, "cpu.weight"), "50");
    assert_string_equal(fake_cgroups_text(group, "memory.max"), "1073741824");
    assert_ptr_equal(limits.freezer, group);
    assert_int_equal(limits.beside, 0);
    assert_int_equal(limits_join(&limits), 0);
    assert_string_equal(fake_cgroups_text(group, "cgroup.procs"), "0");
    group = strdup(group);
    limits_done(&limits);
    assert_int_equal(limits.n_groups, 0);
    assert_false(is_there(group));
    free(group);
    fake_cgroups_end();
}

static void make__version_1_has_a_group_for_each(void **state) {
    struct limits limits;

    (void)state;
    fake_cgroups_begin(false, "3:cpu,cpuacct:/mine\n4:memory:/mine\n5:freezer:/mine\n");
    make("cgroup:cpu=1%,weight=50,memory=1MiB", &limits);
    assert_int_equal(limits.n_groups, 3);
    assert_true(is_below(limits.groups[0], FAKE_CGROUPS "/cpu/mine"));
    assert_true(is_below(limits.groups[1], FAKE_CGROUPS "/memory/mine"));
    assert_true(is_below(limits.groups[2], FAKE_CGROUPS "/freezer/mine"));
    assert_string_equal(fake_cgroups_text(limits.groups[0], "cpu.cfs_period_us"), "100000");
    assert_string_equal(fake_cgroups_text(limits.groups[0], "cpu.cfs_quota_us"), "1000");
    assert_string_equal(fake_cgroups_text(limits.groups[0], "cpu.shares"), "512");
    assert_string_equal(fake_cgroups_text(limits.groups[1], "memory.limit_in_bytes"), "1048576");
    assert_ptr_equal(limits.freezer, limits.groups[2]);
    assert_int_equal(limits_join(&limits), 0);
    for (size_t i = 0; i < limits.n_groups; i++)
        assert_string_equal(fake_cgroups_text(limits.groups[i], "cgroup.procs"), "0");
    limits_done(&limits);
    fake_cgroups_end();
}

/* 1 of 100 is 10.24 shares, of which the kernel takes whole ones, and two at the least. */
static void make__a_weight_alone_sets_no_quota(void **state) {
    static const struct {
        const char *place, *shares;
    } rows[] = {{"cgroup:weight=1", "10"}, {"cgroup:weight=100", "1024"}, {"cgroup:weight=10000", "102400"}};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        struct limits limits;

        fake_cgroups_begin(false, "3:cpu:/mine\n");
        make(rows[i].place, &limits);
        assert_int_equal(limits.n_groups, 1); /* there is no freezer in which this process is */
        assert_null(limits.freezer);
        assert_string_equal(fake_cgroups_text(limits.groups[0], "cpu.shares"), rows[i].shares);
        assert_string_equal(fake_cgroups_text(limits.groups[0], "cpu.cfs_quota_us"), "");
        limits_done(&limits);
        fake_cgroups_end();
    }
}

static void make__memory_alone_takes_no_processor(void **state) {
    struct limits limits;

    (void)state;
    fake_cgroups_begin(false, "4:memory:/mine\n5:freezer:/mine\n");
    make("cgroup:memory=4096", &limits);
    assert_int_equal(limits.n_groups, 2);
    assert_true(is_below(limits.groups[0], FAKE_CGROUPS "/memory/mine"));
    assert_string_equal(fake_cgroups_text(limits.groups[0], "memory.limit_in_bytes"), "4096");
    limits_done(&limits);
    fake_cgroups_end();
    fake_cgroups_begin(true, "0::/mine\n");
    make("cgroup:memory=4096", &limits);
    assert_int_equal(limits.n_groups, 1);
    assert_string_equal(fake_cgroups_text(limits.groups[0], "memory.max"), "4096");
    assert_string_equal(fake_cgroups_text(limits.groups[0], "cpu.max"), "");
    limits_done(&limits);
    fake_cgroups_end();
}

/* Where this process's own group is not shown, as in a container, the groups lie below the root. */
static void make__version_1_without_a_group_of_its_own(void **state) {
    struct limits limits;

    (void)state;
    fake_cgroups_begin(false, "3:cpu:/elsewhere\n");
    make("cgroup:cpu=50%", &limits);
    assert_true(is_below(limits.groups[0], FAKE_CGROUPS "/cpu"));
    assert_string_equal(fake_cgroups_text(limits.groups[0], "cpu.cfs_quota_us"), "50000");
    limits_done(&limits);
    fake_cgroups_end();
}

/* "local" names no limit: a group only to be held still, beside what else is in the group of this process. */
static void make__a_group_to_freeze(void **state) {
    struct limits limits;

    (void)state;
    fake_cgroups_begin(true, "0::/\n");
    make("local", &limits);
    assert_int_equal(limits.n_groups, 1);
    assert_true(is_below(limits.groups[0], FAKE_CGROUPS));
    assert_ptr_equal(limits.freezer, limits.groups[0]);
    limits_done(&limits);
    fake_cgroups_end();
    fake_cgroups_begin(false, "5:freezer:/mine\n");
    make("local", &limits);
    assert_int_equal(limits.n_groups, 1);
    assert_true(is_below(limits.groups[0], FAKE_CGROUPS "/freezer/mine"));
    limits_done(&limits);
    fake_cgroups_end();
    fake_cgroups_begin(false, "5:freezer:/mine\n");
    make("exec:env", &limits); /* its processes may be anywhere */
    assert_int_equal(limits.n_groups, 0);
    assert_null(limits.freezer);
    assert_true(limits_freeze(&limits, false));
    assert_false(limits_freeze(&limits, true));
    limits_done(&limits);
    fake_cgroups_end();
}

static void make__what_cannot_be_set_is_named_and_leaves_no_group(void **state) {
    static const struct {
        bool is_new;
        const char *file, *text;
    } rows[] = {
        {true, "cpu.max", "cpu.max of a control group cannot be set to 50000 100000"},
        {true, "cpu.weight", "cpu.weight of a control group cannot be set to 7"},
        {true, "memory.max", "memory.max of a control group cannot be set to 1048576"},
        {false, "cpu.cfs_period_us", "cpu.cfs_period_us of a control group cannot be set to 100000"},
        {false, "cpu.cfs_quota_us", "cpu.cfs_quota_us of a control group cannot be set to 50000"},
        {false, "cpu.shares", "cpu.shares of a control group cannot be set to 72"},
        {false, "memory.limit_in_bytes", "memory.limit_in_bytes of a control group cannot be set to 1048576"},
    };

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        struct limits limits = {.n_groups = 9};
        struct vms_error error = {""};
        cleanup_free char *wanted = text_new("the limit %s: Permission denied", rows[i].text);
        struct place place;

        fake_cgroups_begin(rows[i].is_new, rows[i].is_new ? "0::/\n" : "3:cpu:/mine\n4:memory:/mine\n");
        fake_cgroups.refused = rows[i].file;
        assert_int_equal(place_read("cgroup:cpu=50%,weight=7,memory=1MiB", &place, NULL), 0);
        assert_int_equal(limits_make(&place, &limits, &error), -EACCES);
        assert_string_equal(error.text, wanted);
        assert_int_equal(limits.n_groups, 9);
        assert_true(fake_cgroups.n_attempts > 0);
        place_done(&place);
        fake_cgroups_end();
    }
}

/* What killed runs left, which is empty: not what is so new that its run is only about to join, and nothing
 * of anybody else. */
static void make__removes_what_killed_runs_left(void **state) {
    static const struct {
        const char *name;
        int age_s;
        bool stays;
    } rows[] = {{CGROUP_PLACE_PREFIX "old", 700, false},
                {CGROUP_PLACE_PREFIX "new", 500, true},
                {"vmsuite", 7000, true},
                {"of-somebody-vmsuite-place-", 7000, true}};
    struct limits limits;

    (void)state;
    fake_cgroups_begin(true, "0::/\n");
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        cleanup_free char *path = text_new("%s/%s", fake_cgroups.folder, rows[i].name);
        struct timespec times[2] = {{.tv_sec = time(NULL) - rows[i].age_s},
                                    {.tv_sec = time(NULL) - rows[i].age_s}};

        assert_int_equal(mkdir(path, 0755), 0);
        assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
    }
    make("cgroup:cpu=50%", &limits);
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        cleanup_free char *path = text_new(FAKE_CGROUPS "/%s", rows[i].name);

        if (is_there(path) != rows[i].stays)
            fail_msg("%s: %s", path, rows[i].stays ? "is gone" : "is there");
    }
    limits_done(&limits);
    fake_cgroups_end();
}

static void freeze__waits_until_the_kernel_has_done_it(void **state) {
    (void)state;
    for (int is_new = 0; is_new < 2; is_new++) {
        struct limits limits;

        fake_cgroups_begin(is_new, is_new ? "0::/\n" : "5:freezer:/mine\n");
        make("local", &limits);
        for (int frozen = 1; frozen >= 0; frozen--) {
            fake_cgroups.lag = 3;
            assert_true(limits_freeze(&limits, frozen));
            assert_int_equal(fake_cgroups.lag, 0);
            assert_string_equal(fake_cgroups_text(limits.freezer, is_new ? "cgroup.freeze" : "freezer.state"),
                                is_new   ? frozen ? "1" : "0"
                                : frozen ? "FROZEN"
                                         : "THAWED");
            fake_cgroups.lag = -1;
            assert_false(limits_freeze(&limits, frozen));
            fake_cgroups.lag = 0;
        }
        fake_cgroups.refused = is_new ? "cgroup.freeze" : "freezer.state";
        assert_false(limits_freeze(&limits, true));
        limits_done(&limits);
        fake_cgroups_end();
    }
}

/* A group is busy for a moment after its last process has ended. */
static void done__waits_for_a_busy_group(void **state) {
    cleanup_free char *group = NULL;
    struct limits limits;

    (void)state;
    fake_cgroups_begin(true, "0::/\n");
    make("cgroup:cpu=50%", &limits);
    group = strdup(limits.groups[0]);
    fake_cgroups.busy = 1;
    limits_remove(&limits); /* tries once */
    assert_true(is_there(group));
    assert_int_equal(fake_cgroups.n_attempts, 1);
    fake_cgroups.busy = 3;
    limits_done(&limits);
    assert_false(is_there(group));
    assert_int_equal(fake_cgroups.n_attempts, 5);
    fake_cgroups_end();
}

/* Of a running container: the groups of its process, whatever is mounted of them, then the place's own. */
static void join__the_groups_of_a_process(void **state) {
    static const struct {
        bool is_new;
        const char *other;
        const char *joined[3];
        int status;
    } rows[] = {
        {true, "0::/box\n", {FAKE_CGROUPS "/box"}, 0},
        {false, "4:cpu:/box\n7:freezer:/box\n", {FAKE_CGROUPS "/cpu/box", FAKE_CGROUPS "/freezer/box"}, 0},
        {false, "9:pids:/box\n4:cpu:/box\n", {FAKE_CGROUPS "/cpu/box"}, 0}, /* pids is not mounted */
        {false,
         "1:name=systemd:/box\n0::/box\n",
         {FAKE_CGROUPS "/systemd/box", FAKE_CGROUPS "/unified/box"},
         0},
        {true, "nothing\n", {NULL}, -EINVAL},
        {true, "0:\n", {NULL}, -EINVAL},
        {true, "0::/gone\n", {NULL}, -ENOENT},
    };

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        struct limits limits = {.beside = 4242};

        fake_cgroups_begin(rows[i].is_new, "");
        fake_cgroups.other = rows[i].other;
        for (size_t j = 0; j < VMS_LENGTH(rows[i].joined) && rows[i].joined[j]; j++) {
            cleanup_free char *command = text_new("mkdir -p %s", fake_cgroups_path(rows[i].joined[j]));

            assert_int_equal(system(command), 0);
        }
        assert_int_equal(limits_join(&limits), rows[i].status);
        for (size_t j = 0; j < VMS_LENGTH(rows[i].joined) && rows[i].joined[j]; j++)
            assert_string_equal(fake_cgroups_text(rows[i].joined[j], "cgroup.procs"), "0");
        fake_cgroups_end();
    }
}

static void make__stands_beside_the_process_that_it_enters(void **state) {
    struct limits limits;

    (void)state;
    fake_cgroups_begin(true, "0::/\n");
    make("nsenter:" FAKE_CGROUPS_OTHER, &limits);
    assert_int_equal(limits.beside, 4242);
    limits_done(&limits);
    fake_cgroups_end();
}

static void process__is_a_number_of_one_that_runs(void **state) {
    static const struct {
        const char *text;
        pid_t pid;
    } rows[] = {{FAKE_CGROUPS_OTHER, 4242},
                {"0", 0},
                {"", 0},
                {"4242 ", 0},
                {"-4242", 0},
                {"4242K", 0},
                {"2147483648", 0},
                {"4294971538", 0},
                {"2147483647", 0}};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(rows); i++)
        if (limits_process(rows[i].text) != rows[i].pid)
            fail_msg("\"%s\": %d", rows[i].text, (int)limits_process(rows[i].text));
}

static void check__edges_of_the_values(void **state) {
    static const struct {
        int (*check)(const char *value, struct vms_error *error);
        const char *value, *text; /* NULL: it is valid */
    } rows[] = {
        {limits_check_cpu, "1%", NULL},
        {limits_check_cpu, "1000000%", NULL},
        {limits_check_cpu, "0.99%", "\"cpu\" is given in percent of one processor, from 1%: \"50%\""},
        {limits_check_cpu, "1000001%", "\"cpu\" is given in percent of one processor, from 1%: \"50%\""},
        {limits_check_cpu, "50", "\"cpu\" is given in percent of one processor, from 1%: \"50%\""},
        {limits_check_cpu, "%", "\"cpu\" is given in percent of one processor, from 1%: \"50%\""},
        {limits_check_weight, "1", NULL},
        {limits_check_weight, "10000", NULL},
        {limits_check_weight, "0", "\"weight\" must be a whole number from 1 to 10000"},
        {limits_check_weight, "10001", "\"weight\" must be a whole number from 1 to 10000"},
        {limits_check_weight, "1.5", "\"weight\" must be a whole number from 1 to 10000"},
        {limits_check_memory, "1", NULL},
        {limits_check_memory, "0", "\"memory\" is given as a size: \"1GiB\""},
        {limits_check_memory, "much", "\"memory\" is given as a size: \"1GiB\""},
    };

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        struct vms_error error = {""};
        int status = rows[i].check(rows[i].value, &error);

        if (status != (rows[i].text ? -EINVAL : 0) || (rows[i].text && strcmp(error.text, rows[i].text) != 0))
            fail_msg("%s: %d, %s", rows[i].value, status, error.text);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(make__version_2_has_one_group_for_all),
        cmocka_unit_test(make__version_1_has_a_group_for_each),
        cmocka_unit_test(make__a_weight_alone_sets_no_quota),
        cmocka_unit_test(make__memory_alone_takes_no_processor),
        cmocka_unit_test(make__version_1_without_a_group_of_its_own),
        cmocka_unit_test(make__a_group_to_freeze),
        cmocka_unit_test(make__what_cannot_be_set_is_named_and_leaves_no_group),
        cmocka_unit_test(make__removes_what_killed_runs_left),
        cmocka_unit_test(freeze__waits_until_the_kernel_has_done_it),
        cmocka_unit_test(done__waits_for_a_busy_group),
        cmocka_unit_test(join__the_groups_of_a_process),
        cmocka_unit_test(make__stands_beside_the_process_that_it_enters),
        cmocka_unit_test(process__is_a_number_of_one_that_runs),
        cmocka_unit_test(check__edges_of_the_values),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
