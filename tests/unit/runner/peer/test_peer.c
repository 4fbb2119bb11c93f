/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A client and a peer together over loopback: the peer runs in a process of its own, as `serve` has it. */
#include "fakes/peer_bench.h"

#include "base/clock.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void peer__trials(void **state) {
    struct peer_bench *bench = *state;

    peer_set_text(bench, "messages", "100");
    assert_int_equal(peer_open_client(bench), 0);
    assert_true(peer_client_path(bench->client)->local);
    assert_memory_equal(peer_client_path(bench->client), peer_client_far_path(bench->client),
                        sizeof(struct peer_path));
    for (unsigned i = 0; i < 5; i++)
        peer_assert_trial_ok(bench, 100);
}

static void peer__largest_message(void **state) {
    struct peer_bench *bench = *state;

    peer_set_text(bench, "size", "64KiB");
    assert_int_equal(peer_open_client(bench), 0);
    peer_assert_trial_ok(bench, 3);
}

static void peer__sessions_side_by_side(void **state) {
    struct peer_bench *bench = *state, other = *bench;

    assert_int_equal(peer_open_client(bench), 0);
    assert_int_equal(peer_open_client(&other), 0);
    peer_assert_trial_ok(bench, 3);
    peer_assert_trial_ok(&other, 3);
    peer_assert_trial_ok(bench, 3);
    peer_client_close(other.client);
}

static void peer__wrong_token(void **state) {
    struct peer_bench *bench = *state;

    bench->address.token.key[0] ^= 1;
    assert_int_equal(peer_open_client(bench), -EACCES);
    assert_non_null(strstr(bench->error.text, "the token is not the one"));
}

static void peer__no_token(void **state) {
    struct peer_bench *bench = *state;

    token_done(&bench->address.token);
    assert_int_equal(peer_open_client(bench), -EACCES);
    assert_non_null(strstr(bench->error.text, "requires a token"));
}

static void peer__unknown_module(void **state) {
    struct peer_bench *bench = *state;
    struct vms_module module = *bench->module;

    module.name = "nosuch";
    bench->module = &module;
    assert_int_equal(peer_open_client(bench), -ENOENT);
    assert_non_null(strstr(bench->error.text, "\"nosuch\""));
    module.name = "testgood"; /* there, but one-sided */
    assert_int_equal(peer_open_client(bench), -ENOENT);
}

static void peer__other_workload(void **state) {
    struct peer_bench *bench = *state;
    struct vms_module module = *bench->module;

    module.workload_version = 2;
    bench->module = &module;
    assert_int_equal(peer_open_client(bench), -EPROTO);
    assert_non_null(strstr(bench->error.text, "workload version 1 on the peer and 2 here"));
}

static void peer__parameter_refused(void **state) {
    struct peer_bench *bench = *state;
    struct vms_param params[TEXTS_MAX];
    struct vms_module module = *bench->module;

    peer_set_text(bench, "messages", "1000001");
    assert_int_equal(peer_open_client(bench), -EINVAL);
    assert_non_null(strstr(bench->error.text, "messages"));
    peer_set_text(bench, "messages", "3");
    memcpy(params, module.params, module.n_params * sizeof(params[0]));
    params[0].name = "nosuch";
    module.params = params;
    bench->module = &module;
    assert_int_equal(peer_open_client(bench), -EINVAL);
    assert_non_null(strstr(bench->error.text, "no parameter \"nosuch\""));
}

static void peer__nobody_there(void **state) {
    struct peer_bench *bench = *state;
    struct peer_address saved = bench->address;

    bench->address.port = 1;
    assert_int_equal(peer_open_client(bench), -ECONNREFUSED);
    assert_non_null(strstr(bench->error.text, "127.0.0.1 port 1"));
    (void)snprintf(bench->address.host, sizeof(bench->address.host), "no-such-host.invalid");
    assert_int_equal(peer_open_client(bench), -EHOSTUNREACH);
    bench->address = saved;
}

static void assert_peer_half(struct peer_bench *bench, const char *deed, double limit_s, int expected,
                             const char *sentence) {
    double value = 0;
    int peer = 0;

    peer_set_text(bench, "peer_does", deed);
    assert_int_equal(peer_open_client(bench), 0);
    assert_true(peer_run_trial(bench, limit_s, &peer, &value) < 0);
    assert_int_equal(peer, expected);
    if (!strstr(bench->error.text, sentence))
        fail_msg("\"%s\" lacks \"%s\"", bench->error.text, sentence);
    peer_client_close(bench->client);
    bench->client = NULL;
}

static void peer__half_fails(void **state) {
    assert_peer_half(*state, "fail", 10, -EREMOTEIO, "the peer's half fails\\x1b[31m as it was told");
    assert_peer_half(*state, "refuse", 10, -ENOTSUP, "not on this peer");
}

static void peer__half_crashes(void **state) {
    assert_peer_half(*state, "crash", 10, -EREMOTEIO, "signal 9");
}

