/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "fakes/fake_tree.h"
#include "noise/noise.h"
#include "unit/descriptors.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "fakes/leaks.h"

/* Two processors, nothing disturbed; the trial's own work is one second of processor time. */
static const struct noise_counters start = {.taken_s = 50,
                                            .processors = 2,
                                            .steal_s = 1,
                                            .idle_s = 100,
                                            .interrupt_s = 2,
                                            .own = {.time_s = 5},
                                            .stall_cpu_s = 3,
                                            .frequency_hz = 3e9};

/* What follows `duration_s` later, with `others_s` of processor time used by others. */
static struct noise_counters later(double duration_s, double others_s) {
    struct noise_counters after = start;

    after.taken_s += duration_s;
    after.own.time_s += 1;
    after.idle_s += 2 * duration_s - 1 - others_s;
    return after;
}

static uint32_t flags_of(const struct noise_counters *after, struct noise *ret_noise) {
    uint32_t flags;

    noise_judge(&start, after, ret_noise, &flags);
    return flags;
}

static void judge__quiet_raises_nothing(void **state) {
    struct noise_counters after = later(1, 0.015);

    (void)state;
    assert_int_equal(flags_of(&after, NULL), 0);
}

static void judge__each_rule_has_its_limit(void **state) {
    struct noise_counters after = later(1, 0);
    struct noise noise;

    (void)state;
    after.steal_s += 0.16; /* 8% of two processors' second */
    after.idle_s -= 0.16;
    assert_int_equal(flags_of(&after, &noise), NOISE_STEAL);
    assert_true(fabs(noise.steal - 0.08) < 1e-9);
    assert_true(noise.other_load < 1e-9);
    after = later(1, 0.2);
    assert_int_equal(flags_of(&after, &noise), NOISE_OTHER_LOAD);
    assert_true(fabs(noise.other_load - 0.1) < 1e-9);
    after = later(1, 0);
    after.own.major_faults = 1;
    assert_int_equal(flags_of(&after, NULL), NOISE_FAULTS);
    after = later(1, 0);
    after.stall_memory_s += 0.02;
    assert_int_equal(flags_of(&after, NULL), NOISE_STALL_MEMORY);
    after = later(1, 0);
    after.frequency_hz = 2.8e9;
    assert_int_equal(flags_of(&after, NULL), NOISE_FREQUENCY);
    after.frequency_hz = 3.6e9; /* waking up is no disturbance */
    after.throttles = 1;
    assert_int_equal(flags_of(&after, NULL), NOISE_THROTTLED);
}

static void judge__contention_counts_where_others_ran(void **state) {
    struct noise_counters after = later(1, 0), alone;

    (void)state;
    after.own.involuntary_switches = 2900;
    after.stall_cpu_s += 0.5;
    assert_int_equal(flags_of(&after, NULL), 0); /* a client and a server on too few processors */
    after.idle_s -= 0.05;
    assert_int_equal(flags_of(&after, NULL), NOISE_SWITCHES | NOISE_STALL_CPU);
    after.own.involuntary_switches = 50;
    after.stall_cpu_s -= 0.4;
    assert_int_equal(flags_of(&after, NULL), 0);
    alone = later(1, 0.05);
    alone.own.time_s = NAN; /* a peer here that somebody else started: whose load it is, is unknown */
    alone.own.involuntary_switches = 2900;
    assert_int_equal(flags_of(&alone, NULL), 0);
}

static void judge__a_quota_is_named_and_others_are_not(void **state) {
    struct noise_counters after = later(1, 0.5);
    struct noise noise;

    (void)state;
    after.own.involuntary_switches = 2900;
    after.stall_cpu_s += 0.9;
    after.quota = (struct cgroup_quota){.periods = 50, .throttled = 38};
    assert_int_equal(flags_of(&after, &noise), NOISE_QUOTA);
    assert_true(noise.throttled_periods > 37.9 && noise.throttled_periods < 38.1);
    assert_true(noise.other_load > 0.2); /* the figure is kept */
    after.quota.throttled = 1;           /* now and then: others count as well */
    assert_int_equal(flags_of(&after, NULL),
                     NOISE_QUOTA | NOISE_OTHER_LOAD | NOISE_SWITCHES | NOISE_STALL_CPU);
    after.quota.throttled = 0;
    assert_int_equal(flags_of(&after, NULL), NOISE_OTHER_LOAD | NOISE_SWITCHES | NOISE_STALL_CPU);
}

