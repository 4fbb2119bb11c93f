/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "run/notice/run_warnings.h"

#include "unit/descriptors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TEXT(literal) ((char *)(literal)) /* owned in a real run, never changed here */
#define TRIALS 10

struct fixture {
    struct outcome_run run;
    struct outcome_case cases[2];
    struct outcome_trial trials[TRIALS];
    struct outcome_metric metrics[TRIALS];
};

/* A run with one case "stream" of ten steady trials, and an empty one "tcp". */
static int set_up(void **state) {
    struct fixture *fixture = calloc(1, sizeof(*fixture));

    if (!fixture)
        return -1;
    for (unsigned i = 0; i < TRIALS; i++) {
        fixture->metrics[i].value = 100 + 0.1 * (i % 3);
        fixture->trials[i] = (struct outcome_trial){
            .trial = i + 1, .start_s = i, .metrics = &fixture->metrics[i], .n_metrics = 1, .has_noise = true};
    }
    fixture->cases[0] =
        (struct outcome_case){.id = 1, .group = TEXT("stream"), .trials = fixture->trials, .n_done = TRIALS};
    fixture->cases[1] = (struct outcome_case){.id = 2, .group = TEXT("tcp")};
    fixture->run.cases = fixture->cases;
    fixture->run.n_cases = 2;
    *state = fixture;
    return 0;
}

static int tear_down(void **state) {
    struct fixture *fixture = *state;

    for (size_t i = 0; i < fixture->run.n_warnings; i++)
        free(fixture->run.warnings[i]);
    free(fixture->run.warnings);
    free(fixture);
    return 0;
}

static void judge_noise__names_the_trials_and_the_worst(void **state) {
    struct fixture *fixture = *state;

    fixture->trials[2].flags = fixture->trials[6].flags = NOISE_STEAL;
    fixture->trials[2].noise.steal = 0.03;
    fixture->trials[6].noise.steal = 0.08;
    fixture->trials[4].flags = NOISE_FAULTS;
    fixture->trials[4].noise.major_faults = 5;
    assert_int_equal(run_warnings_noise(&fixture->run), 0);
    assert_int_equal(fixture->run.n_warnings, 2);
    assert_string_equal(fixture->run.warnings[0], "stream: trials 3, 7: up to 8% steal");
    assert_string_equal(fixture->run.warnings[1], "stream: trial 5: 5 major page faults");
    fixture->trials[7].flags = fixture->trials[8].flags = NOISE_STEAL;
    fixture->trials[0].flags = fixture->trials[1].flags = NOISE_THROTTLED;
    assert_int_equal(run_warnings_noise(&fixture->run), 0);
    assert_string_equal(fixture->run.warnings[2], "stream: trials 3, 7 to 9: up to 8% steal");
    assert_non_null(strstr(fixture->run.warnings[4], "stream: trials 1, 2: "));
}

static void judge_noise__numbers_cases_of_one_group(void **state) {
    struct fixture *fixture = *state;

    fixture->cases[1].group = TEXT("stream");
    fixture->trials[0].flags = NOISE_THROTTLED;
    fixture->trials[0].noise.throttles = 1;
    assert_int_equal(run_warnings_noise(&fixture->run), 0);
    assert_string_equal(fixture->run.warnings[0], "stream (case 1): trial 1: 1 thermal throttling events");
}

static void judge__a_quiet_run_has_no_warning(void **state) {
    struct fixture *fixture = *state;

    assert_int_equal(run_warnings_noise(&fixture->run), 0);
    assert_int_equal(run_warnings_stability(&fixture->run), 0);
    assert_int_equal(fixture->run.n_warnings, 0);
}

