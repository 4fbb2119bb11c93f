/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The block module's figures on a scripted disk: time and processor time pass by calls only, so that each
 * figure is known exactly, and what a figure promises is held against the calls that were made. */
#include "fakes/fake_disk.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "fakes/child.h"
#include "modules/expect.h"

#define BLOCKS 256
#define BYTES (BLOCKS * 4096.0)

static uint64_t scripted_now(void *context) {
    (void)context;
    return fake_disk.now_ns;
}

/* A megabyte in blocks of 4 KiB. */
static void init(struct fake_host *fake, const char *operation) {
    fake_host_init(fake, "block");
    fake_host_set(fake, "file_size", "1MiB");
    fake_host_set(fake, "block_size", "4KiB");
    fake_host_set(fake, "operation", operation);
    fake->host.now = scripted_now;
    memset(&fake_disk, 0, sizeof(fake_disk));
    fake_disk.is_scripted = true;
    fake_disk.now_ns = 1000000000;
}

static void done(struct fake_host *fake) {
    fake_host_done(fake);
    memset(&fake_disk, 0, sizeof(fake_disk));
}

static void figures__of_write_are_exact(void **state) {
    const double write_s = BLOCKS * 1e-9 * FAKE_DISK_WRITE_NS, read_s = BLOCKS * 1e-9 * FAKE_DISK_READ_NS;
    struct fake_host fake;

    (void)state;
    init(&fake, "write");
    expect_success(&fake);
    expect_near(fake_host_value(&fake, "write_time"), write_s);
    expect_near(fake_host_value(&fake, "write"), BYTES / write_s);
    expect_near(fake_host_value(&fake, "operations"), BLOCKS / write_s);
    expect_near(fake_host_value(&fake, "read_time"), read_s);
    expect_near(fake_host_value(&fake, "read"), BYTES / read_s);
    /* User and system time, for 10^9 bytes, of the writing pass alone. */
    expect_near(fake_host_value(&fake, "cpu_per_gigabyte"), 1e-9 * BLOCKS * FAKE_DISK_CPU_NS / (BYTES / 1e9));
    assert_string_equal(fake_host_fact(&fake, "write_figure"), "page cache");
    done(&fake);
}

static void figures__of_random_ones_are_exact(void **state) {
    double reads_s, writes_s, seconds;
    struct fake_host fake;

    (void)state;
    init(&fake, "randrw");
    fake_host_set(&fake, "io_size", "512KiB");
    expect_success(&fake);
    /* Both rates are of the whole pass: its time, each way's bytes. */
    seconds = fake_host_value(&fake, "write_time");
    expect_near(fake_host_value(&fake, "read_time"), seconds);
    expect_near(fake_host_value(&fake, "operations"), 128 / seconds);
    writes_s = fake_host_value(&fake, "write") * seconds / 4096 * 1e-9 * FAKE_DISK_WRITE_NS;
    reads_s = fake_host_value(&fake, "read") * seconds / 4096 * 1e-9 * FAKE_DISK_READ_NS;
    expect_near(writes_s + reads_s, seconds);
    expect_near(fake_host_value(&fake, "write") * seconds + fake_host_value(&fake, "read") * seconds,
                BYTES / 2);
    done(&fake);
}

static void figures__latencies_are_exact(void **state) {
    struct fake_host fake;

    (void)state;
    init(&fake, "randread");
    fake_host_set(&fake, "latency", "true");
    expect_success(&fake);
    for (size_t i = 0; i < fake.trial.n_metrics; i++) {
        const struct fake_metric *metric = &fake.trial.metrics[i];

        if (!metric->is_distribution)
            continue;
        assert_int_equal(metric->n, BLOCKS);
        expect_near(metric->value, 1e-9 * FAKE_DISK_READ_NS);
        expect_near(fake_host_distribution(metric).mean, 1e-9 * FAKE_DISK_READ_NS);
    }
    done(&fake);
}

