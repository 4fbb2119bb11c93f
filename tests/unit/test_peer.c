/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A client and a peer together over loopback: the peer runs in a process of its own, as `serve` has it. */
#include "client.h"
#include "server.h"

#include "clock.h"
#include "handshake.h"
#include "loader.h"
#include "net.h"
#include "outcome.h"
#include "param.h"

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

#define TEXTS_MAX 8

static struct module_list modules;
static volatile int stop;

struct bench {
    pid_t pid;
    struct peer_address address;
    const struct vms_module *module;
    char *texts[TEXTS_MAX];
    struct peer_client *client;
    struct vms_error error;
};

/* What a module sees; its first member is what peer_client_lend asks for. */
struct bench_context {
    struct peer_client *client;
    double value;
};

static uint64_t after(double seconds) {
    return clock_now_ns() + (uint64_t)(seconds * (double)NS_PER_S);
}

static void on_stop(int number) {
    (void)number;
    stop = stop + 1;
}

static void start_peer(struct bench *bench, struct server_options options) {
    int fd = -1;

    options.bind = "127.0.0.1";
    options.modules = &modules;
    assert_int_equal(server_listen(&options, &fd, &bench->address.port, &bench->error), 0);
    bench->address.token = options.token;
    (void)signal(SIGTERM, on_stop); /* from the peer's first moment on */
    bench->pid = fork();
    if (bench->pid == 0)
        _exit(server_run(&options, fd, &stop, NULL) < 0);
    (void)signal(SIGTERM, SIG_DFL);
    assert_true(bench->pid > 0);
    (void)close(fd);
}

static void set_text(struct bench *bench, const char *name, const char *text) {
    int row = param_find(bench->module, name);

    assert_true(row >= 0);
    bench->texts[row] = (char *)(uintptr_t)text;
}

static struct bench *new_bench(void) {
    struct bench *bench = calloc(1, sizeof(*bench));

    assert_non_null(bench);
    bench->module = module_list_find(&modules, "testecho");
    assert_non_null(bench->module);
    for (size_t i = 0; i < bench->module->n_params; i++)
        bench->texts[i] = (char *)(uintptr_t)bench->module->params[i].fallback;
    (void)snprintf(bench->address.host, sizeof(bench->address.host), "localhost");
    return bench;
}

static int setup(void **state) {
    struct bench *bench = new_bench();
    struct server_options options = {.max_sessions = 4};

    token_random(&options.token);
    start_peer(bench, options);
    *state = bench;
    return 0;
}

