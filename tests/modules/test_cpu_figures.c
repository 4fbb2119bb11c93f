/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The cpu module's figures on a scripted clock, which keeps an account of its own of how many operations a
 * piece has, and on scripted counts of switches, faults and late sleeps. */
#include "fakes/fake_host.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "modules/expect.h"
#include "modules/pieces.h"

#define EXPORT __attribute__((visibility("default")))

#define LEAST_NS 10000 /* a piece takes a thousand steps at the least */
#define SAMPLES 10
#define CLOCKS 16

/* What a metric is measured by: `per_operation` in one operation, of which a piece has `most` at the most. */
struct row {
    const char *what, *name;
    unsigned operation_ns, per_operation, most, n; /* n: operations of a piece */
};

static struct {
    const struct row *rows; /* those that are measured, in turn */
    struct pieces pieces;
    uint64_t operations;
    uint64_t clock_reads[CLOCKS];
    /* What getrusage says, if it is scripted: so many more switches at each call, so many more faults from
     * the second on. */
    bool counts;
    long usages, voluntary, involuntary, faults;
    /* Sleeps: when each was due, and how late it ends. */
    bool sleeps;
    int64_t monotonic_ns, due_ns[SAMPLES], late_ns[SAMPLES];
    unsigned n_sleeps;
    int slack;
    uint64_t parents;   /* how often getppid was asked for */
    int partner_status; /* what waitpid says of the partner; 0: the truth */
} script;

EXPORT pid_t waitpid(pid_t pid, int *status, int options);
EXPORT long fake_syscall(long number, long a, long b, long c, long d, long e, long f) __asm__("syscall");
EXPORT int fake_mprotect(void *address, size_t length, int protection) __asm__("mprotect");
EXPORT int fake_getrusage(int who, struct rusage *usage) __asm__("getrusage");
EXPORT int fake_clock_gettime(clockid_t clock, struct timespec *ret) __asm__("clock_gettime");
EXPORT int fake_clock_nanosleep(clockid_t clock, int flags, const struct timespec *request,
                                struct timespec *remain) __asm__("clock_nanosleep");

/* Of the first two calls: what they asked for, and whether the page was there. */
static struct {
    unsigned n;
    int protections[2];
    bool resident[2];
} protects;

int fake_mprotect(void *address, size_t length, int protection) {
    unsigned char mark = 0;

    if (protects.n < 2) {
        (void)syscall(SYS_mincore, address, length, &mark);
        protects.protections[protects.n] = protection;
        protects.resident[protects.n++] = mark & 1;
    }
    return (int)syscall(SYS_mprotect, address, length, protection);
}

pid_t waitpid(pid_t pid, int *status, int options) {
    pid_t ended = wait4(pid, status, options, NULL);

    if (ended > 0 && script.partner_status != 0)
        *status = script.partner_status;
    return ended;
}

/* All of them, of which the library's own takes six at the most. */
long fake_syscall(long number, long a, long b, long c, long d, long e, long f) {
    static long (*real)(long, ...);

    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "syscall");
    script.parents += number == SYS_getppid;
    return real(number, a, b, c, d, e, f);
}

int fake_getrusage(int who, struct rusage *usage) {
    if (!script.counts)
        return (int)syscall(SYS_getrusage, who, usage);
    memset(usage, 0, sizeof(*usage));
    usage->ru_minflt = 500 + (script.usages > 0 ? script.faults : 0);
    usage->ru_nvcsw = script.usages * script.voluntary;
    usage->ru_nivcsw = script.usages * script.involuntary;
    script.usages++;
    return 0;
}

int fake_clock_gettime(clockid_t clock, struct timespec *ret) {
    if (clock >= 0 && clock < CLOCKS)
        script.clock_reads[clock]++;
    if (!script.sleeps || clock != CLOCK_MONOTONIC)
        return (int)syscall(SYS_clock_gettime, clock, ret);
    *ret = (struct timespec){script.monotonic_ns / 1000000000, script.monotonic_ns % 1000000000};
    return 0;
}

