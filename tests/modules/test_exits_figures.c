/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The exits module's figures on a scripted clock, which keeps an account of its own of how many operations a
 * piece has, and on scripted counts of interrupts and of the second thread's time. */
#include "fakes/fake_host.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#ifdef __x86_64__
#include <cpuid.h>
#endif
#include <dlfcn.h>
#include <errno.h>
#include <linux/futex.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "modules/expect.h"
#include "modules/pieces.h"

#define EXPORT __attribute__((visibility("default")))

#define LEAST_NS 1000 /* a piece takes a hundred steps at the least */
#define SAMPLES 10
#define AWAKE_NS 7000  /* from waking the second thread to its first look */
#define UNSEEN_NS 9000 /* the same where nobody is said to have slept */
#define SPIN_NS 10000  /* what the first thread's look at the clock takes meanwhile */

static struct {
    struct pieces pieces;      /* of the metric that is measured */
    const char *interrupts[2]; /* what the kernel counted, before and behind */
    unsigned looked;
    unsigned ran_percent; /* of the second thread; 0: the truth */
    unsigned clocks[2];
    bool sleeps; /* a sleep ends at once, at its point of time */
    int64_t monotonic_ns, due_ns[SAMPLES];
    unsigned n_sleeps;
    struct itimerspec set; /* the last timer */
    bool is_told;          /* what the kernel says of it: */
    struct timespec left;
    uint64_t expired; /* times; 0: not yet */
} script;

/* The wake-ups: those that were made, and those that the second thread looked at the clock for. Atomic. */
static struct {
    bool on;
    pid_t first; /* the thread that wakes */
    uint64_t now_ns;
    unsigned made, seen;
} wakes;

EXPORT FILE *fake_fopen(const char *path, const char *mode) __asm__("fopen64");
EXPORT int fake_gettime(int fd, struct itimerspec *ret) __asm__("timerfd_gettime");
EXPORT ssize_t fake_read(int fd, void *bytes, size_t size) __asm__("read");
EXPORT long fake_syscall(long number, ...) __asm__("syscall");
EXPORT int fake_clock_gettime(clockid_t clock, struct timespec *ret) __asm__("clock_gettime");
EXPORT int fake_clock_nanosleep(clockid_t clock, int flags, const struct timespec *request,
                                struct timespec *remain) __asm__("clock_nanosleep");
EXPORT int fake_settime(int fd, int flags, const struct itimerspec *new,
                        struct itimerspec *old) __asm__("timerfd_settime");

static long real_syscall(long number, long a, long b, long c, long d, long e, long f) {
    static long (*real)(long, ...);

    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "syscall");
    return real(number, a, b, c, d, e, f);
}

/* Every other wake-up is said to have found nobody asleep. */
long fake_syscall(long number, ...) {
    long word[6] = {0}, woken;
    va_list arguments;

    va_start(arguments, number);
    for (int i = 0; i < (number == SYS_futex ? 6 : 5); i++)
        word[i] = va_arg(arguments, long);
    va_end(arguments);
    if (number != SYS_futex || !wakes.on || (word[1] & FUTEX_CMD_MASK) != FUTEX_WAKE)
        return real_syscall(number, word[0], word[1], word[2], word[3], word[4], word[5]);
    __atomic_add_fetch(&wakes.made, 1, __ATOMIC_SEQ_CST);
    woken = real_syscall(number, word[0], word[1], word[2], word[3], word[4], word[5]);
    return wakes.made % 2 ? 0 : woken;
}

FILE *fake_fopen(const char *path, const char *mode) {
    static FILE *(*real)(const char *, const char *);
    const char *text = script.interrupts[script.looked > 0];

    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "fopen64");
    if (!text || strcmp(path, "/proc/interrupts") != 0)
        return real(path, mode);
    script.looked++;
    return fmemopen((void *)(uintptr_t)text, strlen(text), "r");
}