/* Each promise of `sync`: which call keeps it, after the last write and inside the time. */
static void promises__are_kept_by_calls(void **state) {
    static const struct {
        const char *sync, *figure;
        char call;
        unsigned ns;
    } rows[] = {{"fdatasync", "device (flushed inside the time)", 'd', FAKE_DISK_FDATASYNC_NS},
                {"fsync", "device (flushed inside the time)", 's', FAKE_DISK_FSYNC_NS},
                {"dsync", "device (each write is durable)", 0, 0}};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        struct fake_host fake;
        const char *last;

        init(&fake, "write");
        fake_host_set(&fake, "sync", rows[i].sync);
        fake_host_set(&fake, "verify", "cache");
        expect_success(&fake);
        last = strrchr(fake_disk.calls, 'w');
        assert_non_null(last);
        if (rows[i].call)
            assert_int_equal(last[1], rows[i].call);
        assert_int_equal((fake_disk.open_flags & O_DSYNC) == O_DSYNC, !rows[i].call);
        expect_near(fake_host_value(&fake, "write_time"), 1e-9 * (BLOCKS * FAKE_DISK_WRITE_NS + rows[i].ns));
        if (strncmp(fake_host_fact(&fake, "medium"), "device", 6) == 0 &&
            !strstr(fake_host_fact(&fake, "medium_name"), "loop"))
            assert_string_equal(fake_host_fact(&fake, "write_figure"), rows[i].figure);
        done(&fake);
    }
}

/* The same for whatever writes, behind its last transfer and before anything is read to be verified. */
static void promises__are_kept_by_each_operation(void **state) {
    static const char *const operations[] = {"rewrite", "randwrite", "randrw"};
    static const struct {
        const char *sync;
        char call;
        unsigned ns;
    } rows[] = {{"fdatasync", 'd', FAKE_DISK_FDATASYNC_NS}, {"fsync", 's', FAKE_DISK_FSYNC_NS}};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(operations); i++)
        for (size_t k = 0; k < VMS_LENGTH(rows); k++) {
            struct fake_host fake;
            const char *laid_out;
            double moved_s = 0;

            init(&fake, operations[i]);
            fake_host_set(&fake, "sync", rows[k].sync);
            expect_success(&fake);
            /* The file was laid out, and flushed, before. */
            laid_out = fake_disk.calls + strspn(fake_disk.calls, "w");
            laid_out += strspn(laid_out, "d");
            assert_true(laid_out[-1] == 'd');
            for (size_t at = 0; at < BLOCKS; at++) {
                assert_non_null(memchr("wr", laid_out[at], 2));
                moved_s += 1e-9 * (laid_out[at] == 'w' ? FAKE_DISK_WRITE_NS : FAKE_DISK_READ_NS);
            }
            assert_int_equal(laid_out[BLOCKS], rows[k].call);
            expect_near(fake_host_value(&fake, "write_time"), moved_s + 1e-9 * rows[k].ns);
            done(&fake);
        }
}

/* A file system that takes O_DIRECT and buffers all the same: what is in memory afterwards gives it away. */
static void direct__that_is_buffered_is_said(void **state) {
    static const char words[] = "page cache (direct was not honoured: 256 of 256 pages were in memory)";
    struct fake_host fake;

    (void)state;
    init(&fake, "write");
    fake_host_set(&fake, "direct", "true");
    fake_disk.drops_direct = true;
    expect_success(&fake);
    assert_string_equal(fake_host_fact(&fake, "write_figure"), words);
    assert_string_equal(fake_host_fact(&fake, "read_figure"), words);
    assert_string_equal(fake_host_fact(&fake, "direct_used"), "no: buffered");
    assert_string_equal(fake_host_fact(&fake, "verified"), "every sector, from the page cache");
    done(&fake);
    init(&fake, "randread");
    fake_host_set(&fake, "direct", "true");
    fake_disk.drops_direct = true;
    expect_success(&fake);
    assert_string_equal(fake_host_fact(&fake, "read_figure"), words);
    done(&fake);
}

