/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The installed host for tests of modules, by a module of two sides that is made for this test. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vmsuite/fake_host.h>

#include <cmocka.h>

enum { PARAM_TURNS };
static const struct vms_param params[] = {
    [PARAM_TURNS] = {"turns", VMS_COUNT, "2", "1", "9", NULL, "How many.", VMS_ROLE_SIZE}};
enum { METRIC_RATE, METRIC_TIME };
static const struct vms_metric metrics[] = {
    [METRIC_RATE] = {"rate", VMS_PER_SECOND, VMS_HIGHER, VMS_SCALAR, VMS_LOCAL, "Turns.", VMS_ROLE_HEADLINE},
    [METRIC_TIME] = {"time", VMS_UNIT_SECONDS, VMS_LOWER, VMS_DISTRIBUTION, VMS_LOCAL, "Of one.",
                     VMS_ROLE_PLAIN}};

static int prepare(const struct vms_host *host, const union vms_value *values, void **ret_state,
                   struct vms_error *error) {
    char key[80] = "", value[300] = "";

    (void)values, (void)error;
    *ret_state = NULL;
    memset(key, 'k', sizeof(key) - 1);
    memset(value, 'v', sizeof(value) - 1);
    if (host->fact(host->context, key, value) < 0)
        return -ENOMEM;
    return host->fact(host->context, "seed", host->seed == 42 ? "42" : "another");
}

static int measure(const struct vms_host *host, const union vms_value *values, void *state,
                   struct vms_error *error) {
    static const char too_long[VMS_MESSAGE_MAX + 1];
    uint64_t n = values[PARAM_TURNS].count, first, last;
    double times[9];
    char word[8];

    (void)state, (void)error;
    if (host->put(host->context, too_long, sizeof(too_long), UINT64_MAX) != -EMSGSIZE)
        return -EPROTO;
    first = last = host->now(host->context);
    for (uint64_t turn = 0; turn < n; turn++) {
        uint64_t now;
        ssize_t got;

        if (host->should_stop(host->context))
            return -ECANCELED;
        if (host->put(host->context, "ping", 4, UINT64_MAX) < 0)
            return -EIO;
        got = host->get(host->context, word, sizeof(word), last + UINT64_C(10000000000));
        if (got < 0)
            return (int)got;
        now = host->now(host->context);
        times[turn] = (double)(now - last) / 1e9;
        last = now;
        if (got != 4 || memcmp(word, "pong", 4) != 0)
            host->log(host->context, VMS_LOG_WARNING, "another word came back");
    }
    (void)host->fact(host->context, "turns", "done");
    if (host->sample(host->context, METRIC_TIME, 1) != -EINVAL ||
        host->sample(host->context, METRIC_RATE, NAN) != -EINVAL ||
        host->sample(host->context, METRIC_RATE, -1) != -EINVAL)
        return -EPROTO;
    if (host->sample(host->context, METRIC_RATE, (double)n / ((double)(last - first) / 1e9)) < 0 ||
        host->sample(host->context, METRIC_RATE, 1) != -EINVAL)
        return -EPROTO;
    return host->distribution(host->context, METRIC_TIME, times, n);
}

static int serve(const struct vms_host *host, const union vms_value *values, struct vms_error *error) {
    char word[8];

    (void)error;
    for (uint64_t turn = 0; turn < values[PARAM_TURNS].count; turn++) {
        ssize_t got = host->get(host->context, word, sizeof(word), host->now(host->context) + 10000000000);

        if (got < 0)
            return (int)got;
        if (host->put(host->context, "pong", 4, UINT64_MAX) < 0)
            return -EIO;
    }
    return 0;
}

static const struct vms_module module = {VMS_MODULE_ABI,        .name = "turns",
                                         .summary = "Turns.",   .resource = VMS_NETWORK,
                                         .workload_version = 1, .needs = VMS_NEEDS_PEER,
                                         .params = params,      .n_params = VMS_LENGTH(params),
                                         .metrics = metrics,    .n_metrics = VMS_LENGTH(metrics),
                                         .prepare = prepare,    .measure = measure,
                                         .serve = serve};

static void run__both_halves_talk(void **state) {
    /* 63 bytes of a key that is longer. */
    static const char key[] = "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk...";
    struct vms_fake_host *fake = vms_fake_host_new(&module);
    struct vms_error error = {""};
    size_t n = 0;

    (void)state;
    vms_fake_host_set(fake, "turns", "9");
    assert_int_equal(vms_fake_host_run(fake, &error), 0);
    assert_true(vms_fake_host_value(fake, "rate") > 0);
    assert_non_null(vms_fake_host_values(fake, "time", &n));
    assert_int_equal(n, 9);
    assert_null(vms_fake_host_log(fake, 0));
    assert_string_equal(vms_fake_host_fact(fake, "seed"), "42");
    assert_string_equal(vms_fake_host_fact(fake, "turns"), "done");
    assert_int_equal(strlen(key), 63);
    assert_non_null(vms_fake_host_fact(fake, key));
    assert_int_equal(strlen(vms_fake_host_fact(fake, key)), 255);
    assert_null(vms_fake_host_fact(fake, "other"));
    vms_fake_host_free(fake);
}