static void judge__disk_waits_count_where_others_moved_bytes(void **state) {
    const double mib = 1024 * 1024;
    struct noise_counters after = later(1, 0);
    struct noise noise;

    (void)state;
    after.stall_io_s += 0.3;
    after.own.disk_bytes += 64 * mib;
    after.disk_bytes += 66 * mib;
    assert_int_equal(flags_of(&after, &noise), 0);
    assert_true(noise.other_io > 0.03 && noise.other_io < 0.031);
    after.disk_bytes += 64 * mib;
    assert_int_equal(flags_of(&after, NULL), NOISE_STALL_IO);
    after.own.disk_bytes = 4096; /* a trial that does not use the disk does not wait for it */
    assert_int_equal(flags_of(&after, &noise), 0);
    assert_true(isnan(noise.other_io));
}

static void judge__interrupts_are_not_others(void **state) {
    struct noise_counters after = later(1, 0.3);

    (void)state;
    after.interrupt_s += 0.3;
    assert_int_equal(flags_of(&after, NULL), 0);
    after.idle_s -= 0.15; /* 0.3 s, counted in ticks, may be as much as 0.46 s */
    assert_int_equal(flags_of(&after, NULL), 0);
    after.idle_s -= 0.1;
    assert_int_equal(flags_of(&after, NULL), NOISE_OTHER_LOAD);
}

static void judge__one_tick_of_a_short_trial_is_no_steal(void **state) {
    struct noise_counters after = start;

    (void)state;
    after.taken_s += 0.05;
    after.steal_s += 0.01;
    after.idle_s += 0.09;
    assert_int_equal(flags_of(&after, NULL), 0);
}

static void judge__unknown_and_set_back_counters_raise_nothing(void **state) {
    struct noise_counters before = {.processors = 2, .steal_s = NAN, .idle_s = NAN, .stall_cpu_s = 9};
    struct noise_counters after = {
        .taken_s = 1, .processors = 2, .steal_s = 5, .idle_s = NAN, .stall_cpu_s = 1};
    struct noise noise;
    uint32_t flags;

    (void)state;
    noise_judge(&before, &after, &noise, &flags);
    assert_int_equal(flags, 0);
    assert_true(isnan(noise.steal));
    assert_true(isnan(noise.other_load));
    assert_true(isnan(noise.stall_cpu));
}

static void read__takes_each_counter(void **state) {
    struct fake_tree *tree = *state;
    double tick = 1.0 / (double)sysconf(_SC_CLK_TCK);
    struct noise_counters counters;

    fake_tree_write(tree, "/proc/stat", "cpu  10 20 30 1000 5 40 50 60 70 0\ncpu0 1 2\ncpu1 3 4\nintr 5\n");
    fake_tree_write(tree, "/proc/vmstat", "nr_free_pages 1\npgpgin 100\npgpgout 200\n");
    fake_tree_write(tree, "/proc/pressure/cpu",
                    "some avg10=0.00 avg60=0.08 avg300=0.56 total=2500000\n"
                    "full avg10=0.00 avg60=0.00 avg300=0.00 total=7\n");
    fake_tree_write(tree, "/sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq", "2000000\n");
    fake_tree_write(tree, "/sys/devices/system/cpu/cpu1/cpufreq/scaling_cur_freq", "3000000\n");
    fake_tree_write(tree, "/sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_count", "4\n");
    noise_read(&tree->source, USAGE_NO_HELPER, &counters);
    assert_int_equal(counters.processors, 2);
    assert_true(fabs(counters.idle_s - 1005 * tick) < 1e-9);
    assert_true(fabs(counters.interrupt_s - 90 * tick) < 1e-9);
    assert_true(fabs(counters.disk_bytes - 1024 * 300) < 1e-9);
    assert_true(isnan(counters.own.time_s));
    assert_true(fabs(counters.steal_s - 60 * tick) < 1e-9);
    assert_true(fabs(counters.stall_cpu_s - 2.5) < 1e-9);
    assert_true(isnan(counters.stall_io_s));
    assert_true(fabs(counters.frequency_hz - 2.5e9) < 1);
    assert_true(counters.throttles == 4);
    fake_tree_write(tree, "/sys/devices/system/cpu/cpu1/cpufreq/scaling_cur_freq", "0\n"); /* it is unknown */
    noise_read(&tree->source, USAGE_NO_HELPER, &counters);
    assert_true(isnan(counters.frequency_hz));
}

