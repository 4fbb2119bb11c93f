/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fake_tree.h"
#include "machine/noise.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

/* Two processors, nothing disturbed. */
static const struct noise_counters quiet = {
    .processors = 2, .steal_s = 1, .busy_s = 100, .own_s = 5, .stall_cpu_s = 3, .frequency_hz = 3e9};

static uint32_t flags_of(const struct noise_counters *after, double duration_s, struct noise *ret_noise) {
    uint32_t flags;

    noise_judge(&quiet, after, duration_s, false, ret_noise, &flags);
    return flags;
}

static void judge__quiet_raises_nothing(void **state) {
    struct noise_counters after = quiet;

    (void)state;
    after.busy_s += 1.02;
    after.own_s += 1;
    assert_int_equal(flags_of(&after, 1, NULL), 0);
}

static void judge__each_rule_has_its_limit(void **state) {
    struct noise_counters after = quiet;
    struct noise noise;

    (void)state;
    after.steal_s += 0.16; /* 8% of two processors' second */
    assert_int_equal(flags_of(&after, 1, &noise), NOISE_STEAL);
    assert_true(fabs(noise.steal - 0.08) < 1e-9);
    after = quiet;
    after.busy_s += 1.2;
    after.own_s += 1;
    assert_int_equal(flags_of(&after, 1, NULL), NOISE_OTHER_LOAD);
    after = quiet;
    after.involuntary_switches = 150;
    assert_int_equal(flags_of(&after, 1, NULL), NOISE_SWITCHES);
    assert_int_equal(flags_of(&after, 10, NULL), 0);
    after = quiet;
    after.major_faults = 1;
    assert_int_equal(flags_of(&after, 1, NULL), NOISE_FAULTS);
    after = quiet;
    after.stall_cpu_s += 0.3;
    after.stall_memory_s += 0.02;
    after.stall_io_s += 0.06;
    assert_int_equal(flags_of(&after, 1, NULL), NOISE_STALL_CPU | NOISE_STALL_MEMORY | NOISE_STALL_IO);
    after = quiet;
    after.frequency_hz = 2.8e9;
    assert_int_equal(flags_of(&after, 1, NULL), NOISE_FREQUENCY);
    after.frequency_hz = 3.6e9; /* waking up is no disturbance */
    after.throttles = 1;
    assert_int_equal(flags_of(&after, 1, NULL), NOISE_THROTTLED);
}

static void judge__one_tick_of_a_short_trial_is_no_steal(void **state) {
    struct noise_counters after = quiet;

    (void)state;
    after.steal_s += 0.01;
    assert_int_equal(flags_of(&after, 0.05, NULL), 0);
}

static void judge__load_of_a_peer_here_is_ours(void **state) {
    struct noise_counters after = quiet;
    uint32_t flags;

    (void)state;
    after.busy_s += 2;
    noise_judge(&quiet, &after, 1, true, NULL, &flags);
    assert_int_equal(flags, 0);
}

static void judge__unknown_and_set_back_counters_raise_nothing(void **state) {
    struct noise_counters before = {
        .processors = 2, .steal_s = NAN, .busy_s = NAN, .own_s = 1, .stall_cpu_s = 9};
    struct noise_counters after = {
        .processors = 2, .steal_s = 5, .busy_s = NAN, .own_s = 2, .stall_cpu_s = 1};
    struct noise noise;
    uint32_t flags;

    (void)state;
    noise_judge(&before, &after, 1, false, &noise, &flags);
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
    fake_tree_write(tree, "/proc/pressure/cpu",
                    "some avg10=0.00 avg60=0.08 avg300=0.56 total=2500000\n"
                    "full avg10=0.00 avg60=0.00 avg300=0.00 total=7\n");
    fake_tree_write(tree, "/sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq", "2000000\n");
    fake_tree_write(tree, "/sys/devices/system/cpu/cpu1/cpufreq/scaling_cur_freq", "3000000\n");
    fake_tree_write(tree, "/sys/devices/system/cpu/cpu0/thermal_throttle/core_throttle_count", "4\n");
    noise_read(&tree->source, &counters);
    assert_int_equal(counters.processors, 2);
    assert_true(fabs(counters.busy_s - 150 * tick) < 1e-9);
    assert_true(fabs(counters.steal_s - 60 * tick) < 1e-9);
    assert_true(fabs(counters.stall_cpu_s - 2.5) < 1e-9);
    assert_true(isnan(counters.stall_io_s));
    assert_true(fabs(counters.frequency_hz - 2.5e9) < 1);
    assert_true(counters.throttles == 4);
}

static void read__broken_files_are_unknown(void **state) {
    struct fake_tree *tree = *state;
    struct noise_counters counters;

    fake_tree_write(tree, "/proc/stat", "cpu  10 20\n");
    fake_tree_write(tree, "/proc/pressure/cpu", "some total=\n");
    noise_read(&tree->source, &counters);
    assert_int_equal(counters.processors, 0);
    assert_true(isnan(counters.busy_s));
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
    noise_read(&here, &before);
    noise_read(&here, &after);
    assert_true(after.processors >= 1);
    assert_true(after.own_s >= before.own_s);
    noise_judge(&before, &after, 1, false, &noise, &flags);
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
        cmocka_unit_test(judge__one_tick_of_a_short_trial_is_no_steal),
        cmocka_unit_test(judge__load_of_a_peer_here_is_ours),
        cmocka_unit_test(judge__unknown_and_set_back_counters_raise_nothing),
        cmocka_unit_test_setup_teardown(read__takes_each_counter, fake_tree_set_up, fake_tree_tear_down),
        cmocka_unit_test_setup_teardown(read__broken_files_are_unknown, fake_tree_set_up,
                                        fake_tree_tear_down),
        cmocka_unit_test(read__counts_on_this_machine),
        cmocka_unit_test(format__says_what_it_was),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
