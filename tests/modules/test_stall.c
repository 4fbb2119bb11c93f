/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The stall module on a clock and on accounts of the kernel that are made up: functions of the C library
 * stand here before the library's own. */
#include "fakes/fake_host.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dlfcn.h>
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "modules/expect.h"

#define US UINT64_C(1000)
#define EXPORT __attribute__((visibility("default")))

/* A look at the clock takes a microsecond, but for these. The kernel's accounts are read before and after. */
static struct {
    bool on;
    uint64_t now_ns, step_ns;
    unsigned looks;
    struct {
        unsigned look;
        uint64_t gap_ns;
    } gaps[4];
    const char *stat[2]; /* of the processor: "user nice system ..."; NULL: no such line */
    const char *schedstat[2];
    unsigned stat_reads, schedstat_reads, usage_reads;
    unsigned created, refused_thread; /* the number of the thread that cannot be made; 0: none */
    int second;   /* another processor that the kernel has a line of, like the first; 0: none */
    double ran_s; /* what the thread has run; 0: the truth */
    unsigned ran_reads;
    unsigned looks_before[2]; /* before a thread's accounts were read first and last */
} script;

static int cpu; /* the one that is scripted */

/* With a file size of 64 bits the header gives fopen another name. */
EXPORT FILE *fake_fopen(const char *path, const char *mode) __asm__("fopen64");
EXPORT int getrusage(__rusage_who_t who, struct rusage *usage);
EXPORT int fake_clock_gettime(clockid_t clock, struct timespec *ret) __asm__("clock_gettime");
EXPORT int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *),
                          void *argument);

/* Several threads read their accounts. */
static unsigned count(unsigned *reads) {
    return __atomic_fetch_add(reads, 1, __ATOMIC_RELAXED);
}

static FILE *open_text(const char *text) {
    static char texts[8][256]; /* outlive the streams */
    static unsigned next;
    char *copy = texts[count(&next) % 8];

    if (!text) {
        errno = ENOENT;
        return NULL;
    }
    (void)snprintf(copy, sizeof(texts[0]), "%s", text);
    return fmemopen(copy, strlen(copy), "r");
}

FILE *fake_fopen(const char *path, const char *mode) {
    static FILE *(*real)(const char *, const char *);
    char text[250];

    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "fopen64");
    if (script.on && strcmp(path, "/proc/thread-self/schedstat") == 0) {
        unsigned read = count(&script.schedstat_reads) % 2;

        __atomic_store_n(&script.looks_before[read], script.looks, __ATOMIC_RELAXED);
        return open_text(script.schedstat[read]);
    }
    if (!script.on || strcmp(path, "/proc/stat") != 0)
        return real(path, mode);
    /* Others before and behind it, one whose number begins like it. */
    (void)snprintf(text, sizeof(text), "cpu  9 9 9 9 9 99 99 99 0 0\ncpu%d7 7 7 7 7 7 70 70 70 0 0\n", cpu);
    if (script.stat[script.stat_reads % 2])
        (void)snprintf(text + strlen(text), 100, "cpu%d %s 0 0\nintr 1\n", cpu,
                       script.stat[script.stat_reads % 2]);
    if (script.second)
        (void)snprintf(text + strlen(text), 50, "cpu%d %s 0 0\n", script.second,
                       script.stat[script.stat_reads % 2]);
    script.stat_reads++;
    return open_text(text);
}

int getrusage(__rusage_who_t who, struct rusage *usage) {
    if (!script.on)
        return (int)syscall(SYS_getrusage, who, usage);
    memset(usage, 0, sizeof(*usage));
    usage->ru_nivcsw = 100 + 7 * count(&script.usage_reads);
    return 0;
}