/* Of 70 processors the first eight are asked for their frequency and the first 64 for throttling. */
static void read__asks_so_many_processors(void **state) {
    struct fake_tree *tree = *state;
    char stat[4096] = "cpu  1 2 3 4 5 6 7 8\n", path[128], text[32];
    struct noise_counters counters;

    for (unsigned cpu = 0; cpu < 70; cpu++) {
        (void)snprintf(stat + strlen(stat), sizeof(stat) - strlen(stat), "cpu%u 1\n", cpu);
        (void)snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%u/cpufreq/scaling_cur_freq", cpu);
        (void)snprintf(text, sizeof(text), "%u\n", 1000000 * (cpu + 1));
        fake_tree_write(tree, path, text);
        (void)snprintf(path, sizeof(path),
                       "/sys/devices/system/cpu/cpu%u/thermal_throttle/core_throttle_count", cpu);
        fake_tree_write(tree, path, "3\n");
    }
    fake_tree_write(tree, "/proc/stat", stat);
    noise_read(&tree->source, USAGE_NO_HELPER, &counters);
    assert_int_equal(counters.processors, 70);
    assert_true(fabs(counters.frequency_hz - 4.5e9) < 1); /* the mean of 1 to 8 GHz */
    assert_true(fabs(counters.throttles - 64 * 3) < 1e-9);
}

/* What is asked of a quota and the pressures, and when. */
static void read__takes_pressures_and_the_time(void **state) {
    struct fake_tree *tree = *state;
    struct noise_counters counters;
    double before_s = (double)clock_now_ns() / 1e9;

    fake_tree_write(tree, "/proc/pressure/memory", "some avg10=0.00 avg60=0.00 avg300=0.00 total=1500000\n");
    fake_tree_write(tree, "/proc/pressure/io", "some avg10=0.00 avg60=0.00 avg300=0.00 total=500000\n");
    noise_read(&tree->source, USAGE_NO_HELPER, &counters);
    assert_true(fabs(counters.stall_memory_s - 1.5) < 1e-9);
    assert_true(fabs(counters.stall_io_s - 0.5) < 1e-9);
    assert_true(isnan(counters.stall_cpu_s));
    assert_true(counters.taken_s >= before_s && counters.taken_s <= (double)clock_now_ns() / 1e9);
    assert_true(counters.cost_s >= 0 && counters.cost_s <= (double)clock_now_ns() / 1e9 - before_s);
    assert_true(isnan(counters.own.time_s) && isnan(counters.own.major_faults) &&
                isnan(counters.own.involuntary_switches) && isnan(counters.own.disk_bytes));
}

/* Each figure from counters that rise by a number of their own, and the limits: what is at one raises
 * nothing. */
static void judge__figures_are_exact(void **state) {
    static const struct noise_counters before = {.taken_s = 10,
                                                 .processors = 4,
                                                 .steal_s = 1,
                                                 .idle_s = 2,
                                                 .interrupt_s = 3,
                                                 .stall_cpu_s = 4,
                                                 .stall_memory_s = 5,
                                                 .stall_io_s = 6,
                                                 .disk_bytes = 7,
                                                 .frequency_hz = 2e9,
                                                 .throttles = 8,
                                                 .quota = {.periods = 9, .throttled = 10},
                                                 .own = {1, 2, 3, 4},
                                                 .cost_s = 0.25};
    struct noise_counters after = before;
    struct noise noise;
    uint32_t flags;

    (void)state;
    after.taken_s += 2;
    after.steal_s += 1;
    after.idle_s += 2;
    after.interrupt_s += 0.5;
    after.stall_cpu_s += 0.5;
    after.stall_memory_s += 0.25;
    after.stall_io_s += 3; /* more than the time: all of it */
    after.disk_bytes += 8 * 1024 * 1024;
    after.frequency_hz = 1.5e9;
    after.throttles += 11;
    after.quota.periods += 100;
    after.quota.throttled += 12;
    after.own.time_s += 1.5;
    after.own.involuntary_switches += 13;
    after.own.major_faults += 14;
    after.own.disk_bytes += 2 * 1024 * 1024;
    after.cost_s = 0.5;
    noise_judge(&before, &after, &noise, &flags);
    assert_true(fabs(noise.steal - 1 / 8.0) < 1e-12);
    assert_true(fabs(noise.other_load - 3 / 8.0) < 1e-12); /* 8 - 1 - 2 - 0.5 - 1.5 */
    assert_true(fabs(noise.stall_cpu - 0.25) < 1e-12 && fabs(noise.stall_memory - 0.125) < 1e-12);
    assert_true(fabs(noise.stall_io - 1) < 1e-12 && fabs(noise.other_io - 0.75) < 1e-12);
    assert_true(fabs(noise.frequency_change + 0.25) < 1e-12);
    assert_true(fabs(noise.throttles - 11) < 1e-12 && fabs(noise.throttled_periods - 12) < 1e-12);
    assert_true(fabs(noise.involuntary_switches - 13) < 1e-12 && fabs(noise.major_faults - 14) < 1e-12);
    assert_true(fabs(noise.cost_s - 0.75) < 1e-12);
    for (uint32_t flag = 1; noise_flag_name(flag); flag <<= 1)
        assert_true(isfinite(noise_figure(&noise, flag)));
}

