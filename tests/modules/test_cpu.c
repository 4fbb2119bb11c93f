/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Some functions of the C library stand here before the library's own, to make checks fail. */
#include "fakes/fake_host.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "modules/expect.h"

static bool other_parent, no_sleep, no_forgetting, bad_exit, no_counts, still_counts;
static unsigned unknown_flags, needed_flags;

int memfd_create(const char *name, unsigned flags) {
    if (!(flags & unknown_flags) && (flags & needed_flags) == needed_flags)
        return (int)syscall(SYS_memfd_create, name, flags);
    errno = flags & unknown_flags ? EINVAL : EACCES;
    return -1;
}

pid_t getppid(void) {
    return (pid_t)syscall(SYS_getppid) + other_parent;
}

int clock_nanosleep(clockid_t clock, int flags, const struct timespec *request, struct timespec *remain) {
    return no_sleep || syscall(SYS_clock_nanosleep, clock, flags, request, remain) == 0 ? 0 : errno;
}

int madvise(void *address, size_t length, int advice) {
    return no_forgetting ? 0 : (int)syscall(SYS_madvise, address, length, advice);
}

pid_t waitpid(pid_t pid, int *status, int options) {
    pid_t waited = (pid_t)syscall(SYS_wait4, pid, status, options, NULL);

    if (bad_exit && status)
        *status = 1 << 8;
    return waited;
}

int getrusage(__rusage_who_t who, struct rusage *usage) {
    if (!no_counts && !still_counts)
        return (int)syscall(SYS_getrusage, who, usage);
    memset(usage, 0, sizeof(*usage));
    usage->ru_minflt = still_counts;
    usage->ru_nvcsw = still_counts;
    return 0;
}

static void start(struct fake_host *fake, const char *what) {
    fake_host_init(fake, "cpu");
    fake_host_set(fake, "what", what);
    fake_host_set(fake, "samples", "10");
    fake_host_set(fake, "interval", "100us");
}

static void cpu__all_metrics_or_a_reason(void **state) {
    struct vms_error error = {""};
    struct fake_host fake;

    (void)state;
    start(&fake, "all");
    if (fake_host_run(&fake, &error) != 0)
        fail_msg("%s", error.text);
    assert_string_equal(fake.module->metrics[fake.trial.metrics[0].metric].name, "system_call");
    for (size_t i = 0; i < fake.module->n_metrics; i++) {
        const char *name = fake.module->metrics[i].name;

        if (fake_host_fact(&fake, name))
            assert_non_null(strstr(fake_host_fact(&fake, name), "not measured: "));
        else
            assert_true(fake_host_value(&fake, name) > 0);
    }
    for (size_t i = 0; i < fake.trial.n_metrics; i++) {
        assert_true(fake.trial.metrics[i].is_distribution);
        assert_int_equal(fake.trial.metrics[i].n, 10);
    }
    assert_non_null(fake_host_fact(&fake, "clock_source"));
    fake_host_done(&fake);
}

static void cpu__a_group_by_itself(void **state) {
    struct vms_error error = {""};
    struct fake_host fake;

    (void)state;
    start(&fake, "switch");
    assert_int_equal(fake_host_run(&fake, &error), 0);
    assert_int_equal(fake.trial.n_metrics, 2);
    assert_true(fake_host_value(&fake, "switch_pipe") > 0);
    assert_true(fake_host_value(&fake, "switch_futex") > 0);
    fake_host_done(&fake);
}

static void cpu__one_processor_has_no_wake_up(void **state) {
    struct vms_error error = {""};
    struct fake_host fake;
    char mine[16];

    (void)state;
    (void)snprintf(mine, sizeof(mine), "%d", sched_getcpu());
    start(&fake, "wake_up");
    fake_host_set(&fake, "affinity", mine);
    expect_failure(&fake, -ENOTSUP, "only one processor");
    fake_host_set(&fake, "what", "all");
    assert_int_equal(fake_host_run(&fake, &error), 0);
    assert_string_equal(fake_host_fact(&fake, "wake_up"), "not measured: there is only one processor");
    fake_host_done(&fake);
}

static void cpu__refuses_bad_places(void **state) {
    struct fake_host fake;

    (void)state;
    start(&fake, "all");
    fake_host_set(&fake, "affinity", "none");
    expect_failure(&fake, -EINVAL, "must stay on its processor");
    fake_host_set(&fake, "affinity", "nowhere");
    expect_failure(&fake, -EINVAL, "\"nowhere\"");
    fake_host_done(&fake);
}

