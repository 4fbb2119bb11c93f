/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the block module says when the disk lies or fails (fake_disk.c is linked in). */
#include "fakes/child.h"
#include "fakes/fake_disk.h"
#include "fakes/fake_host.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* One trial over a file of that size in blocks of 4 KiB under a fault; `words` must be in its error. */
static void assert_fault_in(const char *file_size, const char *operation, const char *fault, int expected,
                            const char *words) {
    struct fake_host fake;
    struct vms_error error = {""};
    int status;

    fake_host_init(&fake, "block");
    fake_host_set(&fake, "operation", operation);
    fake_host_set(&fake, "block_size", "4KiB");
    fake_host_set(&fake, "file_size", file_size);
    assert_int_equal(setenv("VMSUITE_FAKE_DISK", fault, 1), 0);
    status = fake_host_run(&fake, &error);
    assert_int_equal(unsetenv("VMSUITE_FAKE_DISK"), 0);
    assert_int_equal(status, expected);
    if (!strstr(error.text, words))
        fail_msg("\"%s\" is not in \"%s\"", words, error.text);

    /* Nothing is left behind, and the next trial is whole again. */
    assert_int_equal(fake_host_run(&fake, &error), 0);
    fake_host_done(&fake);
}

static void assert_fault(const char *operation, const char *fault, int expected, const char *words) {
    assert_fault_in("1MiB", operation, fault, expected, words);
}

/* A file is read back by the MiB; the last part is a single block. */
static void verify__reads_each_part_to_its_end(void **state) {
    (void)state;
    assert_fault_in("2052KiB", "write", "damage:255", -EIO, "the sector at byte 1046528 does not hold");
    assert_fault_in("2052KiB", "write", "damage:256", -EIO, "the sector at byte 1050624 does not hold");
    assert_fault_in("2052KiB", "write", "damage:511", -EIO, "the sector at byte 2095104 does not hold");
    assert_fault_in("2052KiB", "write", "damage:512", -EIO, "the sector at byte 2099200 does not hold");
}

static void verify__names_a_damaged_block(void **state) {
    (void)state;
    /* Byte 17 * 4096 + 2048 + 100 lies in the fifth sector of block 17. */
    assert_fault("write", "damage:17", -EIO, "block 17 of ");
    assert_fault("write", "damage:17", -EIO,
                 "is damaged: the checksum of the sector at byte 71680 does not hold");
}

static void verify__names_a_lost_write(void **state) {
    (void)state;
    /* On a new file there is nothing in its place; on an older one its old content. The first call lays it
     * out. */
    assert_fault("write", "stale:9", -EIO, "block 9 of ");
    assert_fault("rewrite", "stale:10", -EIO, "block 9 of ");
    assert_fault("rewrite", "stale:11", -EIO, "is stale: byte 40960 holds the data of an older pass");
}

static void verify__names_a_torn_block(void **state) {
    (void)state;
    assert_fault(
        "rewrite", "torn:6", -EIO,
        "is torn: 4 of its 8 sectors are not of the pass that wrote it, byte 22528 is of an older one");
}

static void verify__names_a_misplaced_block(void **state) {
    (void)state;
    assert_fault("write", "misplaced:3", -EIO, "block 2 of ");
    assert_fault("write", "misplaced:3", -EIO, "is misplaced: byte 8192 holds the data of byte 12288");
}

static void verify__finds_a_lost_random_write(void **state) {
    (void)state;
    assert_fault("randwrite", "stale:100", -EIO, "is stale");
    assert_fault("randrw", "stale:50", -EIO, "is stale");
}

static void verify__judges_the_layout_too(void **state) {
    (void)state;
    assert_fault("read", "damage:0", -EIO, "block 128 of ");
    assert_fault("randread", "damage:0", -EIO, "is damaged");
}

/* In the pass that is measured, and in the layout before one, which is written in pieces of a MiB. */
static void write__short_transfer_is_completed(void **state) {
    static const struct {
        const char *operation, *fault;
    } rows[] = {{"write", "short:5"}, {"read", "short:2"}};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        struct fake_host fake;
        struct vms_error error = {""};

        fake_host_init(&fake, "block");
        fake_host_set(&fake, "operation", rows[i].operation);
        fake_host_set(&fake, "file_size", "4MiB");
        assert_int_equal(setenv("VMSUITE_FAKE_DISK", rows[i].fault, 1), 0);
        if (fake_host_run(&fake, &error) < 0)
            fail_msg("%s", error.text);
        assert_int_equal(unsetenv("VMSUITE_FAKE_DISK"), 0);
        fake_host_done(&fake);
    }
}

static void write__errors_say_what_they_mean(void **state) {
    (void)state;
    assert_fault("write", "eio:40", -EIO, "at byte 163840: the device reported an error");
    assert_fault("write", "enospc:40", -ENOSPC, "at byte 163840: the disk is full");
    assert_fault("write", "edquot:40", -EDQUOT, "the disk quota is used up");
    assert_fault("write", "erofs:0", -EROFS, "the file system is read-only");
    assert_fault("randwrite", "eio:0", -EIO, "writing ");
}