/* The names and words of each rule. */
static void format__names_each_rule(void **state) {
    static const struct {
        enum noise_flag flag;
        const char *name, *text;
    } rules[] = {{NOISE_STEAL, "steal", "1% steal"},
                 {NOISE_OTHER_LOAD, "other-load", "2% of the processors' time used by others"},
                 {NOISE_SWITCHES, "switches", "3 involuntary switches"},
                 {NOISE_FAULTS, "major-faults", "4 major page faults"},
                 {NOISE_STALL_CPU, "cpu-stall", "5% of the time waited for a processor"},
                 {NOISE_STALL_MEMORY, "memory-stall", "6% of the time waited for memory"},
                 {NOISE_STALL_IO, "io-stall", "7% of the time waited for a disk that others used, too"},
                 {NOISE_FREQUENCY, "frequency", "8% fall of the processors' frequency"},
                 {NOISE_THROTTLED, "throttled", "9 thermal throttling events"},
                 {NOISE_QUOTA, "quota", "10 periods throttled by a quota"}};
    const struct noise noise = {.steal = 0.01,
                                .other_load = 0.02,
                                .involuntary_switches = 3,
                                .major_faults = 4,
                                .stall_cpu = 0.05,
                                .stall_memory = 0.06,
                                .stall_io = 0.07,
                                .frequency_change = -0.08,
                                .throttles = 9,
                                .throttled_periods = 10};

    (void)state;
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        char text[NOISE_TEXT_SIZE];

        assert_string_equal(noise_flag_name(rules[i].flag), rules[i].name);
        noise_format(&noise, rules[i].flag, text);
        assert_string_equal(text, rules[i].text);
    }
}

static void read_again(void *source) {
    struct noise_counters counters;

    noise_read(source, USAGE_NO_HELPER, &counters);
}

static void read__keeps_nothing(void **state) {
    struct fake_tree *tree = *state;
    struct machine_source here = machine_source_here();

    leaks_expect_none(read_again, &here);
    leaks_expect_none(read_again, &tree->source);
    fake_tree_write(tree, "/proc/stat", "cpu  1 2 3 4 5 6 7 8\ncpu1 1\n");
    fake_tree_write(tree, "/proc/vmstat", "pgpgin\n");
    fake_tree_write(tree, "/proc/pressure/cpu", "some\n");
    leaks_expect_none(read_again, &tree->source);
}

static void judge__processors_that_come_or_go_raise_nothing(void **state) {
    struct noise_counters after = later(1, 0);
    struct noise noise;

    (void)state;
    after.processors = 4; /* two came: the idle time of two would look like work of others */
    after.frequency_hz = 1e9;
    after.throttles = 9;
    assert_int_equal(flags_of(&after, &noise), 0);
    assert_true(isnan(noise.steal) && isnan(noise.other_load) && isnan(noise.frequency_change) &&
                isnan(noise.throttles));
}