int fake_clock_gettime(clockid_t clock, struct timespec *ret) {
    double ran_s;

    if (!(script.ran_s > 0) || clock != CLOCK_THREAD_CPUTIME_ID)
        return (int)syscall(SYS_clock_gettime, clock, ret);
    ran_s = 5 + count(&script.ran_reads) * script.ran_s;
    *ret = (struct timespec){(time_t)ran_s, (long)(1e9 * (ran_s - floor(ran_s)))};
    return 0;
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *),
                   void *argument) {
    static int (*real)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);

    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "pthread_create");
    return script.refused_thread > 0 && ++script.created == script.refused_thread
               ? EAGAIN
               : real(thread, attributes, start, argument);
}

static uint64_t scripted_now(void *context) {
    (void)context;
    script.looks++;
    for (size_t i = 0; i < VMS_LENGTH(script.gaps); i++)
        if (script.gaps[i].look == script.looks)
            return script.now_ns += script.gaps[i].gap_ns;
    return script.now_ns += script.step_ns;
}

/* One second on one processor: gaps of 130 ms, 20 ms and just the threshold, and one below it. */
static void start(struct fake_host *fake) {
    char text[16];

    cpu = sched_getcpu();
    (void)snprintf(text, sizeof(text), "%d", cpu);
    memset(&script, 0, sizeof(script));
    script.step_ns = US;
    script.now_ns = 12345 * US;
    script.gaps[0].look = 1000;
    script.gaps[0].gap_ns = 130000 * US;
    script.gaps[1].look = 5000;
    script.gaps[1].gap_ns = 20000 * US;
    script.gaps[2].look = 6000;
    script.gaps[2].gap_ns = 5 * US;
    script.gaps[3].look = 7000;
    script.gaps[3].gap_ns = 4 * US;
    script.stat[0] = "1 1 1 1 1 10 20 30";
    script.stat[1] = "9 9 9 9 9 11 22 32"; /* 10 and 20 ms of interrupts, 20 ms of steal */
    script.schedstat[0] = "1000000 500000000 3\n";
    script.schedstat[1] = "851000000 530000000 5\n"; /* waited for 30 ms */
    fake_host_init(fake, "stall");
    fake_host_set(fake, "processors", text);
    fake->host.now = scripted_now;
    script.on = true;
}

static void done(struct fake_host *fake) {
    script.on = false;
    fake_host_done(fake);
}

static void stall__figures_are_exact(void **state) {
    struct fake_host fake;
    char most[32];

    (void)state;
    start(&fake);
    expect_success(&fake);
    expect_first(&fake, "stalled");
    expect_near(fake_host_value(&fake, "stalled"), 0.150005);
    expect_near(fake_host_value(&fake, "longest"), 0.13);
    expect_near(fake_host_value(&fake, "gaps"), 3);
    expect_near(fake_host_value(&fake, "waited"), 0.03);
    assert_true(fabs(fake_host_value(&fake, "steal") - 0.02) < 1e-9);
    assert_true(fabs(fake_host_value(&fake, "interrupts") - 0.03) < 1e-9);
    assert_true(fabs(fake_host_value(&fake, "hidden") - 0.070005) < 1e-9);
    expect_near(fake_host_value(&fake, "involuntary_switches"), 7);
    assert_int_equal(fake_host_metric(&fake, "gap")->n, 3);
    expect_near(fake_host_distribution(fake_host_metric(&fake, "gap")).quantiles[0], 5e-6);
    expect_near(fake_host_distribution(fake_host_metric(&fake, "gap")).quantiles[STATS_QUANTILES - 1], 0.13);
    assert_string_equal(fake_host_fact(&fake, "steal_under_reported"),
                        "yes: of 0.15 s stalled, this kernel does not report 0.07 s (7 % of the time)");
    assert_string_equal(fake_host_fact(&fake, "look"), "1e+03 ns");
    assert_null(fake_host_fact(&fake, "gaps_kept"));
    (void)snprintf(most, sizeof(most), "processor %d: 15 %%", cpu);
    assert_string_equal(fake_host_fact(&fake, "most_stalled"), most);
    assert_true(script.looks_before[0] < 2 && script.looks_before[1] == script.looks);
    done(&fake);
}