static void judge_stability__tells_drift_and_groups(void **state) {
    struct fixture *fixture = *state;

    for (unsigned i = 0; i < TRIALS; i++)
        fixture->metrics[i].value = 100 + i;
    assert_int_equal(run_warnings_stability(&fixture->run), 0);
    assert_int_equal(fixture->run.n_warnings, 1);
    assert_non_null(strstr(fixture->run.warnings[0], "stream: its figure drifts over the run by +6.9%"));
    for (unsigned i = 0; i < TRIALS; i++)
        fixture->metrics[i].value = (i % 2 ? 120 : 100) + 0.1 * (i % 3);
    assert_int_equal(run_warnings_stability(&fixture->run), 0);
    assert_non_null(strstr(fixture->run.warnings[1], "two groups of 5 and 5 trials"));
}

static void judge_changes__tells_what_should_have_stayed(void **state) {
    struct fixture *fixture = *state;
    struct machine_fact old[] = {
        {.name = "clock.source", .text = TEXT("tsc"), .source = TEXT("")},
        {.name = "load.running", .type = FACT_INTEGER, .integer = 1, .source = TEXT("")},
        {.name = "cpu.count", .type = FACT_INTEGER, .integer = 4, .source = TEXT("")}};
    struct machine_fact new[] = {
        {.name = "clock.source", .text = TEXT("hpet"), .source = TEXT("")},
        {.name = "load.running", .type = FACT_INTEGER, .integer = 9, .source = TEXT("")},
        {.name = "cpu.count", .type = FACT_INTEGER, .integer = 4, .source = TEXT("")}};
    struct machine before = {.facts = old, .n_facts = 3}, after = {.facts = new, .n_facts = 3};

    assert_int_equal(run_warnings_changes(&fixture->run, &before, &after), 0);
    assert_int_equal(fixture->run.n_warnings, 1);
    assert_string_equal(fixture->run.warnings[0],
                        "the machine changed during the run: clock.source was \"tsc\" and is \"hpet\"");
}

/* MTUs are compared where both ends see one path only. */
static void judge_paths__compares_what_is_one_path(void **state) {
    struct fixture *fixture = *state;
    struct outcome_fact facts[][6] = {
        {{"path_interface", "eth0"},
         {"path_mtu", "1500"},
         {"path_translated", "yes"},
         {"peer_path", "loopback"},
         {"peer_path_interface", "lo"},
         {"peer_path_mtu", "65536"}},
        {{"path_interface", "eth0"},
         {"path_mtu", "1500"},
         {"path_translated", "no"},
         {"peer_path", "network"},
         {"peer_path_interface", "eth1"},
         {"peer_path_mtu", "9000"}},
        {{"path_interface", "eth0"},
         {"path_mtu", "1500"},
         {"path_translated", "yes"},
         {"peer_path", "network"},
         {"peer_path_interface", "eth1"},
         {"peer_path_mtu", "9000"}},
        {{"path_interface", "eth0"},
         {"path_mtu", "1500"},
         {"path_translated", "no"},
         {"peer_path", "network"},
         {"peer_path_interface", "eth1"},
         {"peer_path_mtu", "1500"}},
    };
    static const char *const said[] = {
        "the two ends see different paths: network here (eth0), loopback at the peer (lo): something between "
        "them, such as QEMU's user network, address translation or a tunnel, passes the data on and is part "
        "of the figures",
        "the two ends of the network path have different MTUs: 1500 bytes here (eth0), 9000 at the peer "
        "(eth1); packets are fragmented, dropped or smaller than one end expects",
        "the two ends (eth0 here, eth1 at the peer) see different addresses of each other: something between "
        "them, such as QEMU's user network, address translation or a tunnel, passes the data on and is part "
        "of the figures"};

    for (size_t i = 0; i < VMS_LENGTH(facts); i++) {
        for (size_t k = 0; k < 2; k++) { /* once for both cases */
            fixture->cases[k].path = "network";
            fixture->cases[k].facts = (struct outcome_facts){facts[i], 6};
        }
        assert_int_equal(run_warnings_paths(&fixture->run), 0);
        assert_int_equal(fixture->run.n_warnings, i < 3 ? i + 1 : 3);
        if (i < 3)
            assert_string_equal(fixture->run.warnings[i], said[i]);
    }
}

