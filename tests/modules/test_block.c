/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "modules/expect.h"

static void init_small(struct fake_host *fake) {
    fake_host_init(fake, "block");
    fake_host_set(fake, "file_size", "1MiB");
}

static void measure__default_reports_both_passes(void **state) {
    struct fake_host fake;

    (void)state;
    init_small(&fake);
    expect_success(&fake);
    assert_string_equal(fake.module->metrics[fake.trial.metrics[0].metric].name, "write");
    assert_true(fake_host_value(&fake, "write") > 0);
    assert_true(fake_host_value(&fake, "read") > 0);
    assert_true(fabs(fake_host_value(&fake, "write") * fake_host_value(&fake, "write_time") - 1048576) < 1);
    assert_true(fabs(fake_host_value(&fake, "read") * fake_host_value(&fake, "read_time") - 1048576) < 1);
    assert_string_equal(fake_host_fact(&fake, "write_figure"), "page cache");
    assert_string_equal(fake_host_fact(&fake, "read_figure"), "page cache (256 of 256 pages were in memory)");
    assert_string_equal(fake_host_fact(&fake, "file_bytes"), "1048576");
    fake_host_done(&fake);
}

static void measure__leaves_out_what_is_over_a_block(void **state) {
    struct fake_host fake;

    (void)state;
    init_small(&fake);
    fake_host_set(&fake, "block_size", "300KiB");
    expect_success(&fake);
    assert_string_equal(fake_host_fact(&fake, "file_bytes"), "921600");
    fake_host_done(&fake);
}

static const struct fake_metric *find_metric(const struct fake_host *fake, const char *name) {
    for (size_t i = 0; i < fake->trial.n_metrics; i++)
        if (strcmp(fake->module->metrics[fake->trial.metrics[i].metric].name, name) == 0)
            return &fake->trial.metrics[i];
    fail_msg("%s was not reported", name);
    return NULL;
}

static void measure__each_operation_reports_what_it_moves(void **state) {
    static const struct {
        const char *operation, *headline, *absent;
    } rows[] = {{"read", "read", "write"},
                {"rewrite", "write", "read"},
                {"randread", "operations", "write"},
                {"randwrite", "operations", "read"},
                {"randrw", "operations", "nothing"}};
    static const char *const engines[] = {"sync", "io_uring"};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(rows) * VMS_LENGTH(engines); i++) {
        struct fake_host fake;
        const char *operation = rows[i / 2].operation;

        init_small(&fake);
        fake_host_set(&fake, "operation", operation);
        fake_host_set(&fake, "engine", engines[i % 2]);
        expect_success(&fake);
        assert_string_equal(fake.module->metrics[fake.trial.metrics[0].metric].name, rows[i / 2].headline);
        assert_true(isnan(fake_host_value(&fake, rows[i / 2].absent)));
        assert_true(fake_host_value(&fake, "cpu_per_gigabyte") >= 0);
        assert_non_null(strstr(fake_host_fact(&fake, "engine_used"), engines[i % 2]));
        fake_host_done(&fake);
    }
}

static void measure__mixed_shares_follow_the_percentage(void **state) {
    struct fake_host fake;
    double reads, writes;

    (void)state;
    init_small(&fake);
    fake_host_set(&fake, "operation", "randrw");
    fake_host_set(&fake, "read_percent", "75");
    expect_success(&fake);
    reads = fake_host_value(&fake, "read") * fake_host_value(&fake, "read_time");
    writes = fake_host_value(&fake, "write") * fake_host_value(&fake, "write_time");
    assert_true(fabs(reads + writes - 1048576) < 1);
    assert_true(fabs(reads / 1048576 - 0.75) < 0.05);
    fake_host_set(&fake, "read_percent", "100");
    expect_success(&fake);
    assert_true(isnan(fake_host_value(&fake, "write")));
    fake_host_done(&fake);
}

