/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What fails a job. */
#include "compared.h"

#include "compare/words/words.h"
#include "unit/descriptors.h"

static void assert_gate(const char *policy, enum gate_outcome outcome, size_t n_failed, size_t n_open) {
    struct comparison *comparison = compare_for_gate();
    struct compare_gate gate = {.fail_above = NAN};
    struct vms_error error = {""};
    double margin = 0.03;
    json_t *json = json_loads(policy, 0, NULL);

    if (gate_read(json, &gate, &margin, &error) < 0)
        fail_msg("%s", error.text);
    assert_int_equal(gate_apply(comparison, &gate, &error), 0);
    if (comparison->gate->outcome != outcome || comparison->gate->n_failed != n_failed ||
        comparison->gate->n_open != n_open)
        fail_msg("%s: %s, %zu failed, %zu open", policy, gate_outcome_name(comparison->gate->outcome),
                 comparison->gate->n_failed, comparison->gate->n_open);
    json_decref(json);
    compare_free(comparison);
}

#define POLICY "\"schema\": \"vmsuite.policy/1\""

static void gate__policies(void **state) {
    (void)state;
    assert_gate("{" POLICY ", \"fail_above\": \"5%\"}", GATE_FAILED, 1, 1);
    assert_gate("{" POLICY ", \"fail_above\": 0.4}", GATE_PASSED, 0, 0);
    assert_gate("{" POLICY ", \"fail_above\": 0.4, \"strict\": true}", GATE_FAILED, 0, 0);
    assert_gate("{" POLICY "}", GATE_INCONCLUSIVE, 0, 0); /* nothing has a limit */
    assert_gate("{" POLICY ", \"strict\": true}", GATE_FAILED, 0, 0);
    assert_gate("{" POLICY ", \"rules\": [{\"resource\": \"disk\", \"fail_above\": 0.05}]}",
                GATE_INCONCLUSIVE, 0, 0);
    assert_gate("{" POLICY ", \"fail_above\": 1}", GATE_PASSED, 0, 0);
    assert_gate("{" POLICY ", \"rules\": [{\"group\": \"net\", \"fail_above\": 0}]}", GATE_FAILED, 1, 0);
    assert_gate("{" POLICY
                ", \"fail_above\": 0.05, \"rules\": [{\"resource\": \"net*\", \"fail_above\": \"40%\"}]}",
                GATE_INCONCLUSIVE, 0, 1);
    assert_gate("{" POLICY ", \"rules\": [{\"metric\": \"rate\", \"group\": \"net\", \"fail_above\": 0.1}]}",
                GATE_FAILED, 1, 0);
    assert_gate("{" POLICY
                ", \"fail_above\": 0.05, \"rules\": [{\"module\": \"fake\", \"fail_above\": null}]}",
                GATE_INCONCLUSIVE, 0, 0);
}

static enum gate_outcome outcome_of(struct comparison *comparison, double limit) {
    struct compare_gate gate = {.fail_above = limit};
    enum gate_outcome outcome;

    assert_int_equal(gate_apply(comparison, &gate, NULL), 0);
    outcome = comparison->gate->outcome;
    compare_free(comparison);
    return outcome;
}

/* The row is slower beyond doubt, and its loss is above the limit; whether the truth is, nobody knows. */
static void gate__the_limit_counts_and_not_the_loss(void **state) {
    struct comparison *comparison = compare_runs("rate", "higher", (double[]){100, 93}, 0.01, 0.001, 5);

    (void)state;
    assert_int_equal(comparison->rows[0].finding.verdict, COMPARE_SLOWER);
    assert_true(comparison->rows[0].finding.loss > 0.065);
    assert_int_equal(outcome_of(comparison, 0.065), GATE_INCONCLUSIVE);
    assert_int_equal(outcome_of(compare_runs("rate", "higher", (double[]){100, 93}, 0.01, 0.001, 5), 0.02),
                     GATE_FAILED);
    assert_int_equal(outcome_of(compare_runs("rate", "higher", (double[]){100, 93}, 0.01, 0.001, 5), 0.1),
                     GATE_PASSED);
}

/* What would decide an open row whose verdict is sure: with that many runs it does. */
static void gate__says_what_would_tell(void **state) {
    struct comparison *comparison = compare_runs("rate", "higher", (double[]){100, 93}, 0.01, 0.001, 4);
    struct compare_gate gate = {.fail_above = 0.05};
    char words[WORDS_SIZE], expected[WORDS_SIZE];
    size_t more;

    (void)state;
    assert_int_equal(gate_apply(comparison, &gate, NULL), 0);
    assert_int_equal(comparison->rows[0].finding.verdict, COMPARE_SLOWER);
    assert_int_equal(comparison->rows[0].gate, COMPARE_GATE_OPEN);
    more = comparison->rows[0].gate_more_runs;
    assert_in_range(more, 2, 20);
    words_gate(&comparison->rows[0], words);
    (void)snprintf(expected, sizeof(expected),
                   ", perhaps above the limit of 5%%, %zu more runs of each would tell", more);
    assert_string_equal(words, expected);
    compare_free(comparison);
    assert_int_equal(
        outcome_of(compare_runs("rate", "higher", (double[]){100, 93}, 0.01, 0.001, 4 + more), 0.05),
        GATE_FAILED);
}

static void gate__one_run(void **state) {
    (void)state;
    assert_int_equal(outcome_of(compare_runs("rate", "higher", (double[]){100, 88}, 0, 0.01, 1), 0.05),
                     GATE_INCONCLUSIVE);
    assert_int_equal(outcome_of(compare_runs("rate", "higher", (double[]){100, 40}, 0, 0.01, 1), 0.05),
                     GATE_FAILED);
    assert_int_equal(outcome_of(compare_runs("rate", "higher", (double[]){100, 99}, 0, 0.01, 1), 0.05),
                     GATE_PASSED);
}