static void peer__half_leaves_early(void **state) {
    struct peer_bench *bench = *state;
    double value = 0;
    int peer = -1;

    peer_set_text(bench, "peer_does", "leave");
    assert_int_equal(peer_open_client(bench), 0);
    assert_int_equal(peer_run_trial(bench, 10, &peer, &value), -ECONNRESET);
    assert_int_equal(peer, 0);
    assert_int_equal(peer_run_trial(bench, 10, &peer, &value), -ECONNRESET); /* the session goes on */
}

static void peer__half_hangs(void **state) {
    struct peer_bench *bench = *state;

    assert_peer_half(bench, "hang", 0.05, -ETIMEDOUT, "did not end within");
    peer_set_text(bench, "peer_does", "echo");
    assert_int_equal(peer_open_client(bench), 0);
    peer_assert_trial_ok(bench, 3);
}

/* Dies without a word: the client's half learns of it in `get`, and the session's end is told. */
static void peer__dies_in_trial(void **state) {
    struct peer_bench *bench = *state;
    struct peer_bench_context context = {0};
    struct vms_host host = {.context = &context};
    char byte;

    peer_set_text(bench, "peer_does", "hang");
    assert_int_equal(peer_open_client(bench), 0);
    context.client = bench->client;
    peer_client_lend(bench->client, &host);
    assert_int_equal(peer_client_begin(bench->client, 60, &bench->error), 0);
    assert_int_equal(host.put(&context, "0123456789abcdef", 16, peer_after(60)), 0);
    assert_int_equal(kill(bench->pid, SIGKILL), 0);
    assert_int_equal(waitpid(bench->pid, NULL, 0), bench->pid);
    assert_int_equal(host.get(&context, &byte, 1, peer_after(60)), -ECONNRESET);
    assert_int_equal(peer_client_end(bench->client, peer_after(60), &bench->error), -ECONNRESET);
    peer_client_close(bench->client);
    free(bench);
}

/* A client that leaves while the peer's half is deaf takes that half with it. */
static void peer__client_leaves_in_trial(void **state) {
    struct peer_bench *bench = *state;

    peer_set_text(bench, "peer_does", "hang");
    for (unsigned i = 0; i < 8; i++) { /* more than there are sessions */
        unsigned tries = 0;

        while (peer_open_client(bench) == -EBUSY && tries++ < 6000)
            (void)usleep(10000);
        assert_non_null(bench->client);
        assert_int_equal(peer_client_begin(bench->client, 3600, &bench->error), 0);
        peer_client_close(bench->client);
        bench->client = NULL;
    }
}

static void peer__too_many_sessions(void **state) {
    struct peer_bench *bench = *state;
    struct peer_client *clients[4];

    for (size_t i = 0; i < VMS_LENGTH(clients); i++) {
        assert_int_equal(peer_open_client(bench), 0);
        clients[i] = bench->client;
    }
    assert_int_equal(peer_open_client(bench), -EBUSY);
    assert_non_null(strstr(bench->error.text, "--max-sessions"));
    for (size_t i = 0; i < VMS_LENGTH(clients); i++)
        peer_client_close(clients[i]);
    bench->client = NULL;
}

/* SIGTERM lets the trial that runs end, and only that. */
static void peer__drains(void **state) {
    struct peer_bench *bench = *state;
    struct peer_bench_context context = {0};
    struct vms_host host = {.context = &context};
    siginfo_t ended;
    char message[16];

    peer_set_text(bench, "messages", "2");
    assert_int_equal(peer_open_client(bench), 0);
    context.client = bench->client;
    peer_client_lend(bench->client, &host);
    assert_int_equal(peer_client_begin(bench->client, 60, &bench->error), 0);
    assert_int_equal(kill(bench->pid, SIGTERM), 0);
    (void)usleep(100000);
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(host.put(&context, host.cookie, sizeof(host.cookie), peer_after(60)), 0);
        assert_int_equal(host.get(&context, message, sizeof(message), peer_after(60)), sizeof(message));
    }
    assert_int_equal(peer_client_end(bench->client, peer_after(60), &bench->error), 0);
    /* It has said why and closed. */
    assert_int_equal(waitid(P_PID, (id_t)bench->pid, &ended, WEXITED | WNOWAIT), 0);
    assert_int_equal(peer_client_begin(bench->client, 60, &bench->error), -ECONNABORTED);
    assert_non_null(strstr(bench->error.text, "the peer is being stopped"));
    assert_int_equal(peer_open_client(bench), -ECONNREFUSED);
}

