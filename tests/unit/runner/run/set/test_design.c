/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs and trials for a goal, what they can find, and when a set of runs ends early. */
#include "run/set/design.h"

#include "run/plan/outlook.h"
#include "run/set/looks.h"

#include "unit/descriptors.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct vms_metric metrics[] = {
    {"rate", VMS_PER_SECOND, VMS_HIGHER, VMS_SCALAR, VMS_LOCAL, "Things.", VMS_ROLE_HEADLINE}};

static int measure(const struct vms_host *host, const union vms_value *values, void *state,
                   struct vms_error *error) {
    (void)host, (void)values, (void)state, (void)error;
    return 0;
}

#define MODULE(title, of, cost)                                                                              \
    {                                                                                                        \
        VMS_MODULE_ABI, .name = title, .summary = "A module for tests.", .workload_version = 1,              \
                        .resource = of, .metrics = metrics, .n_metrics = 1, .estimate = cost,                \
                        .measure = measure                                                                   \
    }

static void take_a_second(const union vms_value *values, struct vms_estimate *ret_estimate) {
    (void)values;
    ret_estimate->seconds = 1;
}

static const struct vms_module modules[] = {MODULE("cpu", VMS_CPU, take_a_second),
                                            MODULE("disk", VMS_DISK, take_a_second)};

/* A benchmark of each module. */
static struct suite new_suite(struct suite_benchmark benchmarks[2], unsigned trials) {
    for (size_t i = 0; i < 2; i++)
        benchmarks[i] = (struct suite_benchmark){
            .group = (char *)"g", .module = &modules[i], .trials = trials, .warmup = 1};
    return (struct suite){.name = (char *)"two", .benchmarks = benchmarks, .n_benchmarks = 2};
}

static void outlook__more_runs_find_less(void **state) {
    struct suite_benchmark benchmarks[2];
    struct suite suite = new_suite(benchmarks, 10);
    struct outlook few[OUTLOOK_RESOURCES], many[OUTLOOK_RESOURCES];

    (void)state;
    assert_int_equal(outlook_list(&suite, 3, few), 2);
    assert_int_equal(outlook_list(&suite, 10, many), 2);
    for (size_t i = 0; i < 2; i++) {
        double a = plan_smallest(&few[i].plan, &few[i].noise, OUTLOOK_POWER);
        double b = plan_smallest(&many[i].plan, &many[i].noise, OUTLOOK_POWER);

        assert_int_equal(few[i].resource, modules[i].resource);
        assert_true(isfinite(a) && b > 0 && b < a);
    }
}

/* "5% slower" has lost 5% of its speed; what loses more than half of it is a factor. */
static void outlook__is_in_the_words_of_a_comparison(void **state) {
    struct suite_benchmark benchmarks[2];
    struct suite suite = new_suite(benchmarks, 10);
    struct outlook list[OUTLOOK_RESOURCES];
    char *text = NULL, expected[64];
    double effect;
    size_t size;
    FILE *file = open_memstream(&text, &size);

    (void)state;
    assert_non_null(file);
    outlook_print(file, &suite, 4);
    outlook_print(file, &suite, 1);
    assert_int_equal(fclose(file), 0);
    (void)outlook_list(&suite, 4, list);
    effect = plan_smallest(&list[1].plan, &list[1].noise, OUTLOOK_POWER);
    (void)snprintf(expected, sizeof(expected), ", %.2g%% in disk\n", 100 * (1 - exp(-effect)));
    assert_non_null(strstr(text, expected));
    (void)outlook_list(&suite, 1, list);
    effect = plan_smallest(&list[1].plan, &list[1].noise, OUTLOOK_POWER);
    (void)snprintf(expected, sizeof(expected), ", a factor of %.2g in disk\n", exp(effect));
    assert_non_null(strstr(text, expected));
    free(text);
}

static void outlook__runs_find_the_difference(void **state) {
    struct suite_benchmark benchmarks[2];
    struct suite suite = new_suite(benchmarks, 10);
    struct outlook list[OUTLOOK_RESOURCES];
    size_t runs = outlook_runs(&suite, log(1.2), 1000);

    (void)state;
    assert_true(runs >= OUTLOOK_RUNS_MIN);
    for (size_t k = runs - 1; k <= runs; k++) {
        bool all = true;

        (void)outlook_list(&suite, k, list);
        for (size_t i = 0; i < 2; i++)
            all = all && plan_power(&list[i].plan, &list[i].noise, log(1.2)) >= OUTLOOK_POWER;
        assert_true(all == (k == runs));
    }
    assert_int_equal(outlook_runs(&suite, log(1.2), runs - 1), 0);
}

