/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a thread lost is held against what the kernel reports, and a tick is no loss. */
#include "base/cleanup.h"
#include "files/listing.h"
#include "gaps/accounts.h"
#include "gaps/gaps.h"
#include "gaps/spin.h"
#include "unit/descriptors.h"

#include <errno.h>
#include <math.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* Two processors, half a second each, of which `lost_s` went: steal_s of it is reported. */
static struct stall_account account_of(double lost_s, double steal_s) {
    return (struct stall_account){.processors = 2,
                                  .watches = 1,
                                  .wall_s = 1,
                                  .stalled_s = lost_s,
                                  .longest_s = lost_s / 2,
                                  .ran_s = 1 - lost_s,
                                  .waited_s = 0,
                                  .steal_s = steal_s,
                                  .interrupts_s = 0,
                                  .switches = 3,
                                  .gaps = 5};
}

static void account__what_is_reported_is_not_hidden(void **state) {
    struct stall_account reported = account_of(0.3, 0.3), unreported = account_of(0.3, 0.1);

    (void)state;
    assert_true(account_hidden(&reported) < 1e-9);
    assert_false(account_is_short(&reported));
    assert_true(fabs(account_hidden(&unreported) - 0.2) < 1e-9);
    assert_true(account_is_short(&unreported));
}

static void account__ticks_are_allowed_for(void **state) {
    struct stall_account within = account_of(0.029, 0), beyond = account_of(0.031, 0);

    (void)state;
    assert_false(account_is_short(&within));
    assert_true(account_is_short(&beyond));
}

/* Four watches together may be wrong by twice as much as one: 60 ms, and here 1% of the time are 40. */
static void account__of_several_watches(void **state) {
    static const double lost_s[] = {0.0145, 0.0155};

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        struct stall_account sum = {0}, one = account_of(lost_s[i], 0);

        for (unsigned times = 0; times < 4; times++)
            account_join(&sum, &one);
        assert_int_equal(sum.watches, 4);
        assert_int_equal(sum.processors, 2);
        assert_true(fabs(sum.wall_s - 4) < 1e-9 && fabs(sum.longest_s - one.longest_s) < 1e-9);
        assert_true(fabs(sum.gaps - 20) < 1e-9 && fabs(sum.switches - 12) < 1e-9);
        assert_true(fabs(account_hidden(&sum) - 4 * lost_s[i]) < 1e-9);
        assert_int_equal(account_is_short(&sum), i);
    }
}

static const char stat_text[] = "cpu  1 1 1 1 1 1 1 1 1\n"
                                "cpu0 10 20 30 40 50 100 200 400 80 90\n"
                                "cpu1 1 2 3 4 5 1000 2000 4000 8\n"
                                "cpu10 1 2 3 4 5 30 40 50\n"
                                "intr 1\n";

/* Interrupts are the sixth and seventh field, steal the eighth, in ticks; of those processors, and all of
 * them. */
static void account__of_processors(void **state) {
    static const struct {
        int cpus[2];
        unsigned n;
        double interrupts, steal; /* ticks; below 0: unknown */
    } rows[] = {{{0}, 1, 300, 400}, {{1}, 1, 3000, 4000}, {{10}, 1, 70, 50},       {{0, 10}, 2, 370, 450},
                {{2}, 1, -1, -1},   {{1, 2}, 2, -1, -1},  {{0, 1}, 2, 3300, 4400}, {{0}, 0, 0, 0}};
    double tick = 1.0 / (double)sysconf(_SC_CLK_TCK);
    struct processor_account account;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        errno = ERANGE; /* of somebody else */
        accounts_of_text(stat_text, rows[i].cpus, rows[i].n, &account);
        if (rows[i].steal < 0)
            assert_true(isnan(account.steal_s) && isnan(account.interrupts_s));
        else
            assert_true(fabs(account.steal_s - rows[i].steal * tick) < 1e-9 &&
                        fabs(account.interrupts_s - rows[i].interrupts * tick) < 1e-9);
    }
    accounts_of_text("cpu0 1 2 3 4 5 6 7\n", rows[0].cpus, 1, &account); /* too few */
    assert_true(isnan(account.steal_s));
    accounts_of_text("cpu0x 1 2 3 4 5 6 7 8\ncpu99999999999999999999 1 2 3 4 5 6 7 8\n", rows[0].cpus, 1,
                     &account);
    assert_true(isnan(account.steal_s));
}

