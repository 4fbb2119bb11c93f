/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fakes/fake_host.h"
#include "modules/mapped.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "modules/expect.h"

#define ELEMENTS 131072 /* of 1 MiB */
#define PAD 128         /* between the arrays */

/* What `now` spoils at its call number `at`. */
static struct {
    unsigned at, calls;
    size_t array, element; /* array 0: a, 1: b, 2: c */
    double factor;
    uint64_t (*real)(void *context);
} spoil;

static uint64_t spoiling_now(void *context) {
    struct fake_host *fake = context;

    if (fake->measuring && ++spoil.calls == spoil.at)
        ((double *)mapped_start())[spoil.array * (ELEMENTS + PAD) + spoil.element] *= spoil.factor;
    return spoil.real(context);
}

static void start(struct fake_host *fake, const char *threads) {
    fake_host_init(fake, "stream");
    fake_host_set(fake, "array_size", "1MiB");
    fake_host_set(fake, "repetitions", "3");
    fake_host_set(fake, "threads", threads);
}

static void stream__four_rates(void **state) {
    static const char *const names[] = {"copy", "scale", "add", "triad"};
    struct vms_error error = {""};
    struct fake_host fake;

    (void)state;
    start(&fake, "2");
    assert_int_equal(fake_host_run(&fake, &error), 0);
    assert_string_equal(fake.module->metrics[fake.trial.metrics[0].metric].name, "triad");
    for (size_t i = 0; i < VMS_LENGTH(names); i++) {
        char mean[32], worst[32];

        (void)snprintf(mean, sizeof(mean), "%s_mean", names[i]);
        (void)snprintf(worst, sizeof(worst), "%s_worst", names[i]);
        assert_true(fake_host_value(&fake, worst) > 0);
        assert_true(fake_host_value(&fake, mean) >= fake_host_value(&fake, worst) * (1 - 1e-9));
        assert_true(fake_host_value(&fake, names[i]) >= fake_host_value(&fake, mean) * (1 - 1e-9));
    }
    assert_string_equal(fake_host_fact(&fake, "array_bytes"), "1048576");
    assert_string_equal(fake_host_fact(&fake, "threads"), "2");
    assert_non_null(fake_host_fact(&fake, "llc_bytes"));
    assert_non_null(fake_host_fact(&fake, "llc_source"));
    fake_host_done(&fake);
}

static void stream__uneven_shares_are_verified(void **state) {
    struct vms_error error = {""};
    struct fake_host fake;

    (void)state;
    start(&fake, "7");
    assert_int_equal(fake_host_run(&fake, &error), 0);
    assert_string_equal(fake_host_fact(&fake, "threads"), "7");
    fake_host_done(&fake);
}

static void expect_spoilt(size_t array, size_t element, unsigned at, double factor, const char *named) {
    struct fake_host fake;

    start(&fake, "1");
    spoil.real = fake.host.now;
    spoil.calls = 0;
    spoil.at = at;
    spoil.array = array;
    spoil.element = element;
    spoil.factor = factor;
    fake.host.now = spoiling_now;
    expect_failure(&fake, -EBADMSG, named);
    assert_int_equal(fake.trial.n_metrics, 0);
    fake_host_done(&fake);
}

/* 3 passes of 4 operations take 24 times: the last is after all work, the first before it. */
static void stream__a_wrong_element_is_named(void **state) {
    const double barely = 1 + 1e-12;

    (void)state;
    expect_spoilt(0, 0, 24, barely, "a[0] is");
    expect_spoilt(1, ELEMENTS - 1, 24, barely, "b[131071] is");
    expect_spoilt(2, 777, 24, barely, "c[777] is");
    expect_spoilt(0, 4711, 1, barely, "a[4711] is");
    expect_spoilt(2, 5, 24, -1, "c[5] is");
    expect_spoilt(1, 6, 24, (double)NAN, "b[6] is");
    expect_spoilt(0, 7, 24, (double)INFINITY, "a[7] is inf");
}

static void stream__refuses_bad_sizes(void **state) {
    struct fake_host fake;

    (void)state;
    start(&fake, "1");
    fake_host_set(&fake, "array_size", "1KiB");
    expect_failure(&fake, -EINVAL, "at least 65536");
    fake_host_set(&fake, "array_size", "1048576GiB");
    expect_failure(&fake, -ENOMEM, "three arrays of 1125899906842624 bytes need 3377699720527872 bytes");
    fake_host_done(&fake);
}

static void stream__refuses_bad_threads(void **state) {
    struct fake_host fake;

    (void)state;
    start(&fake, "many");
    expect_failure(&fake, -EINVAL, "\"many\"");
    fake_host_set(&fake, "threads", "-1");
    expect_failure(&fake, -EINVAL, "\"-1\"");
    fake_host_done(&fake);
}

