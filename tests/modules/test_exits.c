/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Some functions of the C library stand here before the library's own, to make checks fail. */
#include "fakes/fake_host.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <math.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "exits/kernel/vmsuite_exits.h"
#include "modules/expect.h"

#define EXPORT __attribute__((visibility("default")))

static struct {
    bool other_parent, no_sleep, no_forgetting, no_protection, no_timer, no_sleeper, no_barriers;
    int dies_of;        /* what a child that tries an instruction is said to have died of; 0: the truth */
    const char *delay;  /* what the kernel says it uses for delays; NULL: the truth */
    bool permits_ports; /* says that it gives access to ports, and does not */
    uint64_t now_ns;    /* the scripted clock; 0: the real one */
    unsigned calls, wrong_call; /* of getppid; the number of the one that answers another parent, from 1 */
    bool has_driver;            /* the appliance's */
    int driver_fails;           /* with this errno; 0: it works */
    struct vmsuite_exits_request asked; /* the last */
} script;

EXPORT FILE *fake_fopen(const char *path, const char *mode) __asm__("fopen64");
EXPORT long fake_syscall(long number, ...) __asm__("syscall");
EXPORT int fake_settime(int fd, int flags, const struct itimerspec *new,
                        struct itimerspec *old) __asm__("timerfd_settime");
EXPORT int fake_open(const char *path, int flags, ...) __asm__("open64");
EXPORT int ioctl(int fd, unsigned long request, ...);
EXPORT int ioperm(unsigned long from, unsigned long n, int on);

static long real_syscall(long number, long a, long b, long c, long d, long e, long f) {
    static long (*real)(long, ...);

    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "syscall");
    return real(number, a, b, c, d, e, f);
}

long fake_syscall(long number, ...) {
    long word[6] = {0};
    va_list arguments;

    va_start(arguments, number);
    for (int i = 0; i < (number == SYS_futex ? 6 : 5); i++)
        word[i] = va_arg(arguments, long);
    va_end(arguments);
    if (number == SYS_getppid && script.now_ns)
        script.now_ns += 500;
    if (number == SYS_getppid && ++script.calls == script.wrong_call)
        return real_syscall(number, 0, 0, 0, 0, 0, 0) + 1;
    if (number == SYS_membarrier && script.no_barriers) {
        errno = ENOSYS;
        return -1;
    }
    if (number == SYS_futex && script.no_sleeper && (word[1] & FUTEX_CMD_MASK) == FUTEX_WAKE) {
        (void)real_syscall(number, word[0], word[1], word[2], word[3], word[4], word[5]);
        return 0;
    }
    return real_syscall(number, word[0], word[1], word[2], word[3], word[4], word[5]);
}

FILE *fake_fopen(const char *path, const char *mode) {
    static FILE *(*real)(const char *, const char *);
    static char text[16];

    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "fopen64");
    if (!script.delay || strcmp(path, "/proc/sys/kernel/io_delay_type") != 0)
        return real(path, mode);
    (void)snprintf(text, sizeof(text), "%s", script.delay);
    return *text ? fmemopen(text, strlen(text), "r") : NULL;
}

int fake_open(const char *path, int flags, ...) {
    va_list arguments;
    unsigned mode;

    va_start(arguments, flags);
    mode = flags & O_CREAT ? va_arg(arguments, unsigned) : 0;
    va_end(arguments);
    if (strcmp(path, "/dev/" VMSUITE_EXITS_DEVICE) == 0)
        path = script.has_driver ? "/dev/null" : "/nowhere";
    return (int)real_syscall(SYS_openat, AT_FDCWD, (long)path, flags, mode, 0, 0);
}

/* The driver takes 1.5 us for each operation. */
int ioctl(int fd, unsigned long request, ...) {
    struct vmsuite_exits_request *asked;
    va_list arguments;

    va_start(arguments, request);
    asked = va_arg(arguments, void *);
    va_end(arguments);
    if (request != VMSUITE_EXITS_RUN)
        return (int)real_syscall(SYS_ioctl, fd, (long)request, (long)asked, 0, 0, 0);
    script.asked = *asked;
    asked->ns = 1500 * asked->count;
    errno = script.driver_fails;
    return script.driver_fails ? -1 : 0;
}

pid_t getppid(void) {
    return (pid_t)real_syscall(SYS_getppid, 0, 0, 0, 0, 0, 0) + script.other_parent;
}

int clock_nanosleep(clockid_t clock, int flags, const struct timespec *request, struct timespec *remain) {
    return script.no_sleep ||
                   real_syscall(SYS_clock_nanosleep, clock, flags, (long)request, (long)remain, 0, 0) == 0
               ? 0
               : errno;
}

int madvise(void *address, size_t length, int advice) {
    return script.no_forgetting
               ? 0
               : (int)real_syscall(SYS_madvise, (long)address, (long)length, advice, 0, 0, 0);
}

int mprotect(void *address, size_t length, int protection) {
    if (!script.no_protection)
        return (int)real_syscall(SYS_mprotect, (long)address, (long)length, protection, 0, 0, 0);
    errno = EACCES;
    return -1;
}

