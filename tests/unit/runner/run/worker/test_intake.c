/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A case's process that lies: each message that no worker sends is refused with its own sentence, and what is
 * refused changes nothing. */
#include "run/worker/intake.h"

#include "fakes/child.h"
#include "unit/descriptors.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define ORDER 7

static const struct vms_metric metrics[] = {{.name = "rate", .shape = VMS_SCALAR},
                                            {.name = "latency", .shape = VMS_DISTRIBUTION}};
static const struct vms_module module = {
    .name = "liar", .metrics = metrics, .n_metrics = VMS_LENGTH(metrics)};

static int ends[2];

static int set_up(void **state) {
    const int on = 1;

    (void)state;
    return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0 ||
           setsockopt(ends[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) < 0;
}

static int tear_down(void **state) {
    (void)state;
    (void)close(ends[0]);
    (void)close(ends[1]);
    return 0;
}

static struct worker_message good_message(enum worker_message_kind kind) {
    return (struct worker_message){.magic = WORKER_MAGIC, .order = ORDER, .kind = kind};
}

static void expect(const void *bytes, size_t length, int status, const char *says) {
    struct worker_message message;
    struct vms_error error = {""};
    int found;

    assert_int_equal(send(ends[1], bytes, length, 0), length);
    found = intake_receive(ends[0], getpid(), ORDER, &message, &error);
    if (found != status || !strstr(error.text, says))
        fail_msg("%d \"%s\" instead of %d \"%s\"", found, error.text, status, says);
}

static void receive__takes_what_a_worker_sends(void **state) {
    static const enum worker_message_kind kinds[] = {WORKER_READY, WORKER_METRIC, WORKER_FACT, WORKER_LOG,
                                                     WORKER_PATH,  WORKER_CLOCK,  WORKER_DONE};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(kinds); i++) {
        struct worker_message message = good_message(kinds[i]);

        expect(&message, sizeof(message), 1, "");
    }
}

static void receive__refuses_all_else(void **state) {
    struct worker_message message = good_message(WORKER_DONE);
    char twice[2 * sizeof(message)] = "";

    (void)state;
    expect("rubbish", 7, -EPROTO, "the module wrote 7 bytes to descriptor 3");
    expect(&message, sizeof(message) - 1, -EPROTO, "the module wrote ");
    memcpy(twice, &message, sizeof(message));
    expect(twice, sizeof(message) + 1, -EPROTO, "the module wrote ");
    expect(twice, sizeof(twice), -EPROTO, "the module wrote ");
    message.magic ^= 1;
    expect(&message, sizeof(message), -EPROTO, "the module wrote ");
    message = good_message(WORKER_STRAY);
    expect(&message, sizeof(message), -EPROTO, "the module wrote ");
    message = good_message((enum worker_message_kind)99);
    expect(&message, sizeof(message), -EPROTO, "the module wrote ");
    message = good_message(WORKER_DONE);
    message.order = ORDER - 1;
    expect(&message, sizeof(message), -EPROTO, "belongs to another trial (6, not 7)");
    message.order = ORDER + 1;
    expect(&message, sizeof(message), -EPROTO, "belongs to another trial (8, not 7)");
}

/* Texts that do not end are ended. */
static void receive__ends_texts(void **state) {
    struct worker_message message = good_message(WORKER_FACT), got;

    (void)state;
    memset(&message.fact, 'x', sizeof(message.fact));
    assert_int_equal(send(ends[1], &message, sizeof(message), 0), sizeof(message));
    assert_int_equal(intake_receive(ends[0], getpid(), ORDER, &got, NULL), 1);
    assert_int_equal(strlen(got.fact.key), sizeof(got.fact.key) - 1);
    assert_int_equal(strlen(got.fact.value), sizeof(got.fact.value) - 1);
    message = good_message(WORKER_LOG);
    memset(&message.error, 'x', sizeof(message.error));
    assert_int_equal(send(ends[1], &message, sizeof(message), 0), sizeof(message));
    assert_int_equal(intake_receive(ends[0], getpid(), ORDER, &got, NULL), 1);
    assert_int_equal(strlen(got.error.text), sizeof(got.error.text) - 1);
}