static void stream__each_kernel_is_verified(void **state) {
    static const char *const kernels[] = {"portable", "streaming"}, *const isas[] = {"baseline", "avx2",
                                                                                     "avx512"};
    unsigned ran = 0;

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(kernels); i++)
        for (size_t j = 0; j < VMS_LENGTH(isas); j++) {
            struct vms_error error = {""};
            struct fake_host fake;
            int status;

            start(&fake, "2");
            fake_host_set(&fake, "kernel", kernels[i]);
            fake_host_set(&fake, "isa", isas[j]);
            status = fake_host_run(&fake, &error);
            if (status != -ENOTSUP)
                assert_int_equal(status, 0);
            if (status == 0)
                assert_string_equal(fake_host_fact(&fake, "kernel_isa"), isas[j]);
            ran += status == 0;
            fake_host_done(&fake);
        }
    assert_true(ran >= 1);
}

/* The widest that the processor has, of either kernel: what a compiler would take is not asked. */
static void stream__auto_is_the_widest(void **state) {
    static const char *const kernels[] = {"portable", "streaming"};
    const char *widest = "baseline";

    (void)state;
#ifdef __x86_64__
    widest = __builtin_cpu_supports("avx512f") ? "avx512" : __builtin_cpu_supports("avx2") ? "avx2" : widest;
#endif
    for (size_t i = 0; i < VMS_LENGTH(kernels); i++) {
        struct vms_error error = {""};
        struct fake_host fake;

        start(&fake, "2");
        fake_host_set(&fake, "kernel", kernels[i]);
        assert_int_equal(fake_host_run(&fake, &error), 0);
        assert_string_equal(fake_host_fact(&fake, "kernel_isa"), widest);
        fake_host_done(&fake);
    }
}

/* Milliseconds of each operation (copy, scale, add, triad) in each of four passes; the first does not
 * count. */
static const uint64_t script_ms[4][4] = {{1, 1, 1, 1}, {40, 20, 36, 30}, {16, 32, 24, 60}, {64, 25, 48, 24}};

static uint64_t scripted_now(void *context) {
    static uint64_t calls, now_ns;
    struct fake_host *fake = context;

    if (!fake->measuring) {
        calls = 0;
        now_ns = 1000;
    } else if (calls++ % 2 == 1) {
        now_ns += script_ms[(calls - 1) / 8 % 4][(calls - 1) / 2 % 4] * 1000000;
    }
    return now_ns;
}

static void assert_rate(struct fake_host *fake, const char *metric, double bytes, double ms) {
    double value = fake_host_value(fake, metric), expected = bytes / (1e-3 * ms);

    if (fabs(value / expected - 1) > 1e-12)
        fail_msg("%s is %.17g, not %.17g", metric, value, expected);
}

/* STREAM's own counting: Copy and Scale 16 bytes an element, Add and Triad 24; the first pass left out. */
static void stream__rates_are_exact(void **state) {
    const double elements = 131072;
    char rule[80];
    struct vms_error error = {""};
    struct fake_host fake;

    (void)state;
    start(&fake, "1");
    fake_host_set(&fake, "repetitions", "4");
    fake.host.now = scripted_now;
    assert_int_equal(fake_host_run(&fake, &error), 0);
    assert_rate(&fake, "copy", 16 * elements, 16);
    assert_rate(&fake, "copy_mean", 16 * elements, (40 + 16 + 64) / 3.0);
    assert_rate(&fake, "copy_worst", 16 * elements, 64);
    assert_rate(&fake, "scale", 16 * elements, 20);
    assert_rate(&fake, "scale_mean", 16 * elements, (20 + 32 + 25) / 3.0);
    assert_rate(&fake, "scale_worst", 16 * elements, 32);
    assert_rate(&fake, "add", 24 * elements, 24);
    assert_rate(&fake, "add_mean", 24 * elements, (36 + 24 + 48) / 3.0);
    assert_rate(&fake, "add_worst", 24 * elements, 48);
    assert_rate(&fake, "triad", 24 * elements, 24);
    assert_rate(&fake, "triad_mean", 24 * elements, (30 + 60 + 24) / 3.0);
    assert_rate(&fake, "triad_worst", 24 * elements, 60);
    assert_string_equal(fake_host_fact(&fake, "working_set_bytes"), "3145728");
    assert_string_equal(fake_host_fact(&fake, "array_bytes"), "1048576");
    (void)snprintf(rule, sizeof(rule), "as given, %.3g times the last-level caches",
                   1048576 / strtod(fake_host_fact(&fake, "llc_bytes"), NULL));
    assert_string_equal(fake_host_fact(&fake, "array_rule"), rule);
    fake_host_done(&fake);
}