static void peer__once(void **state) {
    struct peer_bench *bench = peer_bench_new();
    int status = -1;

    (void)state;
    peer_start(bench, (struct server_options){.max_sessions = 4, .once = true});
    assert_int_equal(peer_open_client(bench), 0);
    peer_assert_trial_ok(bench, 3);
    peer_client_close(bench->client);
    assert_int_equal(waitpid(bench->pid, &status, 0), bench->pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    free(bench);
}

/* Messages that the module never reads neither fill the memory nor hide the end. */
static void peer__half_chatters(void **state) {
    struct peer_bench *bench = *state;
    double value = 0;
    int peer = 0;

    peer_set_text(bench, "peer_does", "chatter");
    peer_set_text(bench, "messages", "1");
    peer_set_text(bench, "size", "1024");
    assert_int_equal(peer_open_client(bench), 0);
    assert_int_equal(peer_run_trial(bench, 0.5, &peer, &value), -EBADMSG);
    assert_int_equal(peer, -ETIMEDOUT);
}

static void peer__good_clock(void **state) {
    struct peer_bench *bench = *state;
    const struct clock_offset *clock;

    peer_set_text(bench, "pause", "400ms");
    assert_int_equal(peer_open_client(bench), 0);
    assert_true(isnan(peer_client_clock(bench->client)->rate_ppm));
    peer_assert_trial_ok(bench, 3);
    clock = peer_client_clock(bench->client);
    assert_false(clock->flagged);
    assert_true(clock->n >= 4 + 3); /* before and peer_after, and some between */
    assert_true(fabs(clock->rate_ppm) <= clock->rate_bound_ppm);
    assert_true(fabs(clock->offset_s) <= clock->offset_bound_s + 1e-3); /* it is the same clock */
}

static uint64_t fast_clock(void) {
    static uint64_t start_ns;

    if (start_ns == 0)
        start_ns = clock_now_ns();
    return start_ns + (clock_now_ns() - start_ns) / 100 * 102;
}

/* A guest whose clock runs 2% fast is found out, and the figure is right within its own bound. */
static void peer__fast_clock(void **state) {
    struct peer_bench *bench = peer_bench_new();
    const struct clock_offset *clock;

    peer_start(bench, (struct server_options){.max_sessions = 4, .now = fast_clock});
    peer_set_text(bench, "pause", "400ms");
    assert_int_equal(peer_open_client(bench), 0);
    peer_assert_trial_ok(bench, 3);
    clock = peer_client_clock(bench->client);
    assert_true(clock->flagged);
    assert_true(fabs(clock->rate_ppm - 20000) <= clock->rate_bound_ppm);
    *state = bench;
    (void)peer_teardown(state);
}

/* Loopback is no exception: every user of the machine reaches it. */
static void peer__token_always(void **state) {
    struct server_options options = {.bind = "127.0.0.1", .max_sessions = 1};
    struct vms_error error;
    uint16_t port = 0;
    int fd = -1;

    (void)state;
    assert_int_equal(server_listen(&options, &fd, &port, &error), -EACCES);
    options.bind = "*";
    assert_int_equal(server_listen(&options, &fd, &port, &error), -EACCES);
    assert_non_null(strstr(error.text, "--token-file"));
    assert_int_equal(fd, -1);
    token_random(&options.token);
    assert_int_equal(server_listen(&options, &fd, &port, &error), 0);
    assert_true(port > 0);
    (void)close(fd);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(peer__trials, peer_setup, peer_teardown),
        cmocka_unit_test_setup_teardown(peer__largest_message, peer_setup, peer_teardown),
        cmocka_unit_test_setup_teardown(peer__sessions_side_by_side, peer_setup, peer_teardown),
        cmocka_unit_test_setup_teardown(peer__wrong_token, peer_setup, peer_teardown),
        cmocka_unit_test_setup_teardown(peer__no_token, peer_setup, peer_teardown),
        cmocka_unit_test_setup_teardown(peer__unknown_module, peer_setup, peer_teardown),
        cmocka_unit_test_setup_teardown(peer__other_workload, peer_setup, peer_teardown),
        cmocka_unit_test_setup_teardown(peer__parameter_refused, peer_setup, peer_teardown),
        cmocka_unit_test_setup_teardown(peer__nobody_there, peer_setup, peer_teardown),
        cmocka_unit_test_setup_teardown(peer__half_fails, peer_setup, peer_teardown),
        cmocka_unit_test_setup_teardown(peer__half_crashes, peer_setup, peer_teardown),
        cmocka_unit_test_setup_teardown(peer__half_leaves_early, peer_setup, peer_teardown),
        cmocka_unit_test_setup_teardown(peer__half_hangs, peer_setup, peer_teardown),
        cmocka_unit_test_setup(peer__dies_in_trial, peer_setup),
        cmocka_unit_test_setup_teardown(peer__client_leaves_in_trial, peer_setup, peer_teardown),
        cmocka_unit_test_setup_teardown(peer__too_many_sessions, peer_setup, peer_teardown),
        cmocka_unit_test_setup_teardown(peer__drains, peer_setup, peer_teardown),
        cmocka_unit_test_setup_teardown(peer__half_chatters, peer_setup, peer_teardown),
        cmocka_unit_test_setup_teardown(peer__good_clock, peer_setup, peer_teardown),
        cmocka_unit_test(peer__fast_clock),
        cmocka_unit_test(peer__once),
        cmocka_unit_test(peer__token_always),
    };

    return cmocka_run_group_tests(tests, peer_load_modules, peer_unload_modules);
}