static void design__the_smaller_of_difference_and_budget(void **state) {
    struct suite_benchmark benchmarks[2];
    struct suite suite = new_suite(benchmarks, 10);
    size_t needed = outlook_runs(&suite, log(1.2), 1000);
    const struct goal goals[] = {{.find = log(1.2)},
                                 {.budget_s = 45},
                                 {.find = log(1.2), .budget_s = 45},
                                 {.find = log(1.2), .budget_s = 1e6}};
    const size_t expected[] = {needed, 4, 4, needed};
    struct design design;
    struct vms_error error;

    (void)state;
    assert_true(needed > 4);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(design_runs(&goals[i], &suite, 10, 1000, &design, &error), 0);
        assert_int_equal(design.runs, expected[i]);
        assert_float_equal(design.seconds, 10.0 * (double)expected[i], 1e-9);
        assert_true(design.reaches == (i != 2));
    }
    assert_int_equal(design_runs(&(struct goal){.budget_s = 9}, &suite, 10, 1000, &design, &error), -EINVAL);
    assert_string_equal(error.text,
                        "one run of each configuration takes about 10 s, and the budget is 9 s: give "
                        "more, fewer trials, or a smaller suite");
}

static void design__trials_follow_noise_and_budget(void **state) {
    static const struct design_rounds choosing = {.n_configurations = 2},
                                      keeping = {.n_configurations = 2, .keeps_trials = true},
                                      booting = {2, .besides_s = 60, .keeps_trials = true};
    struct suite_benchmark benchmarks[2];
    struct suite suite = new_suite(benchmarks, 10);
    struct design design;
    struct vms_error error;
    double round_s;

    (void)state;
    assert_int_equal(design_suite(&(struct goal){.find = log(1.5)}, &keeping, &suite, &design, &error), 0);
    assert_int_equal(benchmarks[0].trials, 10);
    assert_int_equal(design_suite(&(struct goal){.find = log(1.5)}, &choosing, &suite, &design, &error), 0);
    assert_true(benchmarks[0].trials >= 3 && benchmarks[1].trials >= benchmarks[0].trials);
    /* However much a run costs besides: beyond 30 it gets hardly sharper. */
    benchmarks[0].warmup = 10000;
    assert_int_equal(design_suite(&(struct goal){.find = log(1.5)}, &choosing, &suite, &design, &error), 0);
    assert_int_equal(benchmarks[0].trials, 30);
    benchmarks[0].warmup = 1;
    /* 3 rounds of 2 runs in 66 s: 11 s for a run, of which 3 are its start and 2 the warm-ups. */
    benchmarks[1].target = 0.02;
    benchmarks[1].trials = 4;
    assert_int_equal(design_suite(&(struct goal){.budget_s = 66}, &choosing, &suite, &design, &error), 0);
    assert_int_equal(benchmarks[1].trials, 4);
    assert_true(benchmarks[0].trials >= 2 && benchmarks[0].trials <= 3);
    assert_true(design.runs >= 2 && design.runs <= 3);
    assert_true(design.seconds <= 66);
    /* Boots take of it what they take, in each round. */
    benchmarks[0].trials = benchmarks[1].trials = 4;
    assert_int_equal(design_suite(&(struct goal){.budget_s = 900}, &keeping, &suite, &design, &error), 0);
    round_s = design.seconds / design.runs;
    assert_int_equal(design_suite(&(struct goal){.budget_s = 900}, &booting, &suite, &design, &error), 0);
    assert_float_equal(design.seconds, design.runs * (round_s + 60), 1e-6);
    assert_int_equal(design.runs, (unsigned)(900 / (round_s + 60)));
}

static void looks__from_the_third_round_and_before_the_last(void **state) {
    struct looks looks;

    (void)state;
    looks_init(&looks, 5, 0);
    assert_false(looks_is_due(&looks, 2));
    assert_true(looks_is_due(&looks, 3));
    assert_true(looks_is_due(&looks, 4));
    assert_false(looks_is_due(&looks, 5));
    assert_false(looks_is_time_up(&looks, 4, 4));
}

static void looks__end_with_the_budget(void **state) {
    struct looks looks;

    (void)state;
    looks_init(&looks, 5, 10);
    looks.start_ns -= UINT64_C(6) * 1000000000; /* six seconds ago */
    assert_false(looks_is_time_up(&looks, 3, 3));
    assert_true(looks_is_time_up(&looks, 1, 1));  /* the next would end after 12 */
    assert_false(looks_is_time_up(&looks, 5, 1)); /* there is no next */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outlook__more_runs_find_less),
        cmocka_unit_test(outlook__is_in_the_words_of_a_comparison),
        cmocka_unit_test(outlook__runs_find_the_difference),
        cmocka_unit_test(design__the_smaller_of_difference_and_budget),
        cmocka_unit_test(design__trials_follow_noise_and_budget),
        cmocka_unit_test(looks__from_the_third_round_and_before_the_last),
        cmocka_unit_test(looks__end_with_the_budget),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