static void read__asks_the_processors_that_are_online(void **state) {
    struct fake_tree *tree = *state;
    struct noise_counters counters;

    fake_tree_write(tree, "/proc/stat", "cpu  1 2 3 4 5 6 7 8\ncpu1 1\ncpu5 1\nintr 9\n");
    fake_tree_write(tree, "/sys/devices/system/cpu/cpu1/cpufreq/scaling_cur_freq", "1000000\n");
    fake_tree_write(tree, "/sys/devices/system/cpu/cpu5/cpufreq/scaling_cur_freq", "3000000\n");
    fake_tree_write(tree, "/sys/devices/system/cpu/cpu1/thermal_throttle/core_throttle_count", "2\n");
    fake_tree_write(tree, "/sys/devices/system/cpu/cpu5/thermal_throttle/core_throttle_count", "3\n");
    noise_read(&tree->source, USAGE_NO_HELPER, &counters);
    assert_int_equal(counters.processors, 2);
    assert_true(fabs(counters.frequency_hz - 2e9) < 1);
    assert_true(fabs(counters.throttles - 5) < 1e-9);
}

static void read__broken_files_are_unknown(void **state) {
    struct fake_tree *tree = *state;
    struct noise_counters counters;

    fake_tree_write(tree, "/proc/stat", "cpu  10 20\n");
    fake_tree_write(tree, "/proc/pressure/cpu", "some total=\n");
    noise_read(&tree->source, USAGE_NO_HELPER, &counters);
    assert_int_equal(counters.processors, 0);
    assert_true(isnan(counters.idle_s));
    assert_true(isnan(counters.disk_bytes));
    assert_true(isnan(counters.stall_cpu_s));
    assert_true(isnan(counters.frequency_hz));
    assert_true(isnan(counters.throttles));
}

static void read__counts_on_this_machine(void **state) {
    struct machine_source here = machine_source_here();
    struct noise_counters before, after;
    struct noise noise;
    uint32_t flags;

    (void)state;
    noise_read(&here, USAGE_NO_HELPER, &before);
    noise_read(&here, USAGE_NO_HELPER, &after);
    assert_true(after.processors >= 1);
    assert_true(after.own.time_s >= before.own.time_s);
    assert_true(after.taken_s >= before.taken_s);
    assert_true(after.cost_s > 0);
    noise_judge(&before, &after, &noise, &flags);
    assert_true(noise.steal >= 0);
}

static void format__says_what_it_was(void **state) {
    struct noise noise = {.steal = 0.08, .major_faults = 3, .frequency_change = -0.1};
    char text[NOISE_TEXT_SIZE];

    (void)state;
    noise_format(&noise, NOISE_STEAL, text);
    assert_string_equal(text, "8% steal");
    noise_format(&noise, NOISE_FAULTS, text);
    assert_string_equal(text, "3 major page faults");
    noise_format(&noise, NOISE_FREQUENCY, text);
    assert_string_equal(text, "10% fall of the processors' frequency");
    assert_string_equal(noise_flag_name(NOISE_STALL_IO), "io-stall");
    assert_null(noise_flag_name((enum noise_flag)(1 << 30)));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judge__quiet_raises_nothing),
        cmocka_unit_test(judge__each_rule_has_its_limit),
        cmocka_unit_test(judge__contention_counts_where_others_ran),
        cmocka_unit_test(judge__a_quota_is_named_and_others_are_not),
        cmocka_unit_test(judge__disk_waits_count_where_others_moved_bytes),
        cmocka_unit_test(judge__interrupts_are_not_others),
        cmocka_unit_test(judge__one_tick_of_a_short_trial_is_no_steal),
        cmocka_unit_test(judge__unknown_and_set_back_counters_raise_nothing),
        cmocka_unit_test(judge__processors_that_come_or_go_raise_nothing),
        cmocka_unit_test_setup_teardown(read__asks_the_processors_that_are_online, fake_tree_set_up,
                                        fake_tree_tear_down),
        cmocka_unit_test_setup_teardown(read__takes_each_counter, fake_tree_set_up, fake_tree_tear_down),
        cmocka_unit_test_setup_teardown(read__broken_files_are_unknown, fake_tree_set_up,
                                        fake_tree_tear_down),
        cmocka_unit_test(judge__figures_are_exact),
        cmocka_unit_test(format__names_each_rule),
        cmocka_unit_test_setup_teardown(read__asks_so_many_processors, fake_tree_set_up, fake_tree_tear_down),
        cmocka_unit_test_setup_teardown(read__takes_pressures_and_the_time, fake_tree_set_up,
                                        fake_tree_tear_down),
        cmocka_unit_test_setup_teardown(read__keeps_nothing, fake_tree_set_up, fake_tree_tear_down),
        cmocka_unit_test(read__counts_on_this_machine),
        cmocka_unit_test(format__says_what_it_was),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