static void measure__io_size_limits_the_operation(void **state) {
    struct fake_host fake;

    (void)state;
    init_small(&fake);
    fake_host_set(&fake, "operation", "randwrite");
    fake_host_set(&fake, "io_size", "100000");
    expect_success(&fake);
    assert_true(fabs(fake_host_value(&fake, "write") * fake_host_value(&fake, "write_time") - 99840) < 1);
    fake_host_set(&fake, "io_size", "1TiB");
    expect_success(&fake);
    assert_true(fabs(fake_host_value(&fake, "write") * fake_host_value(&fake, "write_time") - 1048576) < 1);
    fake_host_set(&fake, "io_size", "511");
    expect_failure(&fake, -EINVAL, "io_size 511 is less than one block of 512");
    fake_host_done(&fake);
}

static void measure__latency_counts_every_operation(void **state) {
    static const char *const engines[] = {"sync", "io_uring"};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(engines); i++) {
        struct fake_host fake;

        init_small(&fake);
        fake_host_set(&fake, "block_size", "4KiB");
        fake_host_set(&fake, "latency", "true");
        fake_host_set(&fake, "engine", engines[i]);
        fake_host_set(&fake, "queue_depth", "7");
        expect_success(&fake);
        assert_int_equal(find_metric(&fake, "write_latency")->n, 256);
        assert_int_equal(find_metric(&fake, "read_latency")->n, 256);
        assert_true(fake_host_distribution(find_metric(&fake, "read_latency")).quantiles[0] > 0);
        fake_host_done(&fake);
    }
}

static void measure__queue_may_be_deeper_than_the_file(void **state) {
    struct fake_host fake;

    (void)state;
    init_small(&fake);
    fake_host_set(&fake, "block_size", "256KiB");
    fake_host_set(&fake, "engine", "io_uring");
    fake_host_set(&fake, "queue_depth", "64");
    fake_host_set(&fake, "submit", "batch");
    fake_host_set(&fake, "operation", "randrw");
    expect_success(&fake);
    /* Where the build or the kernel has no io_uring, the calls take its place, and it is said. */
    assert_true(strstr(fake_host_fact(&fake, "engine_used"), "64 in flight, handed over in batches") ||
                strncmp(fake_host_fact(&fake, "engine_used"), "sync", strlen("sync")) == 0);
    fake_host_done(&fake);
}

static void measure__syncs_are_told(void **state) {
    struct fake_host fake;

    (void)state;
    init_small(&fake);
    fake_host_set(&fake, "block_size", "128KiB");
    fake_host_set(&fake, "sync", "fdatasync");
    expect_success(&fake);
    assert_non_null(strstr(fake_host_fact(&fake, "write_figure"), "flushed"));
    fake_host_set(&fake, "sync", "fsync");
    expect_success(&fake);
    assert_non_null(strstr(fake_host_fact(&fake, "write_figure"), "flushed"));
    fake_host_set(&fake, "sync", "dsync");
    fake_host_set(&fake, "data", "compressible");
    expect_success(&fake);
    assert_non_null(strstr(fake_host_fact(&fake, "write_figure"), "durable"));
    fake_host_done(&fake);
}

static void measure__cold_and_direct_are_the_devices_or_unsupported(void **state) {
    static const char *const settings[][2] = {{"cache", "cold"}, {"direct", "true"}};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct fake_host fake;
        struct vms_error error = {""};
        int status;

        init_small(&fake);
        fake_host_set(&fake, "block_size", "64KiB");
        fake_host_set(&fake, settings[i][0], settings[i][1]);
        status = fake_host_run(&fake, &error);
        if (status == 0)
            assert_non_null(strstr(fake_host_fact(&fake, "read_figure"), "device"));
        else
            assert_int_equal(status, -ENOTSUP); /* the scratch folder lies in memory */
        fake_host_done(&fake);
    }
}

static void measure__stop_ends_the_trial(void **state) {
    struct fake_host fake;

    (void)state;
    init_small(&fake);
    fake.stop = true;
    expect_failure(&fake, -ECANCELED, "stopped");
    fake_host_set(&fake, "operation", "randrw");
    fake_host_set(&fake, "engine", "io_uring");
    expect_failure(&fake, -ECANCELED, "stopped");
    fake_host_done(&fake); /* checks that nothing is left */
}