/* Ten seconds pass for the process, and the part of them that was asked for in the second thread. */
int fake_clock_gettime(clockid_t clock, struct timespec *ret) {
    bool is_thread = clock == CLOCK_THREAD_CPUTIME_ID;

    if (script.sleeps && clock == CLOCK_MONOTONIC) {
        *ret = (struct timespec){script.monotonic_ns / 1000000000, script.monotonic_ns % 1000000000};
        return 0;
    }
    if (script.ran_percent == 0 || (clock != CLOCK_MONOTONIC && !is_thread))
        return (int)real_syscall(SYS_clock_gettime, clock, (long)ret, 0, 0, 0, 0);
    *ret = (struct timespec){.tv_sec = 1000};
    if (script.clocks[is_thread]++ > 0) {
        ret->tv_sec += is_thread ? script.ran_percent / 10 : 10;
        ret->tv_nsec = is_thread ? script.ran_percent % 10 * 100000000 : 0;
    }
    return 0;
}

int fake_clock_nanosleep(clockid_t clock, int flags, const struct timespec *request,
                         struct timespec *remain) {
    if (!script.sleeps)
        return real_syscall(SYS_clock_nanosleep, clock, flags, (long)request, (long)remain, 0, 0) == 0
                   ? 0
                   : errno;
    assert_true(script.n_sleeps < SAMPLES);
    script.monotonic_ns = request->tv_sec * INT64_C(1000000000) + request->tv_nsec;
    script.due_ns[script.n_sleeps++] = script.monotonic_ns;
    return 0;
}

int fake_settime(int fd, int flags, const struct itimerspec *new, struct itimerspec *old) {
    script.set = *new;
    return (int)real_syscall(SYS_timerfd_settime, fd, flags, (long)new, (long)old, 0, 0);
}

int fake_gettime(int fd, struct itimerspec *ret) {
    int status = (int)real_syscall(SYS_timerfd_gettime, fd, (long)ret, 0, 0, 0, 0);

    if (script.is_told)
        *ret = (struct itimerspec){.it_value = script.left};
    return status;
}

ssize_t fake_read(int fd, void *bytes, size_t size) {
    if (!script.is_told || size != sizeof(script.expired))
        return real_syscall(SYS_read, fd, (long)bytes, (long)size, 0, 0, 0);
    if (script.expired == 0) {
        errno = EAGAIN;
        return -1;
    }
    memcpy(bytes, &script.expired, size);
    return (ssize_t)size;
}

static uint64_t scripted_now(void *context) {
    const struct fake_host *fake = context;

    return fake->measuring ? pieces_now(&script.pieces) : script.pieces.now_ns;
}

static void start(struct fake_host *fake, const char *operation) {
    memset(&script, 0, sizeof(script));
    script.pieces.now_ns = 1000000000;
    script.pieces.least_ns = LEAST_NS;
    fake_host_init(fake, "exits");
    fake_host_set(fake, "operation", operation);
    fake_host_set(fake, "samples", "10");
    fake_host_set(fake, "interval", "100us");
    fake->host.now = scripted_now;
}

static void done(struct fake_host *fake) {
    memset(&script, 0, sizeof(script));
    fake_host_done(fake);
}

/* What a metric takes, and how many a piece has, which follows from it. */
static const struct row {
    const char *name;
    unsigned operation_ns, most, n;
} operations[] = {
    {"system_call", 3, 0, 512},    {"cpuid", 100, 0, 16},    {"cpuid_hypervisor", 90, 0, 16},
    {"counter", 11, 0, 128},       {"rdtscp", 12, 0, 128},   {"hypercall", 300, 0, 4},
    {"port_61", 700, 0, 2},        {"port_80", 800, 0, 2},   {"port_ed", 900, 0, 2},
    {"page_fault", 1, 4096, 1024}, {"timer_arm", 500, 0, 2}, {"ipi", 600, 0, 2},
    {"tlb_shootdown", 250, 0, 4},
};

static void expect_metric(const struct fake_host *fake, const struct row *row) {
    const struct fake_metric *metric = fake_host_metric(fake, row->name);
    double one = 1e-9 * row->operation_ns;

    assert_non_null(metric);
    assert_int_equal(fake->trial.n_metrics, 1);
    assert_int_equal(script.pieces.n, row->n);
    assert_int_equal(metric->n, SAMPLES);
    expect_near(fake_host_distribution(metric).quantiles[0], one);
    expect_near(fake_host_distribution(metric).mean, 5.5 * one);
    expect_near(fake_host_distribution(metric).quantiles[STATS_QUANTILES - 1], SAMPLES * one);
}