/* A peer that is not known to be in another group has nothing to be warned of; nor has a quiet run. */
static void judge_peer__says_which_group_it_is_in(void **state) {
    struct fixture *fixture = *state;
    static const struct {
        const char *other;
        enum noise_flag flag;
        bool warns;
    } rows[] = {
        {"yes", NOISE_STEAL, false},
        {"", NOISE_OTHER_LOAD, false},
        {"yes", NOISE_OTHER_LOAD, true},
        {"yes", NOISE_STALL_CPU, true},
    };
    struct outcome_trial trials[3] = {{.trial = 1}, {.trial = 2}, {.trial = 3}};
    size_t n = 0;

    fixture->trials[0].flags = NOISE_OTHER_LOAD; /* of a case without a peer */
    fixture->cases[1].trials = trials;
    fixture->cases[1].n_done = VMS_LENGTH(trials);
    for (size_t i = 0; i < VMS_LENGTH(rows); i++) {
        struct outcome_fact facts[] = {{.key = "peer_cpu_group_other"},
                                       {.key = "peer_cpu_group", .value = "/b"}};

        (void)snprintf(facts[0].value, sizeof(facts[0].value), "%s", rows[i].other);

        fixture->cases[1].facts = (struct outcome_facts){facts, 2};
        trials[0].flags = trials[2].flags = rows[i].flag;
        assert_int_equal(run_warnings_peer(&fixture->run, "/a"), 0);
        n += rows[i].warns;
        assert_int_equal(fixture->run.n_warnings, n);
    }
    assert_string_equal(
        fixture->run.warnings[0],
        "the peer shares this machine's processors by another control group than this end (/b, /a), and a "
        "busy machine gives each group its part, however much runs in it: 2 trials of network cases met a "
        "load by others, so that their figures depend on the groups, too");
}

static void judge_stalls__says_what_no_account_has(void **state) {
    struct fixture *fixture = *state;
    struct machine_fact none = {
        "load.steal_under_reported", FACT_VALUE, FACT_TEXT, TEXT("no"), 0, 0, false, NULL};
    struct machine_fact some = {
        "load.steal_under_reported", FACT_VALUE, FACT_TEXT, TEXT("yes: 0.9 s of 2 s"), 0, 0, false, NULL};
    struct machine before = {.facts = &none, .n_facts = 1}, after = {.facts = &some, .n_facts = 1},
                   unknown = {0};

    assert_int_equal(run_warnings_stalls(&fixture->run, &before, &unknown), 0);
    assert_int_equal(fixture->run.n_warnings, 0);
    assert_int_equal(run_warnings_stalls(&fixture->run, &before, &after), 0);
    assert_int_equal(fixture->run.n_warnings, 1);
    assert_string_equal(
        fixture->run.warnings[0],
        "steal is under-reported: between trials and after the last one, while nothing of this run was "
        "running, 0.9 s of 2 s of the processors' time was taken that the kernel reports nowhere");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(judge_noise__names_the_trials_and_the_worst, set_up, tear_down),
        cmocka_unit_test_setup_teardown(judge_noise__numbers_cases_of_one_group, set_up, tear_down),
        cmocka_unit_test_setup_teardown(judge__a_quiet_run_has_no_warning, set_up, tear_down),
        cmocka_unit_test_setup_teardown(judge_stability__tells_drift_and_groups, set_up, tear_down),
        cmocka_unit_test_setup_teardown(judge_paths__compares_what_is_one_path, set_up, tear_down),
        cmocka_unit_test_setup_teardown(judge_peer__says_which_group_it_is_in, set_up, tear_down),
        cmocka_unit_test_setup_teardown(judge_stalls__says_what_no_account_has, set_up, tear_down),
        cmocka_unit_test_setup_teardown(judge_changes__tells_what_should_have_stayed, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