/* The peer ends when it is told to, and well. */
static int teardown(void **state) {
    struct bench *bench = *state;
    int status = 0;

    peer_client_close(bench->client);
    (void)kill(bench->pid, SIGTERM);
    assert_int_equal(waitpid(bench->pid, &status, 0), bench->pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    free(bench);
    return 0;
}

static int open_client(struct bench *bench) {
    return peer_client_open(&bench->address, bench->module, bench->texts, 7, after(10), &bench->client,
                            &bench->error);
}

static uint64_t host_now(void *context) {
    (void)context;
    return clock_now_ns();
}

static int host_sample(void *context, unsigned metric, double value) {
    (void)metric;
    ((struct bench_context *)context)->value = value;
    return 0;
}

/* One trial, as the runner does it. Returns the client half's status; *ret_peer is the other half's. */
static int run_trial(struct bench *bench, double limit_s, int *ret_peer, double *ret_value) {
    struct bench_context context = {.client = bench->client};
    struct vms_host host = {
        .size = sizeof(host), .context = &context, .now = host_now, .sample = host_sample};
    union vms_value values[TEXTS_MAX];
    struct vms_error error = {""};
    int status;

    for (size_t i = 0; i < bench->module->n_params; i++)
        assert_int_equal(param_parse(&bench->module->params[i], bench->texts[i], &values[i], &error), 0);
    peer_client_lend(bench->client, &host);
    if ((status = peer_client_begin(bench->client, limit_s, &bench->error)) < 0) {
        *ret_peer = status;
        return status;
    }
    status = bench->module->measure(&host, values, NULL, &error);
    *ret_peer = peer_client_end(bench->client, after(10), &bench->error);
    *ret_value = context.value;
    return status;
}

static void assert_trial_ok(struct bench *bench, double echoes) {
    double value = 0;
    int peer = -1;

    assert_int_equal(run_trial(bench, 10, &peer, &value), 0);
    assert_int_equal(peer, 0);
    assert_true(value == echoes);
}

static void peer__trials(void **state) {
    struct bench *bench = *state;

    set_text(bench, "messages", "100");
    assert_int_equal(open_client(bench), 0);
    assert_string_equal(peer_client_path(bench->client), "loopback");
    for (unsigned i = 0; i < 5; i++)
        assert_trial_ok(bench, 100);
}

static void peer__largest_message(void **state) {
    struct bench *bench = *state;

    set_text(bench, "size", "64KiB");
    assert_int_equal(open_client(bench), 0);
    assert_trial_ok(bench, 3);
}

static void peer__sessions_side_by_side(void **state) {
    struct bench *bench = *state, other = *bench;

    assert_int_equal(open_client(bench), 0);
    assert_int_equal(open_client(&other), 0);
    assert_trial_ok(bench, 3);
    assert_trial_ok(&other, 3);
    assert_trial_ok(bench, 3);
    peer_client_close(other.client);
}

static void peer__wrong_token(void **state) {
    struct bench *bench = *state;

    bench->address.token.key[0] ^= 1;
    assert_int_equal(open_client(bench), -EACCES);
    assert_non_null(strstr(bench->error.text, "the token is not the one"));
}

static void peer__no_token(void **state) {
    struct bench *bench = *state;

    token_done(&bench->address.token);
    assert_int_equal(open_client(bench), -EACCES);
    assert_non_null(strstr(bench->error.text, "requires a token"));
}

/* A peer that asks for no proof might be anybody: with a token configured, it is not talked to. */
static void peer__unguarded_peer_refused(void **state) {
    struct bench *bench = new_bench();

    start_peer(bench, (struct server_options){.max_sessions = 4});
    assert_int_equal(open_client(bench), 0);
    peer_client_close(bench->client);
    bench->client = NULL;
    token_random(&bench->address.token);
    assert_int_equal(open_client(bench), -EACCES);
    assert_non_null(strstr(bench->error.text, "impostor"));
    *state = bench;
    (void)teardown(state);
}

static void peer__unknown_module(void **state) {
    struct bench *bench = *state;
    struct vms_module module = *bench->module;

    module.name = "nosuch";
    bench->module = &module;
    assert_int_equal(open_client(bench), -ENOENT);
    assert_non_null(strstr(bench->error.text, "\"nosuch\""));
    module.name = "testgood"; /* there, but one-sided */
    assert_int_equal(open_client(bench), -ENOENT);
}

static void peer__other_workload(void **state) {
    struct bench *bench = *state;
    struct vms_module module = *bench->module;

    module.workload_version = 2;
    bench->module = &module;
    assert_int_equal(open_client(bench), -EPROTO);
    assert_non_null(strstr(bench->error.text, "workload version 1 on the peer and 2 here"));
}

static void peer__parameter_refused(void **state) {
    struct bench *bench = *state;
    struct vms_param params[TEXTS_MAX];
    struct vms_module module = *bench->module;

    set_text(bench, "messages", "1000001");
    assert_int_equal(open_client(bench), -EINVAL);
    assert_non_null(strstr(bench->error.text, "messages"));
    set_text(bench, "messages", "3");
    memcpy(params, module.params, module.n_params * sizeof(params[0]));
    params[0].name = "nosuch";
    module.params = params;
    bench->module = &module;
    assert_int_equal(open_client(bench), -EINVAL);
    assert_non_null(strstr(bench->error.text, "no parameter \"nosuch\""));
}

static void peer__nobody_there(void **state) {
    struct bench *bench = *state;
    struct peer_address saved = bench->address;

    bench->address.port = 1;
    assert_int_equal(open_client(bench), -ECONNREFUSED);
    assert_non_null(strstr(bench->error.text, "127.0.0.1 port 1"));
    (void)snprintf(bench->address.host, sizeof(bench->address.host), "no-such-host.invalid");
    assert_int_equal(open_client(bench), -EHOSTUNREACH);
    bench->address = saved;
}

static void assert_peer_half(struct bench *bench, const char *deed, double limit_s, int expected,
                             const char *sentence) {
    double value = 0;
    int peer = 0;

    set_text(bench, "peer_does", deed);
    assert_int_equal(open_client(bench), 0);
    assert_true(run_trial(bench, limit_s, &peer, &value) < 0);
    assert_int_equal(peer, expected);
    if (!strstr(bench->error.text, sentence))
        fail_msg("\"%s\" lacks \"%s\"", bench->error.text, sentence);
    peer_client_close(bench->client);
    bench->client = NULL;
}

static void peer__half_fails(void **state) {
    assert_peer_half(*state, "fail", 10, -EREMOTEIO, "the peer's half fails?[31m as it was told");
    assert_peer_half(*state, "refuse", 10, -ENOTSUP, "not on this peer");
}

static void peer__half_crashes(void **state) {
    assert_peer_half(*state, "crash", 10, -EREMOTEIO, "signal 9");
}

static void peer__half_leaves_early(void **state) {
    struct bench *bench = *state;
    double value = 0;
    int peer = -1;

    set_text(bench, "peer_does", "leave");
    assert_int_equal(open_client(bench), 0);
    assert_int_equal(run_trial(bench, 10, &peer, &value), -ECONNRESET);
    assert_int_equal(peer, 0);
    assert_int_equal(run_trial(bench, 10, &peer, &value), -ECONNRESET); /* the session goes on */
}

static void peer__half_hangs(void **state) {
    struct bench *bench = *state;

    assert_peer_half(bench, "hang", 0.05, -ETIMEDOUT, "did not end within");
    set_text(bench, "peer_does", "echo");
    assert_int_equal(open_client(bench), 0);
    assert_trial_ok(bench, 3);
}

/* Dies without a word: the client's half learns of it in `get`, and the session's end is told. */
static void peer__dies_in_trial(void **state) {
    struct bench *bench = *state;
    struct bench_context context = {0};
    struct vms_host host = {.context = &context};
    char byte;

    set_text(bench, "peer_does", "hang");
    assert_int_equal(open_client(bench), 0);
    context.client = bench->client;
    peer_client_lend(bench->client, &host);
    assert_int_equal(peer_client_begin(bench->client, 60, &bench->error), 0);
    assert_int_equal(host.put(&context, "0123456789abcdef", 16, after(5)), 0);
    assert_int_equal(kill(bench->pid, SIGKILL), 0);
    assert_int_equal(waitpid(bench->pid, NULL, 0), bench->pid);
    assert_int_equal(host.get(&context, &byte, 1, after(10)), -ECONNRESET);
    assert_int_equal(peer_client_end(bench->client, after(5), &bench->error), -ECONNRESET);
    peer_client_close(bench->client);
    free(bench);
}

/* A client that leaves while the peer's half is deaf takes that half with it. */
static void peer__client_leaves_in_trial(void **state) {
    struct bench *bench = *state;

    set_text(bench, "peer_does", "hang");
    for (unsigned i = 0; i < 8; i++) { /* more than there are sessions */
        unsigned tries = 0;

        while (open_client(bench) == -EBUSY && tries++ < 500)
            (void)usleep(10000);
        assert_non_null(bench->client);
        assert_int_equal(peer_client_begin(bench->client, 3600, &bench->error), 0);
        peer_client_close(bench->client);
        bench->client = NULL;
    }
}

static void peer__too_many_sessions(void **state) {
    struct bench *bench = *state;
    struct peer_client *clients[4];

    for (size_t i = 0; i < VMS_LENGTH(clients); i++) {
        assert_int_equal(open_client(bench), 0);
        clients[i] = bench->client;
    }
    assert_int_equal(open_client(bench), -EBUSY);
    assert_non_null(strstr(bench->error.text, "--max-sessions"));
    for (size_t i = 0; i < VMS_LENGTH(clients); i++)
        peer_client_close(clients[i]);
    bench->client = NULL;
}

/* SIGTERM lets the trial that runs end, and only that. */
static void peer__drains(void **state) {
    struct bench *bench = *state;
    struct bench_context context = {0};
    struct vms_host host = {.context = &context};
    char message[16];

    set_text(bench, "messages", "2");
    assert_int_equal(open_client(bench), 0);
    context.client = bench->client;
    peer_client_lend(bench->client, &host);
    assert_int_equal(peer_client_begin(bench->client, 60, &bench->error), 0);
    assert_int_equal(kill(bench->pid, SIGTERM), 0);
    (void)usleep(100000);
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(host.put(&context, host.cookie, sizeof(host.cookie), after(5)), 0);
        assert_int_equal(host.get(&context, message, sizeof(message), after(5)), sizeof(message));
    }
    assert_int_equal(peer_client_end(bench->client, after(5), &bench->error), 0);
    assert_true(peer_client_begin(bench->client, 60, &bench->error) < 0);
    assert_int_equal(peer_client_open(&bench->address, bench->module, bench->texts, 7, after(5),
                                      &bench->client, &bench->error),
                     -ECONNREFUSED);
}