/* Who was off the processor when the time was up has looked for longer: shares are of that. */
static void stall__a_share_is_of_the_time_that_passed(void **state) {
    const double wall_s = 1.13 + 4997e-6; /* 4999 looks behind the first, two of them late */
    struct fake_host fake;

    (void)state;
    start(&fake);
    script.gaps[1].gap_ns = 1000000 * US;
    expect_success(&fake);
    assert_int_equal(script.looks, 5000);
    expect_near(fake_host_value(&fake, "stalled"), 1.13 / wall_s);
    expect_near(fake_host_value(&fake, "gaps"), 2 / wall_s);
    done(&fake);
}

/* What is in the kernel's accounts is not hidden, and what ticks may be wrong by is not said to be. */
static void stall__what_is_reported_is_not_hidden(void **state) {
    struct fake_host fake;

    (void)state;
    start(&fake);
    script.stat[1] = "9 9 9 9 9 10 20 43"; /* 130 ms of steal */
    expect_success(&fake);
    assert_true(fake_host_value(&fake, "hidden") == 0);
    assert_string_equal(fake_host_fact(&fake, "steal_under_reported"), "no");
    script.stat[1] = "9 9 9 9 9 10 20 41"; /* 110 ms: 10 ms are hidden, less than two ticks */
    script.looks = 0;
    expect_success(&fake);
    assert_true(fabs(fake_host_value(&fake, "hidden") - 0.010005) < 1e-9);
    assert_string_equal(fake_host_fact(&fake, "steal_under_reported"), "no");
    done(&fake);
}

static void stall__without_a_gap_there_is_no_distribution(void **state) {
    struct fake_host fake;

    (void)state;
    start(&fake);
    memset(script.gaps, 0, sizeof(script.gaps));
    expect_success(&fake);
    assert_true(fake_host_value(&fake, "stalled") == 0);
    assert_true(fake_host_value(&fake, "longest") == 0);
    assert_null(fake_host_metric(&fake, "gap"));
    done(&fake);
}

/* A kernel without the accounts (gVisor) is no kernel that took nothing. */
static void stall__what_is_unknown_is_not_zero(void **state) {
    struct fake_host fake;

    (void)state;
    start(&fake);
    script.stat[0] = script.stat[1] = NULL;
    script.schedstat[0] = script.schedstat[1] = "0 0 0\n";
    expect_success(&fake);
    assert_null(fake_host_metric(&fake, "steal"));
    assert_null(fake_host_metric(&fake, "interrupts"));
    assert_null(fake_host_metric(&fake, "hidden"));
    assert_null(fake_host_metric(&fake, "waited"));
    assert_non_null(strstr(fake_host_fact(&fake, "steal_under_reported"), "unknown: "));
    done(&fake);
}

/* Without an account of waiting it is what the thread did not run, less what was stolen meanwhile. */
static void stall__waiting_is_what_did_not_run(void **state) {
    struct fake_host fake;

    (void)state;
    start(&fake);
    script.schedstat[0] = script.schedstat[1] = NULL;
    script.ran_s = 0.93;
    expect_success(&fake);
    assert_null(fake_host_metric(&fake, "waited"));
    assert_true(fabs(fake_host_value(&fake, "hidden") - (0.150005 - 0.05 - 0.02 - 0.03)) < 1e-8);
    done(&fake);
}

/* Each thread has a clock of its own here: the first processor loses 100 ms, the second 300 and 50 ms. */
static uint64_t own_now(void *context) {
    static _Thread_local uint64_t now_ns = 1000000 * US;
    static _Thread_local unsigned looks;
    bool is_first = sched_getcpu() == cpu;

    (void)context;
    looks++;
    if (looks == 1000)
        return now_ns += (is_first ? 100000 : 300000) * US;
    return now_ns += looks == 2000 && !is_first ? 50000 * US : US;
}