static void receive__knows_another_process(void **state) {
    struct worker_message message = good_message(WORKER_DONE);
    struct vms_error error = {""};
    pid_t child;
    int status;

    (void)state;
    child = child_fork();
    if (child == 0)
        _exit(send(ends[1], &message, sizeof(message), 0) < 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(intake_receive(ends[0], getpid(), ORDER, &message, &error), -EPROTO);
    assert_non_null(strstr(error.text, "a second process of the module spoke in its place"));
}

static void receive__of_nothing_and_of_the_end(void **state) {
    struct worker_message message;

    (void)state;
    assert_int_equal(intake_receive(ends[0], getpid(), ORDER, &message, NULL), 0);
    (void)shutdown(ends[1], SHUT_WR);
    assert_int_equal(intake_receive(ends[0], getpid(), ORDER, &message, NULL), -ECONNRESET);
}

static int take(struct outcome_trial *trial, struct outcome_metric metric, struct vms_error *error) {
    struct outcome_case outcome = {.module = &module};
    struct worker_message message = good_message(WORKER_METRIC);

    message.metric = metric;
    return intake_take(&message, &outcome, trial, error);
}

static void take__refuses_figures_that_cannot_be(void **state) {
    const struct outcome_metric bad[] = {
        {.metric = 2, .value = 1},                          /* not in the table */
        {.metric = UINT32_MAX, .value = 1},                 /* nor this */
        {.metric = 0, .value = (double)NAN},                /* no number */
        {.metric = 0, .value = (double)INFINITY},           /* nor this */
        {.metric = 0, .value = 1, .is_distribution = true}, /* wrong shape */
        {.metric = 1, .value = 1},                          /* nor this */
        {.metric = 1, .value = 1, .is_distribution = true, .n_raw = OUTCOME_RAW_MAX + 1} /* too much */
    };
    struct outcome_trial trial = {0};

    (void)state;
    for (size_t i = 0; i < VMS_LENGTH(bad); i++) {
        struct vms_error error = {""};

        assert_int_equal(take(&trial, bad[i], &error), -EPROTO);
        assert_non_null(strstr(error.text, "a metric that the module does not have"));
        assert_int_equal(trial.n_metrics, 0);
    }
    outcome_trial_done(&trial);
}

static void take__keeps_each_figure_once(void **state) {
    struct outcome_trial trial = {0};
    struct vms_error error = {""};

    (void)state;
    assert_int_equal(take(&trial, (struct outcome_metric){.metric = 0, .value = 5}, &error), 0);
    assert_int_equal(take(&trial,
                          (struct outcome_metric){
                              .metric = 1, .value = 6, .is_distribution = true, .n_raw = OUTCOME_RAW_MAX},
                          &error),
                     0);
    assert_int_equal(take(&trial, (struct outcome_metric){.metric = 0, .value = 7}, &error), -EPROTO);
    assert_non_null(strstr(error.text, "reported metric \"rate\" twice"));
    assert_int_equal(trial.n_metrics, 2);
    assert_true(trial.metrics[0].value == 5 && trial.metrics[1].value == 6);
    outcome_trial_done(&trial);
}

/* What is said goes to the trial or to the case, as it is meant. */
static void take__facts_logs_path_and_clock(void **state) {
    struct outcome_case outcome = {.module = &module};
    struct outcome_trial trial = {0};
    struct worker_message message = good_message(WORKER_FACT);

    (void)state;
    message.fact = (struct outcome_fact){"key", "of the trial"};
    assert_int_equal(intake_take(&message, &outcome, &trial, NULL), 0);
    message.of_case = true;
    message.fact = (struct outcome_fact){"key", "of the case"};
    assert_int_equal(intake_take(&message, &outcome, &trial, NULL), 0);
    assert_int_equal(trial.facts.n_facts, 1);
    assert_string_equal(trial.facts.facts[0].value, "of the trial");
    assert_string_equal(outcome.facts.facts[0].value, "of the case");
    message = good_message(WORKER_LOG);
    message.status = VMS_LOG_WARNING;
    (void)strcpy(message.error.text, "careful");
    assert_int_equal(intake_take(&message, &outcome, &trial, NULL), 0);
    assert_string_equal(trial.log[0], "warning: careful");
    message = good_message(WORKER_PATH);
    (void)strcpy(message.error.text, "loopback");
    assert_int_equal(intake_take(&message, &outcome, &trial, NULL), 0);
    assert_string_equal(outcome.path, "loopback");
    (void)strcpy(message.error.text, "network");
    assert_int_equal(intake_take(&message, &outcome, &trial, NULL), 0);
    assert_string_equal(outcome.path, "network");
    message = good_message(WORKER_CLOCK);
    message.clock = (struct clock_offset){.n = 3, .offset_s = 0.5};
    assert_int_equal(intake_take(&message, &outcome, &trial, NULL), 0);
    assert_true(trial.clock.n == 3 && trial.clock.offset_s == 0.5);
    free(outcome.facts.facts);
    outcome_trial_done(&trial);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(receive__takes_what_a_worker_sends, set_up, tear_down),
        cmocka_unit_test_setup_teardown(receive__refuses_all_else, set_up, tear_down),
        cmocka_unit_test_setup_teardown(receive__ends_texts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(receive__knows_another_process, set_up, tear_down),
        cmocka_unit_test_setup_teardown(receive__of_nothing_and_of_the_end, set_up, tear_down),
        cmocka_unit_test(take__refuses_figures_that_cannot_be),
        cmocka_unit_test(take__keeps_each_figure_once),
        cmocka_unit_test(take__facts_logs_path_and_clock),
    };

    return cmocka_run_group_tests(tests, descriptors_note, descriptors_check);
}