/* A loop whose stores do not bypass the caches moves four bytes for three. */
static void stream__traffic_is_what_the_memory_moves(void **state) {
    static const struct {
        const char *kernel, *factor;
        double moved; /* for each byte that is counted */
    } rows[] = {{"portable",
                 "copy and scale 1.5, add and triad 1.333: a line is read before it is overwritten", 4 / 3.0},
                {"streaming", "1: stores bypass the caches", 1}};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        struct vms_error error = {""};
        struct fake_host fake;
        char traffic[32];
        int status;

        start(&fake, "1");
        fake_host_set(&fake, "repetitions", "4");
        fake_host_set(&fake, "kernel", rows[i].kernel);
        fake.host.now = scripted_now;
        status = fake_host_run(&fake, &error);
        if (status == 0) {
            assert_string_equal(fake_host_fact(&fake, "traffic_factor"), rows[i].factor);
            (void)snprintf(traffic, sizeof(traffic), "%.4g GB/s", rows[i].moved * 24 * 131072 / 24e-3 / 1e9);
            assert_string_equal(fake_host_fact(&fake, "triad_traffic"), traffic);
            assert_true(strtoull(fake_host_fact(&fake, "page_faults_while_timed"), NULL, 10) < 131072);
        } else {
            assert_int_equal(status, -ENOTSUP);
        }
        fake_host_done(&fake);
    }
}

static void stream__affinity_is_reported(void **state) {
    static const char *const affinities[] = {"none", "auto", "spread", "compact", "list"};
    struct place_of_mine {
        unsigned long bits[128];
    } before = {{0}}, after = {{0}};
    char mine[16];

    (void)state;
    (void)snprintf(mine, sizeof(mine), "%d", sched_getcpu());
    assert_true(sched_getaffinity(0, sizeof(before), (cpu_set_t *)(void *)&before) == 0);
    for (size_t i = 0; i < VMS_LENGTH(affinities); i++) {
        bool is_list = strcmp(affinities[i], "list") == 0;
        struct vms_error error = {""};
        struct fake_host fake;

        start(&fake, is_list ? "list" : "1");
        fake_host_set(&fake, "affinity", is_list ? mine : affinities[i]);
        assert_int_equal(fake_host_run(&fake, &error), 0);
        if (i == 0 || is_list)
            assert_string_equal(fake_host_fact(&fake, "processors"), is_list ? mine : "none");
        assert_non_null(fake_host_fact(&fake, "numa_pages"));
        fake_host_done(&fake);
    }
    assert_true(sched_getaffinity(0, sizeof(after), (cpu_set_t *)(void *)&after) == 0);
    assert_memory_equal(&before, &after, sizeof(before));
}

static void stream__pages_are_reported(void **state) {
    static const char *const pages[] = {"system", "none", "thp", "hugetlb"};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(pages); i++) {
        struct vms_error error = {""};
        struct fake_host fake;
        int status;

        start(&fake, "1");
        fake_host_set(&fake, "pages", pages[i]);
        status = fake_host_run(&fake, &error);
        if (strcmp(pages[i], "hugetlb") == 0 && status == -ENOTSUP) {
            assert_non_null(strstr(error.text, "nr_hugepages"));
        } else {
            assert_int_equal(status, 0);
            assert_non_null(fake_host_fact(&fake, "huge_pages"));
        }
        if (strcmp(pages[i], "none") == 0)
            assert_string_equal(fake_host_fact(&fake, "huge_pages"), "0 % of the memory");
        fake_host_done(&fake);
    }
}

static void stream__stops_when_asked(void **state) {
    struct fake_host fake;

    (void)state;
    start(&fake, "1");
    fake.stop = true;
    expect_failure(&fake, -ECANCELED, "pass 1 of 3");
    fake_host_done(&fake);
}

static void stream__estimates_its_memory(void **state) {
    struct vms_estimate estimate = {0};
    struct fake_host fake;

    (void)state;
    start(&fake, "1");
    fake.module->estimate(fake.values, &estimate);
    assert_int_equal(estimate.memory, 3 << 20);
    assert_true(estimate.seconds > 0);
    fake_host_done(&fake);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stream__four_rates),
        cmocka_unit_test(stream__uneven_shares_are_verified),
        cmocka_unit_test(stream__a_wrong_element_is_named),
        cmocka_unit_test(stream__refuses_bad_sizes),
        cmocka_unit_test(stream__refuses_bad_threads),
        cmocka_unit_test(stream__each_kernel_is_verified),
        cmocka_unit_test(stream__auto_is_the_widest),
        cmocka_unit_test(stream__rates_are_exact),
        cmocka_unit_test(stream__traffic_is_what_the_memory_moves),
        cmocka_unit_test(stream__affinity_is_reported),
        cmocka_unit_test(stream__pages_are_reported),
        cmocka_unit_test(stream__stops_when_asked),
        cmocka_unit_test(stream__estimates_its_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