/* Shares are of the time of all, what is in a second is in one of each, and the longest gap is one of any. */
static void stall__of_two_processors(void **state) {
    const struct fake_metric *gap;
    struct fake_host fake;
    cpu_set_t usable;
    char text[32];

    (void)state;
    assert_int_equal(sched_getaffinity(0, sizeof(usable), &usable), 0);
    if (!CPU_ISSET(0, &usable) || !CPU_ISSET(1, &usable))
        skip();
    start(&fake);
    cpu = 0;
    script.second = 1;
    fake_host_set(&fake, "processors", "0,1");
    fake.host.now = own_now;
    script.schedstat[0] = script.schedstat[1] = NULL;
    expect_success(&fake);
    expect_near(fake_host_value(&fake, "stalled"), 0.225);
    expect_near(fake_host_value(&fake, "longest"), 0.3);
    expect_near(fake_host_value(&fake, "gaps"), 1.5);
    assert_true(fabs(fake_host_value(&fake, "steal") - 0.02) < 1e-9);
    assert_true(fabs(fake_host_value(&fake, "interrupts") - 0.03) < 1e-9);
    gap = fake_host_metric(&fake, "gap");
    assert_int_equal(gap->n, 3);
    expect_near(fake_host_distribution(gap).quantiles[0], 0.05);
    expect_near(fake_host_distribution(gap).mean, 0.15);
    expect_near(fake_host_distribution(gap).quantiles[STATS_QUANTILES - 1], 0.3);
    (void)snprintf(text, sizeof(text), "processor %d: 35 %%", script.second);
    assert_string_equal(fake_host_fact(&fake, "most_stalled"), text);
    assert_string_equal(fake_host_fact(&fake, "processors"), "0 1");
    /* Of one of them the kernel says nothing. */
    script.second = 0;
    expect_success(&fake);
    assert_null(fake_host_metric(&fake, "steal"));
    assert_null(fake_host_metric(&fake, "interrupts"));
    done(&fake);
}

/* A counter that ran backwards (migration) says nothing. */
static void stall__an_account_that_was_set_back_is_unknown(void **state) {
    struct fake_host fake;

    (void)state;
    start(&fake);
    script.stat[1] = "9 9 9 9 9 11 20 29";
    expect_success(&fake);
    assert_null(fake_host_metric(&fake, "steal"));
    assert_null(fake_host_metric(&fake, "hidden"));
    done(&fake);
}

/* Every fourth look comes late: 20,000 gaps, of which not all are kept, but all are counted. The last 4000
 * are longer. */
static uint64_t late_now(void *context) {
    (void)context;
    if (++script.looks % 4 != 0)
        return script.now_ns += US;
    return script.now_ns += script.looks > 4 * 16000 ? 7 * US : 2 * US;
}

static void stall__more_gaps_than_are_kept(void **state) {
    struct stats_distribution gap;
    struct fake_host fake;

    (void)state;
    start(&fake);
    fake.host.now = late_now;
    fake_host_set(&fake, "threshold", "2us");
    fake_host_set(&fake, "seconds", "0.12");
    expect_success(&fake);
    expect_near(fake_host_value(&fake, "gaps"), 20000 / 0.12);
    expect_near(fake_host_value(&fake, "stalled"), 0.06 / 0.12);
    gap = fake_host_distribution(fake_host_metric(&fake, "gap"));
    assert_int_equal(gap.n, 16384);
    assert_string_equal(fake_host_fact(&fake, "gaps_kept"), "16384 of 20000");
    /* A fifth of all is longer, and a fifth of those that are kept: drawn from all alike. */
    assert_true(gap.mean > 2.9e-6 && gap.mean < 3.1e-6);
    done(&fake);
}

/* Where a look takes as long as the threshold, no gap can be seen. */
static void stall__a_clock_that_is_slower_than_the_threshold(void **state) {
    struct fake_host fake;

    (void)state;
    start(&fake);
    memset(script.gaps, 0, sizeof(script.gaps));
    script.step_ns = 20 * US;
    expect_failure(&fake, -ENOTSUP,
                   "reading the clock takes about 20 us here: give a threshold above 200 us");
    done(&fake);
}