static void flush__error_fails_the_trial(void **state) {
    (void)state;
    assert_fault("write", "flush:0", -EIO, "flushing ");
    assert_fault("randread", "flush:0", -EIO, "flushing ");
}

/* Says stop once the writing pass is reported: the flush comes next. */
static bool stop_late(void *context) {
    struct fake_host *fake = context;

    return fake_host_fact(fake, "write_figure") != NULL;
}

static void flush__can_be_stopped(void **state) {
    struct fake_host fake;
    struct vms_error error = {""};

    (void)state;
    fake_host_init(&fake, "block");
    fake_host_set(&fake, "file_size", "1MiB");
    fake_host_set(&fake, "cache", "cold");
    fake.host.should_stop = stop_late;
    assert_int_equal(fake_host_run(&fake, &error), -ECANCELED);
    assert_non_null(strstr(error.text, "stopped while flushing "));
    fake_host_done(&fake);
}

/* Runs `body` in a process of its own, for what cannot be undone. */
static void assert_child(int (*body)(void)) {
    pid_t child = child_fork();
    int status;

    if (child == 0)
        _exit(body());
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static int run_without_uring(void) {
    struct sock_filter rules[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_io_uring_setup, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog program = {.len = VMS_LENGTH(rules), .filter = rules};
    struct fake_host fake;
    struct vms_error error = {""};
    const char *fact;

    fake_host_init(&fake, "block");
    fake_host_set(&fake, "file_size", "1MiB");
    fake_host_set(&fake, "block_size", "4KiB");
    fake_host_set(&fake, "engine", "io_uring");
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) < 0)
        return 0; /* a kernel without filters has nothing to show here */
    if (fake_host_run(&fake, &error) < 0)
        return 1;
    fact = fake_host_fact(&fake, "engine_used");
    if (!fact || strncmp(fact, "sync: io_uring was refused", 26) != 0)
        return 2;
    fake_host_done(&fake);
    return 0;
}

static void uring__refused_falls_back_and_says_so(void **state) {
    (void)state;
    assert_child(run_without_uring);
}

static int run_beyond_the_limit(void) {
    const struct rlimit limit = {.rlim_cur = 500000, .rlim_max = 500000};
    struct fake_host fake;
    struct vms_error error = {""};

    fake_host_init(&fake, "block");
    fake_host_set(&fake, "file_size", "1MiB");
    if (setrlimit(RLIMIT_FSIZE, &limit) < 0)
        return 1;
    if (fake_host_run(&fake, &error) != -EFBIG || !strstr(error.text, "ulimit -f"))
        return 2;
    fake_host_done(&fake);
    return 0;
}

static void probe__knows_the_limit_of_file_sizes(void **state) {
    (void)state;
    assert_child(run_beyond_the_limit);
}

/* Sets the limit when it is first asked, which is in the middle of the pass. */
static bool stop_and_limit(void *context) {
    const struct rlimit limit = {.rlim_cur = 500000, .rlim_max = 500000};

    (void)context;
    (void)setrlimit(RLIMIT_FSIZE, &limit);
    return false;
}

static int fail_in_flight(void) {
    struct fake_host fake;
    struct vms_error error = {""};

    fake_host_init(&fake, "block");
    fake_host_set(&fake, "file_size", "1MiB");
    fake_host_set(&fake, "block_size", "4KiB");
    fake_host_set(&fake, "engine", "io_uring");
    fake.host.should_stop = stop_and_limit;
    (void)signal(SIGXFSZ, SIG_IGN);
    if (fake_host_run(&fake, &error) != -EFBIG || !strstr(error.text, "writing "))
        return 1;
    fake_host_done(&fake);
    return 0;
}

static void uring__error_in_flight_fails_the_trial(void **state) {
    (void)state;
    assert_child(fail_in_flight);
}

/* A file system whose size in bytes is no number of 64 bits has room. */
static void space__without_end(void **state) {
    struct fake_host fake;
    struct vms_error error = {""};
    int status;

    (void)state;
    fake_host_init(&fake, "block");
    fake_host_set(&fake, "file_size", "1MiB");
    fake_disk.is_endless = true;
    status = fake_host_run(&fake, &error);
    fake_disk.is_endless = false;
    fake_host_done(&fake);
    if (status < 0)
        fail_msg("%s", error.text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verify__names_a_damaged_block),
        cmocka_unit_test(verify__reads_each_part_to_its_end),
        cmocka_unit_test(verify__names_a_lost_write),
        cmocka_unit_test(verify__names_a_torn_block),
        cmocka_unit_test(verify__names_a_misplaced_block),
        cmocka_unit_test(verify__finds_a_lost_random_write),
        cmocka_unit_test(verify__judges_the_layout_too),
        cmocka_unit_test(write__short_transfer_is_completed),
        cmocka_unit_test(write__errors_say_what_they_mean),
        cmocka_unit_test(flush__error_fails_the_trial),
        cmocka_unit_test(flush__can_be_stopped),
        cmocka_unit_test(uring__refused_falls_back_and_says_so),
        cmocka_unit_test(probe__knows_the_limit_of_file_sizes),
        cmocka_unit_test(uring__error_in_flight_fails_the_trial),
        cmocka_unit_test(space__without_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