static void probe__refuses_odd_sizes(void **state) {
    struct fake_host fake;

    (void)state;
    init_small(&fake);
    fake_host_set(&fake, "block_size", "1000");
    expect_failure(&fake, -EINVAL, "block_size 1000 is not a multiple of 512");
    fake_host_set(&fake, "block_size", "2MiB");
    expect_failure(&fake, -EINVAL, "file_size 1048576 is less than one block of 2097152");
    fake_host_done(&fake);
}

static void probe__refuses_more_than_there_is(void **state) {
    struct fake_host fake;

    (void)state;
    init_small(&fake);
    fake.stop = true; /* should there be a disk of that size */
    fake_host_set(&fake, "file_size", "16TiB");
    expect_failure(&fake, -ENOSPC, "stay in reserve");
    fake_host_done(&fake);
}

static void probe__leaves_a_file_that_is_there_alone(void **state) {
    struct fake_host fake;
    char path[128], text[8] = "";
    int fd;

    (void)state;
    init_small(&fake);
    (void)snprintf(path, sizeof(path), "%s/block.data", fake.scratch);
    fd = open(path, O_RDWR | O_CREAT | O_EXCL, 0600);
    assert_int_equal(write(fd, "mine", 4), 4);
    expect_failure(&fake, -EEXIST, path);
    assert_int_equal(pread(fd, text, sizeof(text), 0), 4);
    assert_string_equal(text, "mine");
    (void)close(fd);
    assert_int_equal(unlink(path), 0);
    fake_host_done(&fake);
}

static void probe__does_not_follow_a_link(void **state) {
    struct fake_host fake;
    char path[128];

    (void)state;
    init_small(&fake);
    (void)snprintf(path, sizeof(path), "%s/block.data", fake.scratch);
    assert_int_equal(symlink("elsewhere", path), 0);
    expect_failure(&fake, -EEXIST, path);
    assert_int_equal(unlink(path), 0);
    fake_host_done(&fake);
}

static void estimate__grows_with_the_file_and_the_sync(void **state) {
    struct fake_host fake;
    struct vms_estimate small = {0}, large = {0}, synced = {0};

    (void)state;
    init_small(&fake);
    fake.module->estimate(fake.values, &small);
    assert_int_equal(small.disk, 1048576);
    assert_true(small.seconds > 0);
    fake_host_set(&fake, "file_size", "1GiB");
    fake.module->estimate(fake.values, &large);
    assert_true(large.seconds > small.seconds);
    assert_int_equal(large.disk, 1073741824);
    fake_host_set(&fake, "sync", "dsync");
    fake.module->estimate(fake.values, &synced);
    assert_true(synced.seconds > large.seconds);
    fake_host_done(&fake);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(measure__default_reports_both_passes),
        cmocka_unit_test(measure__leaves_out_what_is_over_a_block),
        cmocka_unit_test(measure__each_operation_reports_what_it_moves),
        cmocka_unit_test(measure__mixed_shares_follow_the_percentage),
        cmocka_unit_test(measure__io_size_limits_the_operation),
        cmocka_unit_test(measure__latency_counts_every_operation),
        cmocka_unit_test(measure__queue_may_be_deeper_than_the_file),
        cmocka_unit_test(measure__syncs_are_told),
        cmocka_unit_test(measure__cold_and_direct_are_the_devices_or_unsupported),
        cmocka_unit_test(measure__stop_ends_the_trial),
        cmocka_unit_test(probe__refuses_odd_sizes),
        cmocka_unit_test(probe__refuses_more_than_there_is),
        cmocka_unit_test(probe__leaves_a_file_that_is_there_alone),
        cmocka_unit_test(probe__does_not_follow_a_link),
        cmocka_unit_test(estimate__grows_with_the_file_and_the_sync),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