int fake_settime(int fd, int flags, const struct itimerspec *new, struct itimerspec *old) {
    return script.no_timer ? 0
                           : (int)real_syscall(SYS_timerfd_settime, fd, flags, (long)new, (long)old, 0, 0);
}

int ioperm(unsigned long from, unsigned long n, int on) {
    (void)from;
    (void)n;
    (void)on;
    errno = EPERM;
    return script.permits_ports ? 0 : -1;
}

pid_t waitpid(pid_t pid, int *status, int options) {
    pid_t waited = (pid_t)real_syscall(SYS_wait4, pid, (long)status, options, 0, 0, 0);

    if (script.dies_of)
        *status = script.dies_of;
    return waited;
}

static void start(struct fake_host *fake, const char *operation) {
    memset(&script, 0, sizeof(script));
    fake_host_init(fake, "exits");
    fake_host_set(fake, "operation", operation);
    fake_host_set(fake, "samples", "10");
    fake_host_set(fake, "interval", "100us");
}

static void done(struct fake_host *fake) {
    memset(&script, 0, sizeof(script));
    fake_host_done(fake);
}

static void exits__all_metrics_or_a_reason(void **state) {
    struct fake_host fake;

    (void)state;
    start(&fake, "all");
    expect_success(&fake);
    expect_first(&fake, "system_call");
    for (size_t i = 0; i < fake.module->n_metrics; i++) {
        const char *name = fake.module->metrics[i].name, *reason = fake_host_fact(&fake, name);

        if (reason)
            assert_true(strncmp(reason, "not measured: ", 14) == 0);
        else
            assert_true(fake_host_value(&fake, name) > 0);
    }
    for (size_t i = 0; i < fake.trial.n_metrics; i++)
        assert_int_equal(fake.trial.metrics[i].n, 10);
    done(&fake);
}

/* The choices and the metrics are the same words in the same order; each choice measures that metric
 * alone. */
static void exits__each_operation_by_itself(void **state) {
    struct fake_host fake;

    (void)state;
    start(&fake, "all");
    for (size_t i = 0; i < fake.module->n_metrics; i++) {
        const char *name = fake.module->metrics[i].name;
        struct vms_error error = {""};
        int status;

        assert_string_equal(fake.module->params[0].choices[i + 1], name);
        fake_host_set(&fake, "operation", name);
        status = fake_host_run(&fake, &error);
        if (status < 0) {
            assert_true(status == -ENOTSUP || status == -EAGAIN);
            assert_true(error.text[0] != '\0');
            continue;
        }
        assert_int_equal(fake.trial.n_metrics, 1);
        assert_true(fake_host_value(&fake, name) > 0);
    }
    assert_null(fake.module->params[0].choices[fake.module->n_metrics + 1]);
    done(&fake);
}

/* The clock takes 10 ns, a call 500: two of them are more than 100 steps of the clock. */
static uint64_t scripted_now(void *context) {
    (void)context;
    return script.now_ns += 10;
}

static void exits__figures_are_exact(void **state) {
    struct fake_host fake;

    (void)state;
    start(&fake, "system_call");
    fake.host.now = scripted_now;
    script.now_ns = 1;
    expect_success(&fake);
    expect_near(fake_host_value(&fake, "system_call"), 505e-9);
    expect_near(fake_host_distribution(fake_host_metric(&fake, "system_call")).quantiles[STATS_QUANTILES - 1],
                505e-9);
    done(&fake);
}

static void exits__one_processor_disturbs_no_other(void **state) {
    static const char *const operations[] = {"ipi", "tlb_shootdown", "wake_up"};
    struct fake_host fake;
    char mine[16];

    (void)state;
    (void)snprintf(mine, sizeof(mine), "%d", sched_getcpu());
    start(&fake, "all");
    fake_host_set(&fake, "affinity", mine);
    for (size_t i = 0; i < VMS_LENGTH(operations); i++) {
        fake_host_set(&fake, "operation", operations[i]);
        expect_failure(&fake, -ENOTSUP, "there is only one processor");
    }
    done(&fake);
}

static void exits__refuses_bad_places(void **state) {
    struct fake_host fake;

    (void)state;
    start(&fake, "all");
    fake_host_set(&fake, "affinity", "none");
    expect_failure(&fake, -EINVAL, "must stay on its processor");
    fake_host_set(&fake, "affinity", "nowhere");
    expect_failure(&fake, -EINVAL, "\"nowhere\"");
    done(&fake);
}

static void expect_broken(const char *operation, bool *fault, int status, const char *text) {
    struct fake_host fake;

    start(&fake, operation);
    *fault = true;
    expect_failure(&fake, status, text);
    done(&fake);
}

/* One wrong answer of many, the first of a piece of several. */
static void exits__each_answer_is_checked(void **state) {
    struct fake_host fake;

    (void)state;
    start(&fake, "system_call");
    script.wrong_call = 5;
    expect_failure(&fake, -EBADMSG, "system_call: verification failed: getppid changed its answer");
    done(&fake);
}