static void account__of_this_machine(void **state) {
    int cpu = sched_getcpu();
    struct processor_account account;
    struct thread_account before, after;

    (void)state;
    accounts_of_processors(&cpu, 1, &account);
    assert_true(isnan(account.steal_s) || account.steal_s >= 0);
    accounts_of_thread(&before);
    for (volatile unsigned i = 0; i < 1000000; i++)
        continue;
    accounts_of_thread(&after);
    assert_true(after.ran_s > before.ran_s && after.switches >= before.switches);
    assert_true(isnan(after.waited_s) || after.waited_s >= before.waited_s);
}

/* Each field of what threads found, added up; what the kernel counts rises between the two. */
static void account__summed_up(void **state) {
    const struct spinner spinners[] = {{.gaps = {.count = 3, .total_ns = 1000000000, .longest_ns = 700000000},
                                        .before = {1, 2, 3},
                                        .after = {11, 22, 33},
                                        .wall_ns = 5000000000},
                                       {.gaps = {.count = 4, .total_ns = 2000000000, .longest_ns = 600000000},
                                        .before = {0, 0, 0},
                                        .after = {100, 200, 300},
                                        .wall_ns = 6000000000}};
    const struct processor_account before = {5, 6}, after = {7, 10}, back = {4, 5};
    struct stall_account sum;

    (void)state;
    spin_sum_up(spinners, 2, &before, &after, &sum);
    assert_int_equal(sum.processors, 2);
    assert_int_equal(sum.watches, 1);
    assert_true(fabs(sum.wall_s - 11) < 1e-9 && fabs(sum.stalled_s - 3) < 1e-9);
    assert_true(fabs(sum.longest_s - 0.7) < 1e-9 && fabs(sum.gaps - 7) < 1e-9);
    assert_true(fabs(sum.ran_s - 110) < 1e-9 && fabs(sum.waited_s - 220) < 1e-9);
    assert_true(fabs(sum.switches - 330) < 1e-9);
    assert_true(fabs(sum.steal_s - 2) < 1e-9 && fabs(sum.interrupts_s - 4) < 1e-9);
    spin_sum_up(spinners, 2, &before, &back, &sum);
    assert_true(isnan(sum.steal_s) && isnan(sum.interrupts_s));
}

/* What is joined: each field by itself. */
static void account__joined(void **state) {
    struct stall_account sum = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
    const struct stall_account more = {.processors = 3,
                                       .watches = 20,
                                       .wall_s = 30,
                                       .stalled_s = 40,
                                       .longest_s = 4,
                                       .ran_s = 60,
                                       .waited_s = 70,
                                       .steal_s = 80,
                                       .interrupts_s = 90,
                                       .switches = 100,
                                       .gaps = 110};

    (void)state;
    account_join(&sum, &more);
    assert_int_equal(sum.processors, 3);
    assert_int_equal(sum.watches, 22);
    assert_true(fabs(sum.wall_s - 33) < 1e-9 && fabs(sum.stalled_s - 44) < 1e-9);
    assert_true(fabs(sum.longest_s - 5) < 1e-9 && fabs(sum.ran_s - 66) < 1e-9);
    assert_true(fabs(sum.waited_s - 77) < 1e-9 && fabs(sum.steal_s - 88) < 1e-9);
    assert_true(fabs(sum.interrupts_s - 99) < 1e-9);
    assert_true(fabs(sum.switches - 110) < 1e-9 && fabs(sum.gaps - 121) < 1e-9);
}

/* Without an account of waiting, what a thread did not run is held against steal as well. */
static void account__of_waiting_that_is_unknown(void **state) {
    struct stall_account account = account_of(0.3, 0.1);

    (void)state;
    account.waited_s = NAN;
    account.interrupts_s = 0.05;
    account.ran_s = 0.8; /* 1 - 0.8 - 0.1 of the time it waited */
    assert_true(fabs(account_hidden(&account) - (0.3 - 0.1 - 0.1 - 0.05)) < 1e-9);
    account.stalled_s = 0.1;
    assert_true(account_hidden(&account) == 0);
}