int fake_clock_nanosleep(clockid_t clock, int flags, const struct timespec *request,
                         struct timespec *remain) {
    if (!script.sleeps)
        return syscall(SYS_clock_nanosleep, clock, flags, request, remain) == 0 ? 0 : errno;
    assert_int_equal(clock, CLOCK_MONOTONIC);
    assert_int_equal(flags, TIMER_ABSTIME);
    assert_true(script.n_sleeps < SAMPLES);
    script.slack = prctl(PR_GET_TIMERSLACK);
    script.due_ns[script.n_sleeps] = request->tv_sec * INT64_C(1000000000) + request->tv_nsec;
    script.monotonic_ns = script.due_ns[script.n_sleeps] + script.late_ns[script.n_sleeps];
    script.n_sleeps++;
    return 0;
}

static void begin_metric(const struct row *row) {
    script.rows = row;
    pieces_restart(&script.pieces);
}

static uint64_t scripted_now(void *context) {
    const struct fake_host *fake = context;
    uint64_t now_ns;
    bool ends;

    if (!fake->measuring)
        return script.pieces.now_ns;
    ends = pieces_ends(&script.pieces);
    if (script.pieces.call >= STEP_CALLS) {
        script.pieces.operation_ns = script.rows->operation_ns;
        script.pieces.most = script.rows->most;
    }
    now_ns = pieces_now(&script.pieces);
    if (!ends)
        return now_ns;
    script.operations += script.pieces.n;
    if (script.pieces.sample == SAMPLES)
        begin_metric(script.rows + 1);
    return now_ns;
}

static void start(struct fake_host *fake, const struct row *row) {
    fake_host_init(fake, "cpu");
    fake_host_set(fake, "what", row->what);
    fake_host_set(fake, "samples", "10");
    fake_host_set(fake, "interval", "100us");
    fake->host.now = scripted_now;
    memset(&script, 0, sizeof(script));
    script.pieces.now_ns = 1000000000;
    script.pieces.least_ns = LEAST_NS;
    begin_metric(row);
}

/* Those of one group stand together, in the order of the module's table. */
static const struct row rows[] = {
    {"system_call", "system_call", 3, 1, 0, 4096},
    {"switch", "switch_pipe", 1000, 2, 0, 16},
    {"switch", "switch_futex", 3000, 2, 0, 4},
    {"fork", "fork_exec", 20000, 1, 0, 1},
    {"memory", "page_fault", 1, 1, 4096, 4096},
    {"memory", "mprotect", 100, 2, 0, 128},
    {"clock", "clock_monotonic", 11, 1, 0, 1024},
    {"clock", "clock_realtime", 12, 1, 0, 1024},
    {"clock", "clock_raw", 13, 1, 0, 1024},
    {"clock", "clock_boot", 14, 1, 0, 1024},
    {"clock", "clock_coarse", 15, 1, 0, 1024},
    {"clock", "clock_thread", 16, 1, 0, 1024},
    {"clock", "clock_tsc", 17, 1, 0, 1024},
    {"wake_up", "wake_up", 3000, 2, 0, 4},
    {"cpuid", "cpuid", 100, 1, 0, 128},
};

/* What not every machine has. */
static bool is_missing(const struct fake_host *fake, const struct row *row) {
    return (strcmp(row->name, "clock_tsc") == 0 || strcmp(row->name, "wake_up") == 0 ||
            strcmp(row->name, "cpuid") == 0) &&
           fake_host_fact(fake, row->name);
}

static void expect_metric(const struct fake_host *fake, const struct row *row) {
    const struct fake_metric *metric = fake_host_metric(fake, row->name);
    double one = 1e-9 * row->operation_ns / row->per_operation;

    if (!metric)
        fail_msg("%s was not measured: %s", row->name, fake_host_fact(fake, row->name));
    assert_int_equal(metric->n, SAMPLES);
    expect_near(fake_host_distribution(metric).quantiles[0], one);
    expect_near(fake_host_distribution(metric).mean, 5.5 * one);
    expect_near(fake_host_distribution(metric).quantiles[STATS_QUANTILES - 1], SAMPLES * one);
}