/* That of the processor's maker. */
static void expect_instruction(const struct fake_host *fake) {
#ifdef __x86_64__
    unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
    bool is_amd;

    (void)__get_cpuid(0, &eax, &ebx, &ecx, &edx);
    is_amd = ebx == signature_AMD_ebx || ebx == 0x6f677948; /* "Hygo" */
    assert_string_equal(fake_host_fact(fake, "hypercall_instruction"), is_amd ? "vmmcall" : "vmcall");
#else
    assert_non_null(fake_host_fact(fake, "hypercall_instruction"));
#endif
}

/* Each by itself, for one operation of it; what this machine has not says why. */
static void figures__are_of_one_thing_each(void **state) {
    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(operations); i++) {
        struct vms_error error = {""};
        struct fake_host fake;
        int status;

        start(&fake, operations[i].name);
        script.pieces.operation_ns = operations[i].operation_ns;
        script.pieces.most = operations[i].most;
        script.ran_percent = 100;
        status = fake_host_run(&fake, &error);
        if (status == 0)
            expect_metric(&fake, &operations[i]);
        if (status == 0 && strcmp(operations[i].name, "hypercall") == 0)
            expect_instruction(&fake);
        else if (status == 0)
            assert_null(fake_host_fact(&fake, "hypercall_instruction"));
        else if (status != -ENOTSUP)
            fail_msg("%s: %s", operations[i].name, error.text);
        done(&fake);
    }
}

/* Operations in all: those of the pieces that were sized, 1, 1, 2, ..., n, then ten times n. */
static unsigned count_operations(unsigned n) {
    return 1 + 2 * n - 1 + SAMPLES * n;
}

/* Of its own kind only, on all processors, and what came meanwhile. */
static void interrupts__are_counted(void **state) {
    static const char before[] =
        "      CPU0 CPU1\n  0:  5  6 IO-APIC timer\nCAL:   1   2 Function call interrupts\n"
        " TLB:  10  20 TLB shootdowns\nERR:  0\n",
                      behind[] =
                          "      CPU0 CPU1\n  0:  7  9 IO-APIC timer\nCAL:   6   7 Function call interrupts\n"
                          " TLB:  17  40 TLB shootdowns\nERR:  0\n";
    static const struct {
        const char *operation, *fact;
        unsigned operation_ns, n, counted;
    } cases[] = {{"ipi", "ipi_interrupts", 600, 2, 10},
                 {"tlb_shootdown", "tlb_shootdown_interrupts", 250, 4, 27}};

    (void)state;
    if (usable_processors() < 2)
        skip();
    for (size_t i = 0; i < VMS_LENGTH(cases); i++) {
        struct fake_host fake;
        char text[64];

        start(&fake, cases[i].operation);
        script.pieces.operation_ns = cases[i].operation_ns;
        script.ran_percent = 100;
        script.interrupts[0] = before;
        script.interrupts[1] = behind;
        expect_success(&fake);
        (void)snprintf(text, sizeof(text), "%u for %u operations", cases[i].counted,
                       count_operations(cases[i].n));
        assert_string_equal(fake_host_fact(&fake, cases[i].fact), text);
        pieces_restart(&script.pieces);
        script.looked = script.clocks[0] = script.clocks[1] = 0;
        script.interrupts[0] = script.interrupts[1] = "ERR: 0\n";
        expect_success(&fake);
        assert_null(fake_host_fact(&fake, cases[i].fact));
        done(&fake);
    }
}

static void second__runs_nine_tenths_of_the_time(void **state) {
    static const struct {
        unsigned percent;
        int status;
    } cases[] = {{90, 0}, {89, -EAGAIN}};

    (void)state;
    if (usable_processors() < 2)
        skip();
    for (size_t i = 0; i < VMS_LENGTH(cases); i++) {
        struct vms_error error = {""};
        struct fake_host fake;

        start(&fake, "ipi");
        script.pieces.operation_ns = 600;
        script.ran_percent = cases[i].percent;
        assert_int_equal(fake_host_run(&fake, &error), cases[i].status);
        if (cases[i].status < 0)
            assert_non_null(strstr(error.text, "in only 89 % of the time did the second thread run"));
        done(&fake);
    }
}

/* The first thread's looks take time, but while the other is on its way: so much that the other falls asleep
 * meanwhile. The other sees the clock of the first, and how late it is itself. */