/* A scripted clock of one thread: each look a microsecond later, but the third and fifth. */
static struct {
    uint64_t now_ns;
    unsigned looks, asked, stop_at;
    int64_t steps_ns[8];
} clock_script;

static uint64_t scripted_now(void *context) {
    unsigned look = clock_script.looks++;

    (void)context;
    clock_script.now_ns +=
        (uint64_t)(look < 8 && clock_script.steps_ns[look] ? clock_script.steps_ns[look] : 1000);
    return clock_script.now_ns;
}

static bool scripted_stop(void *context) {
    (void)context;
    return ++clock_script.asked == clock_script.stop_at;
}

static int watch(struct spinner *spinner, uint64_t duration_ns, struct vms_error *error) {
    const struct gaps_clock scripted = {scripted_now, scripted_stop, NULL};
    cpu_set_t before, after;
    int cpu = sched_getcpu(), status;

    assert_int_equal(sched_getaffinity(0, sizeof(before), &before), 0);
    clock_script.now_ns = 1000000;
    clock_script.looks = clock_script.asked = 0;
    memset(spinner, 0, sizeof(*spinner));
    assert_int_equal(gaps_init(&spinner->gaps, 5000, 1), 0);
    status = spin_all(&scripted, &cpu, 1, duration_ns, spinner, error);
    assert_int_equal(sched_getaffinity(0, sizeof(after), &after), 0);
    assert_true(CPU_EQUAL(&before, &after)); /* the threads are bound, not the caller */
    return status;
}

static void spin__finds_gaps_from_the_threshold_on(void **state) {
    struct vms_error error = {""};
    struct spinner spinner;

    (void)state;
    /* The first look begins. Gaps of 5, 4.999, 70 us. */
    memcpy(clock_script.steps_ns, (int64_t[]){0, 5000, 4999, 0, 70000, 0, 0, 0},
           sizeof(clock_script.steps_ns));
    assert_int_equal(watch(&spinner, 100000, &error), 0);
    assert_int_equal(spinner.gaps.count, 2);
    assert_int_equal(spinner.gaps.total_ns, 75000);
    assert_int_equal(spinner.gaps.longest_ns, 70000);
    assert_int_equal(spinner.gaps.n_kept, 2);
    assert_true(fabs(spinner.gaps.kept[0] - 5e-6) < 1e-15 && fabs(spinner.gaps.kept[1] - 7e-5) < 1e-15);
    assert_int_equal(spinner.wall_ns, 100999); /* 5000, 9999, 10999, 80999, then each a microsecond */
    assert_int_equal(spinner.looks, 24);
    assert_true(spinner.after.ran_s >= spinner.before.ran_s);
    gaps_done(&spinner.gaps);
    assert_null(spinner.gaps.kept);
}

static void spin__ends_early(void **state) {
    struct vms_error error = {""};
    struct spinner spinner;

    (void)state;
    memset(clock_script.steps_ns, 0, sizeof(clock_script.steps_ns));
    clock_script.steps_ns[3] = -7;
    assert_int_equal(watch(&spinner, 100000, &error), -EBADMSG);
    assert_non_null(strstr(error.text, "verification failed: the clock ran backwards by 7 ns on processor "));
    gaps_done(&spinner.gaps);
    /* Asked each 50 ms: at the third time it is to stop. */
    memset(clock_script.steps_ns, 0, sizeof(clock_script.steps_ns));
    for (size_t i = 1; i < 8; i++)
        clock_script.steps_ns[i] = 25000000;
    clock_script.stop_at = 3;
    assert_int_equal(watch(&spinner, UINT64_C(10000000000), &error), -ECANCELED);
    assert_string_equal(error.text, "stopped after 6 readings of the clock");
    clock_script.stop_at = 0;
    gaps_done(&spinner.gaps);
}

/* Of many threads: how many were on their processors when the first of them read the clock. */
struct crowd {
    atomic_bool was_read, was_counted;
    unsigned n_bound;
    atomic_ullong now_ns;
};