/* A disk with sectors of 4096 bytes takes no transfer of 512, 2048, ... */
static void direct__sizes_that_the_device_refuses(void **state) {
    static const char *const sizes[] = {"512", "2KiB", "64KiB"}, *const said[] = {"512", "2048", "65536"};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(sizes); i++) {
        char words[128], fault[16];
        struct fake_host fake;

        (void)snprintf(words, sizeof(words),
                       "does not accept direct transfers of %s bytes: choose a multiple of its sector size "
                       "(4096 fits all)",
                       said[i]);
        init(&fake, "write");
        fake_host_set(&fake, "direct", "true");
        fake_host_set(&fake, "block_size", sizes[i]);
        fake_disk.drops_direct = true;
        (void)snprintf(fault, sizeof(fault), "einval:%0*d", (int)i + 1, 0); /* another text counts anew */
        assert_int_equal(setenv("VMSUITE_FAKE_DISK", fault, 1), 0);
        expect_failure(&fake, -ENOTSUP, words);
        assert_int_equal(unsetenv("VMSUITE_FAKE_DISK"), 0);
        done(&fake);
    }
}

/* One page in a hundred may stay in memory: of 256 that is two. */
static void cold__is_one_page_in_a_hundred_at_the_most(void **state) {
    struct fake_host fake;

    (void)state;
    init(&fake, "randread");
    fake_host_set(&fake, "cache", "cold");
    fake_disk.counts_pages = true;
    fake_disk.resident = 2;
    expect_success(&fake);
    assert_null(strstr(fake_host_fact(&fake, "read_figure"), "page cache ("));
    fake_disk.resident = 3;
    expect_failure(&fake, -ENOTSUP, "3 of 256 pages of ");
    done(&fake);
}

/* What of a file is in memory before it is read warm, and where nobody says that. */
static void warm__says_what_was_cached(void **state) {
    struct fake_host fake;

    (void)state;
    init(&fake, "rewrite");
    fake_host_set(&fake, "cache", "cold");
    fake_disk.counts_pages = true;
    fake_disk.resident = 1;
    expect_success(&fake);
    assert_string_equal(fake_host_fact(&fake, "cached_before"), "1 of 256 pages");
    done(&fake);
}

/* The call fails with `number`, as under gVisor, WSL or a container's filter. */
static int forbid(int call, int number) {
    struct sock_filter rules[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)call, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (unsigned)number),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog program = {.len = VMS_LENGTH(rules), .filter = rules};

    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? -1
                                                      : prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

/* In a child: a filter cannot be taken away. 0: as it should be. */
static int run_without(int call, int number, const char *fact, const char *words) {
    struct vms_error error = {""};
    struct fake_host fake;

    init(&fake, "write");
    fake_host_set(&fake, "cache", "cold");
    if (forbid(call, number) < 0)
        return 0; /* a kernel without filters */
    if (fake_host_run(&fake, &error) < 0) {
        fprintf(stderr, "%s\n", error.text);
        return 1;
    }
    if (words && !strstr(fake_host_fact(&fake, fact), words)) {
        fprintf(stderr, "%s: %s\n", fact, fake_host_fact(&fake, fact));
        return 2;
    }
    fake_host_done(&fake);
    return 0;
}

static void services__that_are_missing_are_done_without(void **state) {
    static const struct {
        int call, number;
        const char *fact, *words;
    } rows[] = {
        {SYS_sync_file_range, ENOSYS, NULL, NULL},
        {SYS_sync_file_range, EPERM, NULL, NULL},
        {SYS_sync_file_range, EINVAL, NULL, NULL},
        {SYS_mincore, ENOSYS, "read_figure",
         "unknown (how much was in memory: mincore: Function not implemented)"},
        {SYS_mincore, EPERM, "read_figure",
         "unknown (how much was in memory: mincore: Operation not permitted)"},
        {SYS_mincore, ENOSYS, "verified", "from the page cache or what is below it"},
    };

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        pid_t child = child_fork();
        int status;

        if (child == 0)
            _exit(run_without(rows[i].call, rows[i].number, rows[i].fact, rows[i].words));
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(figures__of_write_are_exact),
        cmocka_unit_test(figures__of_random_ones_are_exact),
        cmocka_unit_test(figures__latencies_are_exact),
        cmocka_unit_test(promises__are_kept_by_calls),
        cmocka_unit_test(promises__are_kept_by_each_operation),
        cmocka_unit_test(direct__that_is_buffered_is_said),
        cmocka_unit_test(direct__sizes_that_the_device_refuses),
        cmocka_unit_test(warm__says_what_was_cached),
        cmocka_unit_test(cold__is_one_page_in_a_hundred_at_the_most),
        cmocka_unit_test(services__that_are_missing_are_done_without),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