static void expect_broken(const char *what, bool *fault, const char *text) {
    struct fake_host fake;

    start(&fake, what);
    *fault = true;
    expect_failure(&fake, -EBADMSG, text);
    *fault = false;
    fake_host_done(&fake);
}

static void cpu__each_check_can_fail(void **state) {
    (void)state;
    expect_broken("system_call", &other_parent, "verification failed: getppid changed its answer");
    expect_broken("timer", &no_sleep, "verification failed: a sleep ended ");
    expect_broken("memory", &no_forgetting, "first touches made ");
    expect_broken("memory", &still_counts, "first touches made 0 page faults");
    expect_broken("switch", &still_counts, "switch_pipe: verification failed: only 0 % of the turns");
}

/* Where the partner answers before anybody sleeps, nobody is woken. */
static void cpu__a_wake_up_needs_a_sleeper(void **state) {
    struct vms_error error = {""};
    struct fake_host fake;
    int status;

    (void)state;
    start(&fake, "wake_up");
    still_counts = true;
    status = fake_host_run(&fake, &error);
    still_counts = false;
    assert_true(status == -EAGAIN || status == -ENOTSUP);
    assert_int_equal(fake.trial.n_metrics, 0);
    fake_host_done(&fake);
}

static void cpu__a_program_that_fails_is_no_figure(void **state) {
    struct fake_host fake;

    (void)state;
    start(&fake, "fork");
    bad_exit = true;
    expect_failure(&fake, -ENOTSUP, "verification failed: the program ended with status 256");
    bad_exit = false;
    fake_host_done(&fake);
}

static void assert_measured(const char *what, const char *metric) {
    struct vms_error error = {""};
    struct fake_host fake;

    start(&fake, what);
    if (fake_host_run(&fake, &error) != 0)
        fail_msg("%s", error.text);
    assert_null(fake_host_fact(&fake, metric)); /* no reason why not */
    assert_true(fake_host_value(&fake, metric) > 0);
    fake_host_done(&fake);
}

/* Where vm.memfd_noexec is set, a file that is not meant to be executed is not; kernels before 6.3 do not
 * know the flag. */
static void cpu__a_program_is_meant_to_be_executed(void **state) {
    (void)state;
    needed_flags = 0x10;
    assert_measured("fork", "fork_exec");
    needed_flags = 0;
    unknown_flags = 0x10;
    assert_measured("fork", "fork_exec");
    unknown_flags = 0;
}

/* gVisor counts no faults: that nothing was counted is no proof that nothing happened. */
static void cpu__faults_that_are_not_counted_are_said(void **state) {
    struct vms_error error = {""};
    struct fake_host fake;

    (void)state;
    start(&fake, "memory");
    no_counts = true;
    assert_int_equal(fake_host_run(&fake, &error), 0);
    no_counts = false;
    assert_true(fake_host_value(&fake, "page_fault") > 0);
    assert_string_equal(fake_host_fact(&fake, "page_faults"), "unknown: this kernel does not count them");
    fake_host_done(&fake);
}

static void cpu__stops_when_asked(void **state) {
    static const char *const whats[] = {"system_call", "switch", "wake_up", "timer", "memory"};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(whats); i++) {
        struct vms_error error = {""};
        struct fake_host fake;
        int status;

        start(&fake, whats[i]);
        fake.stop = true;
        status = fake_host_run(&fake, &error);
        assert_true(status == -ECANCELED || status == -ENOTSUP);
        assert_int_equal(fake.trial.n_metrics, 0);
        fake_host_done(&fake);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cpu__all_metrics_or_a_reason),
        cmocka_unit_test(cpu__a_group_by_itself),
        cmocka_unit_test(cpu__one_processor_has_no_wake_up),
        cmocka_unit_test(cpu__refuses_bad_places),
        cmocka_unit_test(cpu__each_check_can_fail),
        cmocka_unit_test(cpu__a_wake_up_needs_a_sleeper),
        cmocka_unit_test(cpu__a_program_that_fails_is_no_figure),
        cmocka_unit_test(cpu__a_program_is_meant_to_be_executed),
        cmocka_unit_test(cpu__faults_that_are_not_counted_are_said),
        cmocka_unit_test(cpu__stops_when_asked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