static void peer__once(void **state) {
    struct bench *bench = new_bench();
    int status = -1;

    (void)state;
    start_peer(bench, (struct server_options){.max_sessions = 4, .once = true});
    assert_int_equal(open_client(bench), 0);
    assert_trial_ok(bench, 3);
    peer_client_close(bench->client);
    assert_int_equal(waitpid(bench->pid, &status, 0), bench->pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    free(bench);
}

/* Messages that the module never reads neither fill the memory nor hide the end. */
static void peer__half_chatters(void **state) {
    struct bench *bench = *state;
    double value = 0;
    int peer = 0;

    set_text(bench, "peer_does", "chatter");
    set_text(bench, "messages", "1");
    set_text(bench, "size", "1024");
    assert_int_equal(open_client(bench), 0);
    assert_int_equal(run_trial(bench, 0.5, &peer, &value), -EBADMSG);
    assert_int_equal(peer, -ETIMEDOUT);
}

static void peer__good_clock(void **state) {
    struct bench *bench = *state;
    const struct clock_offset *clock;

    set_text(bench, "pause", "400ms");
    assert_int_equal(open_client(bench), 0);
    assert_true(isnan(peer_client_clock(bench->client)->rate_ppm));
    assert_trial_ok(bench, 3);
    clock = peer_client_clock(bench->client);
    assert_false(clock->flagged);
    assert_true(clock->n >= 4 + 3); /* before and after, and some between */
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
    struct bench *bench = new_bench();
    const struct clock_offset *clock;

    start_peer(bench, (struct server_options){.max_sessions = 4, .now = fast_clock});
    set_text(bench, "pause", "400ms");
    assert_int_equal(open_client(bench), 0);
    assert_trial_ok(bench, 3);
    clock = peer_client_clock(bench->client);
    assert_true(clock->flagged);
    assert_true(fabs(clock->rate_ppm - 20000) <= clock->rate_bound_ppm);
    *state = bench;
    (void)teardown(state);
}

static void peer__token_off_loopback(void **state) {
    struct server_options options = {.bind = "*", .max_sessions = 1};
    struct vms_error error;
    uint16_t port = 0;
    int fd = -1;

    (void)state;
    assert_int_equal(server_listen(&options, &fd, &port, &error), -EACCES);
    assert_non_null(strstr(error.text, "--token-file"));
    assert_int_equal(fd, -1);
    token_random(&options.token);
    assert_int_equal(server_listen(&options, &fd, &port, &error), 0);
    assert_true(port > 0);
    (void)close(fd);
}

static int load_modules(void **state) {
    struct vms_error error;
    char path[4096];

    (void)state;
    (void)snprintf(path, sizeof(path), "%s/tests/fakes/plugins", getenv("VMSUITE_BUILD"));
    return loader_list(path, &modules, &error);
}

static int unload_modules(void **state) {
    (void)state;
    module_list_done(&modules);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(peer__trials, setup, teardown),
        cmocka_unit_test_setup_teardown(peer__largest_message, setup, teardown),
        cmocka_unit_test_setup_teardown(peer__sessions_side_by_side, setup, teardown),
        cmocka_unit_test_setup_teardown(peer__wrong_token, setup, teardown),
        cmocka_unit_test_setup_teardown(peer__no_token, setup, teardown),
        cmocka_unit_test(peer__unguarded_peer_refused),
        cmocka_unit_test_setup_teardown(peer__unknown_module, setup, teardown),
        cmocka_unit_test_setup_teardown(peer__other_workload, setup, teardown),
        cmocka_unit_test_setup_teardown(peer__parameter_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(peer__nobody_there, setup, teardown),
        cmocka_unit_test_setup_teardown(peer__half_fails, setup, teardown),
        cmocka_unit_test_setup_teardown(peer__half_crashes, setup, teardown),
        cmocka_unit_test_setup_teardown(peer__half_leaves_early, setup, teardown),
        cmocka_unit_test_setup_teardown(peer__half_hangs, setup, teardown),
        cmocka_unit_test_setup(peer__dies_in_trial, setup),
        cmocka_unit_test_setup_teardown(peer__client_leaves_in_trial, setup, teardown),
        cmocka_unit_test_setup_teardown(peer__too_many_sessions, setup, teardown),
        cmocka_unit_test_setup_teardown(peer__drains, setup, teardown),
        cmocka_unit_test_setup_teardown(peer__half_chatters, setup, teardown),
        cmocka_unit_test_setup_teardown(peer__good_clock, setup, teardown),
        cmocka_unit_test(peer__fast_clock),
        cmocka_unit_test(peer__once),
        cmocka_unit_test(peer__token_off_loopback),
    };

    return cmocka_run_group_tests(tests, load_modules, unload_modules);
}