static void gate__zeros(void **state) {
    (void)state;
    assert_int_equal(outcome_of(compare_runs("loss", "lower", (double[]){0, 0.1}, 0.05, 0.1, 3), 0.05),
                     GATE_FAILED);
    assert_int_equal(outcome_of(compare_runs("rate", "higher", (double[]){100, 0}, 0.01, 0.01, 3), 0.05),
                     GATE_FAILED);
    assert_int_equal(outcome_of(compare_runs("rate", "higher", (double[]){100, 0}, 0, 0.01, 1), 0.05),
                     GATE_FAILED);
    assert_int_equal(outcome_of(compare_runs("rate", "higher", (double[]){0, 100}, 0.01, 0.01, 3), 0.05),
                     GATE_PASSED);
    assert_int_equal(outcome_of(compare_runs("loss", "lower", (double[]){0, 0}, 0, 0, 3), 0), GATE_PASSED);
}

static void gate__bad_policies(void **state) {
    static const char *const policies[][2] = {
        {"{}", "not a policy"},
        {"{" POLICY ", \"fail_abov\": 1}", "did you mean \"fail_above\""},
        {"{" POLICY ", \"fail_above\": \"5 percent\"}", "5 percent"},
        {"{" POLICY ", \"fail_above\": true}", "fail_above"},
        {"{" POLICY ", \"fail_above\": 5}", "between 0 and 1"},
        {"{" POLICY ", \"equivalent_within\": 0}", "more than 0"},
        {"{" POLICY ", \"strict\": 1}", "true or false"},
        {"{" POLICY ", \"rules\": {}}", "array"},
        {"{" POLICY ", \"rules\": [{}]}", "rules[0]: \"fail_above\" is missing"},
        {"{" POLICY ", \"rules\": [{\"group\": 1, \"fail_above\": 1}]}", "rules[0].group: must be text"},
        {"{" POLICY ", \"rules\": [3]}", "rules[0]: must be an object"},
        {"{" POLICY ", \"rules\": [{\"fail_above\": 1}, {\"fail_above\": \"5 %\"}]}",
         "rules[1].fail_above: \"5 %\" is not a share"},
        {"{" POLICY ", \"rules\": [{\"resource\": \"CPU\", \"fail_above\": 1}]}",
         "rules[0].resource: must be one of network, memory, disk or cpu, not \"CPU\"; did you mean "},
    };

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(policies); i++) {
        json_t *json = json_loads(policies[i][0], 0, NULL);
        struct compare_gate gate = {.fail_above = NAN};
        struct vms_error error = {""};
        double margin = 7;

        assert_int_equal(gate_read(json, &gate, &margin, &error), -EINVAL);
        if (!strstr(error.text, policies[i][1]))
            fail_msg("'%s' does not say '%s'", error.text, policies[i][1]);
        assert_true(margin == 7);
        gate_done(&gate);
        json_decref(json);
    }
}

static void gate__shares(void **state) {
    static const char *const bad[] = {"",    "%",   "-5%", " 5%", "5%%",  "101%", "1.1",
                                      "nan", "inf", "0x1", "5%x", "1e-2", "0x5%", "5e0%"};
    struct vms_error error;
    double share = 7;

    (void)state;
    assert_int_equal(gate_parse_share("5", &share, &error), -EINVAL);
    assert_string_equal(error.text, "\"5\" is not between 0 and 100%; did you mean \"5%\"?");
    assert_int_equal(gate_parse_share("500", &share, &error), -EINVAL);
    assert_string_equal(error.text, "\"500\" is not between 0 and 100%");
    assert_int_equal(gate_parse_share("5%", &share, NULL), 0);
    assert_true(share == 0.05);
    assert_int_equal(gate_parse_share("0.05", &share, NULL), 0);
    assert_true(share == 0.05);
    for (size_t i = 0; i < VMS_LENGTH(bad); i++)
        assert_int_equal(gate_parse_share(bad[i], &share, NULL), -EINVAL);
    assert_true(share == 0.05);
    assert_int_equal(gate_parse_share("0%", &share, NULL), 0);
    assert_true(share == 0);
    assert_int_equal(gate_parse_share("100%", &share, NULL), 0);
    assert_true(share == 1);
}

/* What one run of each shows is a verdict where no usual shift explains it; a gate fails only far beyond. */
static void gate__one_run_is_no_proof_of_a_quarter(void **state) {
    struct comparison *comparison = compare_runs("rate", "higher", (double[]){100, 75}, 0, 0.01, 1);

    (void)state;
    assert_int_equal(comparison->rows[0].finding.verdict, COMPARE_SLOWER);
    assert_int_equal(outcome_of(comparison, 0.05), GATE_INCONCLUSIVE);
    assert_int_equal(outcome_of(compare_runs("rate", "higher", (double[]){100, 45}, 0, 0.01, 1), 0.05),
                     GATE_FAILED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gate__policies),
        cmocka_unit_test(gate__the_limit_counts_and_not_the_loss),
        cmocka_unit_test(gate__says_what_would_tell),
        cmocka_unit_test(gate__one_run),
        cmocka_unit_test(gate__zeros),
        cmocka_unit_test(gate__bad_policies),
        cmocka_unit_test(gate__shares),
        cmocka_unit_test(gate__one_run_is_no_proof_of_a_quarter),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
