/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A client and a peer together over loopback: the peer runs in a process of its own, as `serve` has it. */
#ifndef VMSUITE_TESTS_FAKES_PEER_BENCH_H
#define VMSUITE_TESTS_FAKES_PEER_BENCH_H

#include "module/loader.h"
#include "peer/client/client.h"
#include "peer/server/server.h"

#define TEXTS_MAX 8

struct peer_bench {
    pid_t pid;
    struct peer_address address;
    const struct vms_module *module;
    char *texts[TEXTS_MAX];
    struct peer_client *client;
    struct vms_error error;
};

/* What a module sees; its first member is what peer_client_lend asks for. */
struct peer_bench_context {
    struct peer_client *client;
    double value;
};

/* Seconds from now, as a deadline. */
uint64_t peer_after(double seconds);
/* Starts the peer's process on a free port; it ends at SIGTERM. */
void peer_start(struct peer_bench *bench, struct server_options options);
/* Sets a parameter of the session's module, as a user would type it. */
void peer_set_text(struct peer_bench *bench, const char *name, const char *text);
/* A bench for the module `testecho`, without a peer. */
struct peer_bench *peer_bench_new(void);
/* A bench with a peer that wants a token, and its end. */
int peer_setup(void **state);
int peer_teardown(void **state);
int peer_open_client(struct peer_bench *bench);
/* One trial, as the runner does it. Returns the client half's status; *ret_peer is the other half's. */
int peer_run_trial(struct peer_bench *bench, double limit_s, int *ret_peer, double *ret_value);
void peer_assert_trial_ok(struct peer_bench *bench, double echoes);
/* For the group: the test plug-ins. */
int peer_load_modules(void **state);
int peer_unload_modules(void **state);

#endif