static void run__follows_its_scripts(void **state) {
    static const uint64_t times_ns[] = {5000, 6000, 9000};
    struct vms_fake_host *fake = vms_fake_host_new(&module);
    struct vms_error error = {""};
    const double *values;
    size_t n = 0;

    (void)state;
    vms_fake_host_set_clock(fake, times_ns, VMS_LENGTH(times_ns));
    vms_fake_host_answer(fake, "pong", 4);
    vms_fake_host_answer(fake, "nope", 4);
    for (int trial = 0; trial < 2; trial++) {
        assert_int_equal(vms_fake_host_run(fake, &error), 0);
        assert_int_equal(vms_fake_host_n_metrics(fake), 2);
        assert_string_equal(vms_fake_host_metric(fake, 0), "rate");
        assert_null(vms_fake_host_metric(fake, 2));
        assert_true(fabs(vms_fake_host_value(fake, "rate") - 2 / 4e-6) < 1);
        values = vms_fake_host_values(fake, "time", &n);
        assert_int_equal(n, 2);
        assert_true(fabs(values[0] - 1e-6) < 1e-15 && fabs(values[1] - 3e-6) < 1e-15);
        assert_true(fabs(vms_fake_host_value(fake, "time") - 2e-6) < 1e-15);
        assert_memory_equal(vms_fake_host_sent(fake, 1, &n), "ping", 4);
        assert_int_equal(n, 4);
        assert_null(vms_fake_host_sent(fake, 2, &n));
        assert_string_equal(vms_fake_host_log(fake, 0), "another word came back");
        assert_null(vms_fake_host_log(fake, 1));
    }
    vms_fake_host_set(fake, "turns", "3");
    assert_int_equal(vms_fake_host_run(fake, &error), -ECONNRESET);
    assert_true(isnan(vms_fake_host_value(fake, "rate")));
    assert_null(vms_fake_host_values(fake, "time", &n));
    vms_fake_host_free(fake);
}

static void run__stops_where_the_script_says(void **state) {
    struct vms_fake_host *fake = vms_fake_host_new(&module);
    struct vms_error error = {""};

    (void)state;
    vms_fake_host_answer(fake, "pong", 4);
    vms_fake_host_stop_at(fake, 2);
    assert_int_equal(vms_fake_host_run(fake, &error), -ECANCELED);
    assert_int_equal(vms_fake_host_n_stop(fake), 2);
    assert_int_equal(vms_fake_host_n_now(fake), 2);
    vms_fake_host_free(fake);
}

static void serve__alone(void **state) {
    struct vms_fake_host *fake = vms_fake_host_new(&module);
    struct vms_error error = {""};
    size_t length = 0;

    (void)state;
    vms_fake_host_answer(fake, "ping", 4);
    assert_int_equal(vms_fake_host_serve(fake, &error), -ECONNRESET);
    vms_fake_host_answer(fake, "ping", 4);
    assert_int_equal(vms_fake_host_serve(fake, &error), 0);
    assert_memory_equal(vms_fake_host_sent(fake, 1, &length), "pong", 4);
    vms_fake_host_free(fake);
}

/* Whether a child that does this ends by abort(). */
static bool aborts(void (*act)(void)) {
    int status = 0;
    pid_t child = fork();

    if (child == 0) {
        (void)signal(SIGABRT, SIG_DFL);
        act();
        _exit(0);
    }
    (void)waitpid(child, &status, 0);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void use_unknown_parameter(void) {
    vms_fake_host_set(vms_fake_host_new(&module), "trun", "1");
}

static void use_value_out_of_limits(void) {
    vms_fake_host_set(vms_fake_host_new(&module), "turns", "10");
}

static void use_table_that_breaks_a_rule(void) {
    struct vms_module broken = module;

    broken.workload_version = 0;
    vms_fake_host_free(vms_fake_host_new(&broken));
}

static void use_module(void) {
    vms_fake_host_free(vms_fake_host_new(&module));
}

static void wrong_use_aborts(void **state) {
    (void)state;
    assert_true(aborts(use_unknown_parameter));
    assert_true(aborts(use_value_out_of_limits));
    assert_true(aborts(use_table_that_breaks_a_rule));
    assert_false(aborts(use_module));
    vms_fake_host_free(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(run__both_halves_talk),
                                       cmocka_unit_test(run__follows_its_scripts),
                                       cmocka_unit_test(run__stops_where_the_script_says),
                                       cmocka_unit_test(serve__alone), cmocka_unit_test(wrong_use_aborts)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