static void figures__are_of_one_thing_each(void **state) {
    (void)state;
    for (size_t i = 0, end; i < VMS_LENGTH(rows); i = end) {
        struct vms_error error = {""};
        struct fake_host fake;
        int status;

        for (end = i; end < VMS_LENGTH(rows) && strcmp(rows[end].what, rows[i].what) == 0;)
            end++;
        start(&fake, &rows[i]);
        /* Switches of busy machines are another test's. */
        script.counts = rows[i].per_operation == 2 && strcmp(rows[i].what, "memory") != 0;
        script.voluntary = 1000000;
        status = fake_host_run(&fake, &error);
        if (status < 0 && !(status == -ENOTSUP && is_missing(&fake, &rows[i])))
            fail_msg("%s: %s", rows[i].what, error.text);
        for (size_t k = i; k < end; k++)
            if (!is_missing(&fake, &rows[k]))
                expect_metric(&fake, &rows[k]);
        fake_host_done(&fake);
    }
}

static void clocks__are_read_each(void **state) {
    static const clockid_t clocks[] = {CLOCK_MONOTONIC, CLOCK_REALTIME,         CLOCK_MONOTONIC_RAW,
                                       CLOCK_BOOTTIME,  CLOCK_MONOTONIC_COARSE, CLOCK_THREAD_CPUTIME_ID};
    struct fake_host fake;

    (void)state;
    start(&fake, &rows[6]);
    expect_success(&fake);
    for (size_t i = 0; i < VMS_LENGTH(clocks); i++)
        assert_true(script.clock_reads[clocks[i]] >= SAMPLES * 1024);
    fake_host_done(&fake);
}

/* A page in use, read-only and back. */
static void mprotect__is_of_a_page_in_use(void **state) {
    struct fake_host fake;

    (void)state;
    start(&fake, &rows[4]);
    memset(&protects, 0, sizeof(protects));
    expect_success(&fake);
    assert_int_equal(protects.n, 2);
    assert_int_equal(protects.protections[0], PROT_READ);
    assert_int_equal(protects.protections[1], PROT_READ | PROT_WRITE);
    assert_true(protects.resident[0] && protects.resident[1]);
    fake_host_done(&fake);
}

/* Operations of a metric in all: those of the pieces that were sized, 1, 1, 2, ..., n, then ten times n. */
static long count_operations(const struct row *row) {
    return 1 + 2 * (long)row->n - 1 + SAMPLES * (long)row->n;
}

static void switches__of_nine_turns_in_ten_are_enough(void **state) {
    static const struct row pipes[] = {{"switch", "switch_pipe", 1000, 2, 0, 16},
                                       {"switch", "switch_futex", 1000, 2, 0, 16}};
    const long turns = count_operations(&pipes[0]), least = (turns * 9 + 9) / 10;
    struct fake_host fake;

    (void)state;
    start(&fake, &pipes[0]);
    script.counts = true;
    script.voluntary = least - 50;
    script.involuntary = 49;
    expect_failure(&fake, -EBADMSG, "switch_pipe: verification failed: only 90 % of the turns");
    fake_host_done(&fake);
    start(&fake, &pipes[0]);
    script.counts = true;
    script.voluntary = least - 50;
    script.involuntary = 50;
    expect_success(&fake);
    fake_host_done(&fake);
}

/* gVisor has zeros where Linux counts: that is no proof of turns without a switch. */
static void switches__that_are_not_counted_are_unknown(void **state) {
    static const struct row pairs[] = {{"switch", "switch_pipe", 1000, 2, 0, 16},
                                       {"switch", "switch_futex", 1000, 2, 0, 16}};
    static const struct row far = {"wake_up", "wake_up", 1000, 2, 0, 16};
    struct fake_host fake;

    (void)state;
    start(&fake, &pairs[0]);
    script.counts = true;
    expect_success(&fake);
    assert_string_equal(fake_host_fact(&fake, "switches"), "unknown: this kernel does not count them");
    fake_host_done(&fake);
    if (usable_processors() < 2)
        return;
    start(&fake, &far);
    script.counts = true;
    expect_success(&fake);
    assert_string_equal(fake_host_fact(&fake, "switches"), "unknown: this kernel does not count them");
    fake_host_done(&fake);
}

