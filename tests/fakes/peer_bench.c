/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fakes/peer_bench.h"

#include "base/clock.h"
#include "module/param.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static struct module_list modules;
static volatile int stop;

uint64_t peer_after(double seconds) {
    return clock_now_ns() + (uint64_t)(seconds * (double)NS_PER_S);
}

static void on_stop(int number) {
    (void)number;
    stop = stop + 1;
}

void peer_start(struct peer_bench *bench, struct server_options options) {
    int fd = -1;

    options.bind = "127.0.0.1";
    options.modules = &modules;
    if (!options.token.present)
        token_random(&options.token);
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

void peer_set_text(struct peer_bench *bench, const char *name, const char *text) {
    int row = param_find(bench->module, name);

    assert_true(row >= 0);
    bench->texts[row] = (char *)(uintptr_t)text;
}

struct peer_bench *peer_bench_new(void) {
    struct peer_bench *bench = calloc(1, sizeof(*bench));

    assert_non_null(bench);
    bench->module = module_list_find(&modules, "testecho");
    assert_non_null(bench->module);
    for (size_t i = 0; i < bench->module->n_params; i++)
        bench->texts[i] = (char *)(uintptr_t)bench->module->params[i].fallback;
    (void)snprintf(bench->address.host, sizeof(bench->address.host), "localhost");
    return bench;
}

int peer_setup(void **state) {
    struct peer_bench *bench = peer_bench_new();
    struct server_options options = {.max_sessions = 4};

    token_random(&options.token);
    peer_start(bench, options);
    *state = bench;
    return 0;
}

/* The peer ends when it is told to, and well. */
int peer_teardown(void **state) {
    struct peer_bench *bench = *state;
    int status = 0;

    peer_client_close(bench->client);
    (void)kill(bench->pid, SIGTERM);
    assert_int_equal(waitpid(bench->pid, &status, 0), bench->pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    free(bench);
    return 0;
}

int peer_open_client(struct peer_bench *bench) {
    const struct peer_work work = {bench->module, bench->texts, 7};

    return peer_client_open(&bench->address, &work, peer_after(60), &bench->client, &bench->error);
}

static uint64_t host_now(void *context) {
    (void)context;
    return clock_now_ns();
}

static int host_sample(void *context, unsigned metric, double value) {
    (void)metric;
    ((struct peer_bench_context *)context)->value = value;
    return 0;
}

/* One trial, as the runner does it. Returns the client half's status; *ret_peer is the other half's. */
int peer_run_trial(struct peer_bench *bench, double limit_s, int *ret_peer, double *ret_value) {
    struct peer_bench_context context = {.client = bench->client};
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
    *ret_peer = peer_client_end(bench->client, peer_after(60), &bench->error);
    *ret_value = context.value;
    return status;
}

void peer_assert_trial_ok(struct peer_bench *bench, double echoes) {
    double value = 0;
    int peer = -1;

    assert_int_equal(peer_run_trial(bench, 10, &peer, &value), 0);
    assert_int_equal(peer, 0);
    assert_true(value == echoes);
}

int peer_load_modules(void **state) {
    struct vms_error error;
    char path[4096];

    (void)state;
    (void)snprintf(path, sizeof(path), "%s/tests/fakes/plugins", getenv("VMSUITE_BUILD"));
    return loader_list(path, NULL, &modules, &error);
}

int peer_unload_modules(void **state) {
    (void)state;
    module_list_done(&modules);
    return 0;
}