static void exits__each_check_can_fail(void **state) {
    (void)state;
    expect_broken("system_call", &script.other_parent, -EBADMSG,
                  "system_call: verification failed: getppid changed its answer");
    expect_broken("timer_lateness", &script.no_sleep, -EBADMSG, "verification failed: a sleep ended ");
    expect_broken("page_fault", &script.no_forgetting, -EBADMSG, "first touches made ");
    expect_broken("timer_arm", &script.no_timer, -EBADMSG, "verification failed: the timer was not set");
    if (usable_processors() < 2)
        return;
    expect_broken("tlb_shootdown", &script.no_protection, -EACCES,
                  "tlb_shootdown: mprotect: Permission denied");
    expect_broken("ipi", &script.no_barriers, -ENOTSUP, "membarrier: Function not implemented");
    /* Where nobody sleeps, nobody is woken. */
    expect_broken("wake_up", &script.no_sleeper, -EAGAIN, "in only 0 of 40 wake-ups was there a sleeper");
}

#ifdef __x86_64__
/* What kills a program is found out in a child. */
static void exits__a_forbidden_instruction_is_a_reason(void **state) {
    struct fake_host fake;

    (void)state;
    start(&fake, "hypercall");
    script.dies_of = SIGILL;
    expect_failure(&fake, -ENOTSUP, "a program may not execute this instruction here (Illegal instruction)");
    script.dies_of = 1 << 8;
    expect_failure(&fake, -ENOTSUP, "a program that executed this instruction ended with status 1");
    done(&fake);
}

/* Access that was granted and is not there kills the child, and not the case: cmocka's own handlers are not
 * in its way. */
static void exits__a_port_without_access_is_a_reason(void **state) {
    struct fake_host fake;

    (void)state;
    start(&fake, "port_ed");
    script.delay = "0\n";
    expect_failure(&fake, -ENOTSUP, "it needs root (CAP_SYS_RAWIO)");
    script.permits_ports = true;
    expect_failure(&fake, -ENOTSUP, "a program may not execute this instruction here (Segmentation fault)");
    done(&fake);
}

static void exits__ports_that_the_kernel_avoids_are_left_alone(void **state) {
    struct fake_host fake;

    (void)state;
    start(&fake, "port_80");
    script.permits_ports = true;
    script.delay = "1\n";
    expect_failure(&fake, -ENOTSUP, "the kernel does not use this port here");
    script.delay = "";
    expect_failure(&fake, -ENOTSUP, "this kernel has no /proc/sys/kernel/io_delay_type");
    fake_host_set(&fake, "operation", "port_61");
    expect_failure(&fake, -ENOTSUP, "this kernel has no /proc/sys/kernel/io_delay_type");
    done(&fake);
}
#endif

static void exits__what_a_driver_times(void **state) {
    struct fake_host fake;

    (void)state;
    start(&fake, "kernel_rdmsr");
    script.has_driver = true;
    expect_success(&fake);
    expect_near(fake_host_value(&fake, "kernel_rdmsr"), 1.5e-6);
    assert_int_equal(script.asked.operation, VMSUITE_EXITS_RDMSR);
    done(&fake);
}

/* Without the driver, and where it has no such thing, the reason stands in place of the figure. */
static void exits__what_no_driver_times_is_a_reason(void **state) {
    struct fake_host fake;

    (void)state;
    start(&fake, "kernel_hpet");
    expect_failure(&fake, -ENOTSUP, "only a kernel may do this, and this one has no driver for it");
    script.has_driver = true;
    script.driver_fails = EOPNOTSUPP;
    expect_failure(&fake, -ENOTSUP, "this machine does not have this, or does not allow it");
    script.driver_fails = ENODEV;
    expect_failure(&fake, -ENOTSUP, "/dev/vmsuite-exits: No such device");
    done(&fake);
}

static void exits__stops_when_asked(void **state) {
    struct fake_host fake;

    (void)state;
    start(&fake, "all");
    for (size_t i = 0; i < fake.module->n_metrics; i++) {
        struct vms_error error = {""};
        int status;

        fake_host_set(&fake, "operation", fake.module->metrics[i].name);
        fake.stop = true;
        status = fake_host_run(&fake, &error);
        assert_true(status == -ECANCELED || status == -ENOTSUP);
        assert_int_equal(fake.trial.n_metrics, 0);
    }
    done(&fake);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exits__all_metrics_or_a_reason),
        cmocka_unit_test(exits__each_operation_by_itself),
        cmocka_unit_test(exits__figures_are_exact),
        cmocka_unit_test(exits__one_processor_disturbs_no_other),
        cmocka_unit_test(exits__refuses_bad_places),
        cmocka_unit_test(exits__each_answer_is_checked),
        cmocka_unit_test(exits__each_check_can_fail),
#ifdef __x86_64__
        cmocka_unit_test(exits__a_forbidden_instruction_is_a_reason),
        cmocka_unit_test(exits__a_port_without_access_is_a_reason),
        cmocka_unit_test(exits__ports_that_the_kernel_avoids_are_left_alone),
#endif
        cmocka_unit_test(exits__what_a_driver_times),
        cmocka_unit_test(exits__what_no_driver_times_is_a_reason),
        cmocka_unit_test(exits__stops_when_asked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