static void stall__each_check_can_fail(void **state) {
    struct fake_host fake;

    (void)state;
    start(&fake);
    script.gaps[1].gap_ns = -7 * US;
    expect_failure(&fake, -EBADMSG, "the clock ran backwards by 7000 ns on processor ");
    script.looks = 0;
    script.gaps[1].gap_ns = 20000 * US;
    fake.stop = true;
    expect_failure(&fake, -ECANCELED, "stopped after ");
    done(&fake);
}

static void stall__a_thread_that_cannot_be_made(void **state) {
    struct fake_host fake;

    (void)state;
    for (unsigned thread = 1; thread <= usable_processors() && thread <= 2; thread++) {
        memset(&script, 0, sizeof(script));
        fake_host_init(&fake, "stall");
        script.refused_thread = thread;
        expect_failure(&fake, -EAGAIN, "starting thread ");
        script.refused_thread = 0;
        fake_host_done(&fake);
    }
}

static void stall__refuses_bad_places(void **state) {
    static const char *const bad[] = {"none", "spread", "", "0-", "0,,1", "all,0"};
    struct vms_error error = {""};
    struct fake_host fake;
    char twice[24], words[64];

    (void)state;
    start(&fake);
    for (size_t i = 0; i < VMS_LENGTH(bad); i++) {
        fake_host_set(&fake, "processors", bad[i]);
        assert_int_equal(fake.module->validate(fake.values, &error), -EINVAL);
        assert_non_null(strstr(error.text, "is neither all nor a list such as 0,2-5"));
    }
    (void)snprintf(twice, sizeof(twice), "%d,%d", cpu, cpu);
    (void)snprintf(words, sizeof(words), "processors names processor %d twice", cpu);
    fake_host_set(&fake, "processors", twice);
    expect_failure(&fake, -EINVAL, words);
    fake_host_set(&fake, "processors", "4094");
    expect_failure(&fake, -EINVAL, "processors: processor 4094 is not one that may be used");
    fake_host_set(&fake, "threshold", "1s");
    assert_int_equal(fake.module->validate(fake.values, &error), -EINVAL);
    assert_string_equal(error.text, "threshold is not below seconds");
    done(&fake);
}

/* On the machine itself: all processors, and nothing is more than all. */
static void stall__all_processors(void **state) {
    struct fake_host fake;
    double stalled;

    (void)state;
    memset(&script, 0, sizeof(script));
    fake_host_init(&fake, "stall");
    fake_host_set(&fake, "seconds", "50ms");
    fake_host_set(&fake, "threshold", "100us");
    expect_success(&fake);
    stalled = fake_host_value(&fake, "stalled");
    assert_true(stalled >= 0 && stalled < 1);
    assert_non_null(fake_host_fact(&fake, "most_stalled"));
    fake_host_done(&fake);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stall__figures_are_exact),
        cmocka_unit_test(stall__a_share_is_of_the_time_that_passed),
        cmocka_unit_test(stall__what_is_reported_is_not_hidden),
        cmocka_unit_test(stall__without_a_gap_there_is_no_distribution),
        cmocka_unit_test(stall__what_is_unknown_is_not_zero),
        cmocka_unit_test(stall__waiting_is_what_did_not_run),
        cmocka_unit_test(stall__of_two_processors),
        cmocka_unit_test(stall__an_account_that_was_set_back_is_unknown),
        cmocka_unit_test(stall__more_gaps_than_are_kept),
        cmocka_unit_test(stall__a_clock_that_is_slower_than_the_threshold),
        cmocka_unit_test(stall__each_check_can_fail),
        cmocka_unit_test(stall__a_thread_that_cannot_be_made),
        cmocka_unit_test(stall__refuses_bad_places),
        cmocka_unit_test(stall__all_processors),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