static uint64_t wake_now(void *context) {
    const struct timespec asleep = {.tv_nsec = 100000};
    uint64_t now_ns = __atomic_load_n(&wakes.now_ns, __ATOMIC_SEQ_CST);

    (void)context;
    if ((pid_t)real_syscall(SYS_gettid, 0, 0, 0, 0, 0, 0) != wakes.first)
        return now_ns + (__atomic_fetch_add(&wakes.seen, 1, __ATOMIC_SEQ_CST) % 2 ? AWAKE_NS : UNSEEN_NS);
    if (__atomic_load_n(&wakes.made, __ATOMIC_SEQ_CST) > __atomic_load_n(&wakes.seen, __ATOMIC_SEQ_CST))
        return now_ns;
    (void)nanosleep(&asleep, NULL);
    return __atomic_add_fetch(&wakes.now_ns, SPIN_NS, __ATOMIC_SEQ_CST);
}

/* Those count that found a sleeper. */
static void wake_up__is_the_way_there(void **state) {
    const struct fake_metric *metric;
    struct fake_host fake;

    (void)state;
    if (usable_processors() < 2)
        skip();
    start(&fake, "wake_up");
    fake_host_set(&fake, "samples", "20");
    fake.host.now = wake_now;
    memset(&wakes, 0, sizeof(wakes));
    wakes.first = (pid_t)real_syscall(SYS_gettid, 0, 0, 0, 0, 0, 0);
    wakes.now_ns = 1000000000;
    wakes.on = true;
    expect_success(&fake);
    wakes.on = false;
    metric = fake_host_metric(&fake, "wake_up");
    assert_int_equal(metric->n, 20);
    expect_near(fake_host_distribution(metric).quantiles[0], 1e-9 * AWAKE_NS);
    expect_near(fake_host_distribution(metric).quantiles[STATS_QUANTILES - 1], 1e-9 * AWAKE_NS);
    done(&fake);
}

/* Sleeps are to points of time that lie the interval apart. */
static void timer_lateness__is_of_the_interval(void **state) {
    struct fake_host fake;

    (void)state;
    start(&fake, "timer_lateness");
    fake_host_set(&fake, "interval", "3ms");
    script.sleeps = true;
    script.monotonic_ns = INT64_C(7000000000);
    expect_success(&fake);
    assert_int_equal(script.n_sleeps, SAMPLES);
    for (int i = 0; i < SAMPLES; i++)
        assert_int_equal(script.due_ns[i], INT64_C(7000000000) + 3000000 * (i + 1));
    done(&fake);
}

/* A timer is set to a millisecond from now, once. */
static void timer_arm__is_a_millisecond_ahead(void **state) {
    struct fake_host fake;

    (void)state;
    start(&fake, "timer_arm");
    script.pieces.operation_ns = 500;
    expect_success(&fake);
    assert_int_equal(script.set.it_value.tv_sec, 0);
    assert_int_equal(script.set.it_value.tv_nsec, 1000000);
    assert_int_equal(script.set.it_interval.tv_sec + script.set.it_interval.tv_nsec, 0);
    done(&fake);
}

/* Behind the last piece the timer is on its way, or has expired once: a busy machine soon takes a
 * millisecond. */
static void timer_arm__was_set(void **state) {
    static const struct {
        struct timespec left;
        uint64_t expired;
        bool is_set;
    } rows[] = {
        {{0, 1}, 0, true},        {{0, 1000000}, 0, true}, {{0, 0}, 1, true},  {{0, 0}, 0, false},
        {{0, 1000001}, 0, false}, {{1, 1}, 0, false},      {{0, 0}, 2, false},
    };

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        struct fake_host fake;

        start(&fake, "timer_arm");
        script.pieces.operation_ns = 500;
        script.is_told = true;
        script.left = rows[i].left;
        script.expired = rows[i].expired;
        if (rows[i].is_set)
            expect_success(&fake);
        else
            expect_failure(&fake, -EBADMSG, "verification failed: the timer was not set");
        done(&fake);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(figures__are_of_one_thing_each),
        cmocka_unit_test(interrupts__are_counted),
        cmocka_unit_test(second__runs_nine_tenths_of_the_time),
        cmocka_unit_test(wake_up__is_the_way_there),
        cmocka_unit_test(timer_lateness__is_of_the_interval),
        cmocka_unit_test(timer_arm__is_a_millisecond_ahead),
        cmocka_unit_test(timer_arm__was_set),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