static unsigned count_bound(void) {
    cleanup_closedir DIR *tasks = NULL;
    int status = listing_open("/proc/self/task", &tasks);
    unsigned n = 0;
    const char *name;

    while ((name = listing_next(tasks, &status))) {
        cpu_set_t set;

        n += sched_getaffinity((pid_t)strtol(name, NULL, 10), sizeof(set), &set) == 0 && CPU_COUNT(&set) == 1;
    }
    return status == 0 ? n : 0;
}

static uint64_t now_of_many(void *context) {
    struct crowd *crowd = context;

    if (!atomic_exchange(&crowd->was_read, true)) {
        crowd->n_bound = count_bound();
        atomic_store(&crowd->was_counted, true);
    }
    while (!atomic_load(&crowd->was_counted)) /* so that none has ended by then, however long it takes */
        (void)sched_yield();
    return atomic_fetch_add(&crowd->now_ns, 1000);
}

static void spin__begins_when_all_are_on_their_processors(void **state) {
    enum { THREADS = 64 };
    struct crowd crowd = {.now_ns = 1000000};
    const struct gaps_clock clock = {now_of_many, scripted_stop, &crowd};
    struct spinner spinners[THREADS] = {{.wall_ns = 0}};
    struct vms_error error = {""};
    int cpus[THREADS];

    (void)state;
    for (size_t i = 0; i < THREADS; i++) {
        cpus[i] = sched_getcpu();
        spinners[i].gaps.threshold_ns = UINT64_MAX; /* none is found, and none kept */
    }
    assert_int_equal(spin_all(&clock, cpus, THREADS, 5000, spinners, &error), 0);
    assert_true(crowd.n_bound >= THREADS);
    for (size_t i = 0; i < THREADS; i++)
        assert_true(spinners[i].wall_ns >= 5000 && spinners[i].looks > 0);
}

/* More gaps than are kept: each kept one is one of them, and the counts are of all. */
static void gaps__more_than_are_kept(void **state) {
    struct gaps gaps, same;

    (void)state;
    assert_int_equal(gaps_init(&gaps, 1, 7), 0);
    assert_int_equal(gaps_init(&same, 1, 7), 0);
    for (uint64_t i = 1; i <= 2 * GAPS_KEPT; i++) {
        gaps_add(&gaps, 1000 * i);
        gaps_add(&same, 1000 * i);
    }
    assert_int_equal(gaps.count, 2 * GAPS_KEPT);
    assert_int_equal(gaps.n_kept, GAPS_KEPT);
    assert_int_equal(gaps.longest_ns, 2000 * GAPS_KEPT);
    assert_int_equal(gaps.total_ns, 1000 * (uint64_t)GAPS_KEPT * (2 * GAPS_KEPT + 1));
    assert_memory_equal(gaps.kept, same.kept, GAPS_KEPT * sizeof(*gaps.kept));
    for (size_t i = 0, late = 0; i < GAPS_KEPT; i++) {
        assert_true(gaps.kept[i] > 0.9e-6 && gaps.kept[i] < 2.1e-6 * GAPS_KEPT);
        late += gaps.kept[i] > 1e-6 * (GAPS_KEPT + 0.5);
        if (i == GAPS_KEPT - 1) /* half of them, as of all: within ten standard deviations */
            assert_true(labs((long)late - GAPS_KEPT / 2) < 5 * (long)sqrt(GAPS_KEPT));
    }
    gaps_done(&gaps);
    gaps_done(&same);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(account__what_is_reported_is_not_hidden),
        cmocka_unit_test(account__ticks_are_allowed_for),
        cmocka_unit_test(account__of_several_watches),
        cmocka_unit_test(account__of_processors),
        cmocka_unit_test(account__of_this_machine),
        cmocka_unit_test(account__summed_up),
        cmocka_unit_test(account__joined),
        cmocka_unit_test(account__of_waiting_that_is_unknown),
        cmocka_unit_test(spin__finds_gaps_from_the_threshold_on),
        cmocka_unit_test(spin__ends_early),
        cmocka_unit_test(spin__begins_when_all_are_on_their_processors),
        cmocka_unit_test(gaps__more_than_are_kept),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