/* On two processors nobody may have slept: there is no figure just now. */
static void wake_ups__of_nine_turns_in_ten_are_enough(void **state) {
    static const struct row far = {"wake_up", "wake_up", 1000, 2, 0, 16};
    const long turns = count_operations(&far), least = (turns * 9 + 9) / 10;
    struct fake_host fake;

    (void)state;
    if (usable_processors() < 2)
        skip();
    start(&fake, &far);
    script.counts = true;
    script.voluntary = turns * 3 / 4;
    expect_failure(&fake, -EAGAIN, "in only 75 % of the turns was there a sleeper to wake");
    fake_host_done(&fake);
    start(&fake, &far);
    script.counts = true;
    script.voluntary = least;
    expect_success(&fake);
    fake_host_done(&fake);
}

/* The second process is asked how it ended, on one processor and on two. */
static void switches__of_a_partner_that_failed_are_none(void **state) {
    static const struct row pairs[] = {{"switch", "switch_pipe", 1000, 2, 0, 16},
                                       {"wake_up", "wake_up", 1000, 2, 0, 16}};
    struct fake_host fake;

    (void)state;
    for (size_t i = 0; i < (usable_processors() < 2 ? 1 : 2); i++) {
        start(&fake, &pairs[i]);
        script.counts = true;
        script.voluntary = 1000000;
        script.partner_status = 9;
        expect_failure(&fake, -ECHILD, "the second process ended with status 9");
        fake_host_done(&fake);
    }
}

/* A piece of so many operations does so many. */
static void calls__are_as_many_as_are_timed(void **state) {
    struct fake_host fake;

    (void)state;
    start(&fake, &rows[0]);
    expect_success(&fake);
    assert_int_equal(script.parents, count_operations(&rows[0]));
    fake_host_done(&fake);
}

static void faults__are_as_many_as_touches(void **state) {
    const long touches = count_operations(&rows[4]);
    struct fake_host fake;

    (void)state;
    start(&fake, &rows[4]);
    script.counts = true;
    script.faults = touches;
    expect_success(&fake);
    fake_host_done(&fake);
    start(&fake, &rows[4]);
    script.counts = true;
    script.faults = touches - 1;
    expect_failure(&fake, -EBADMSG, "49152 first touches made 49151 page faults");
    fake_host_done(&fake);
}

/* A sleep that ends 250 us late passes over two points of time. */
static void sleeps__are_to_points_of_time(void **state) {
    static const struct row timer = {"timer", "timer_lateness", 1, 1, 0, 0};
    const struct fake_metric *metric;
    int slack = prctl(PR_GET_TIMERSLACK);
    struct fake_host fake;

    (void)state;
    start(&fake, &timer);
    script.sleeps = true;
    script.monotonic_ns = INT64_C(7000000000);
    for (int i = 0; i < SAMPLES; i++)
        script.late_ns[i] = 1000 * (i + 1);
    script.late_ns[4] = 250000;
    expect_success(&fake);
    assert_int_equal(script.n_sleeps, SAMPLES);
    assert_int_equal(script.slack, 1);
    assert_int_equal(prctl(PR_GET_TIMERSLACK), slack);
    assert_int_equal(script.due_ns[0], INT64_C(7000100000));
    for (int i = 1; i < SAMPLES; i++)
        assert_int_equal(script.due_ns[i] - script.due_ns[i - 1], i == 5 ? 300000 : 100000);
    metric = fake_host_metric(&fake, "timer_lateness");
    assert_non_null(metric);
    expect_near(fake_host_distribution(metric).quantiles[0], 1e-6);
    expect_near(fake_host_distribution(metric).quantiles[STATS_QUANTILES - 1], 250e-6);
    expect_near(fake_host_distribution(metric).mean, (55 - 5 + 250) * 1e-7);
    fake_host_done(&fake);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(figures__are_of_one_thing_each),
        cmocka_unit_test(clocks__are_read_each),
        cmocka_unit_test(mprotect__is_of_a_page_in_use),
        cmocka_unit_test(switches__of_nine_turns_in_ten_are_enough),
        cmocka_unit_test(switches__that_are_not_counted_are_unknown),
        cmocka_unit_test(wake_ups__of_nine_turns_in_ten_are_enough),
        cmocka_unit_test(switches__of_a_partner_that_failed_are_none),
        cmocka_unit_test(calls__are_as_many_as_are_timed),
        cmocka_unit_test(faults__are_as_many_as_touches),
        cmocka_unit_test(sleeps__are_to_points_of_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
