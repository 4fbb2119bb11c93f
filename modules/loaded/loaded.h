/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The loaded module's tables, and what its files ask of each other. */
#ifndef VMSUITE_MODULES_LOADED_LOADED_H
#define VMSUITE_MODULES_LOADED_LOADED_H

#include "shared/net/affinity.h"
#include "shared/net/control.h"
#include "shared/net/error.h"
#include "shared/net/report.h"
#include "shared/tcp/connect.h"
#include "shared/tcp/worker.h"

enum loaded_param {
    LOADED_DIRECTION,
    LOADED_SECONDS,
    LOADED_IDLE,
    LOADED_WARMUP,
    LOADED_INTERVAL,
    LOADED_MESSAGE_SIZE,
    LOADED_STREAMS,
    LOADED_CONGESTION_CONTROL,
    LOADED_PORT,
    LOADED_CPUS,
    LOADED_PEER_CPUS,
    LOADED_N_PARAMS
};
enum loaded_direction { LOADED_SEND, LOADED_RECEIVE, LOADED_BOTH };

#define LOADED_STREAMS_MAX 64
#define LOADED_CONNECTIONS_MAX (2 * LOADED_STREAMS_MAX + 1)

/* The streams' connections come first, those on which the client sends before the others; then that of the
 * requests. */
size_t loaded_streams(const union vms_value *values);
bool loaded_client_sends(const union vms_value *values, size_t index);

/* requests.c: the round trips of one phase. */
struct requests {
    uint64_t from_ns, until_ns; /* of the host's clock: when the phase counts, and when it ends */
    double *latencies;          /* seconds; owned */
    size_t n, capacity;
};
/* -ENOMEM. Room for as many as can be made in that time. */
int requests_init(struct requests *requests, double seconds, double interval, struct vms_error *error);
void requests_done(struct requests *requests);

/* Sends a request, waits for its response and for the interval, again and again from now to `until_ns`; those
 * that have their response at `from_ns` or later count. */
int requests_run(const struct vms_host *host, const union vms_value *values, int fd,
                 struct requests *requests, struct vms_error *error);

/* Answers on the connection until the client ends it. */
int requests_answer(const struct vms_host *host, const union vms_value *values, int fd,
                    struct vms_error *error);

/* load.c: the streams of one half. */
struct load {
    struct tcp_worker *workers; /* owned */
    size_t n, started;
};
/* What one half counted; NET_RESULT has these fields in this order. */
enum load_field {
    LOAD_SENT,     /* bytes, warm-up and all */
    LOAD_RECEIVED, /* likewise */
    LOAD_BYTES,    /* received in the time that counts */
    LOAD_ELAPSED,  /* ns of that time, from the first stream's beginning to the last one's end */
    LOAD_FIELDS
};
/* The caller calls load_done whatever is returned. */
int load_init(struct load *load, const struct vms_host *host, const union vms_value *values, const int *fds,
              bool is_client, struct vms_error *error);
int load_start(struct load *load, uint64_t begin_ns, struct vms_error *error);
/* Waits for the end of all that was started; `broken`: has them end at once. The first error of theirs. */
int load_join(struct load *load, bool broken, struct vms_error *error);
void load_count(const struct load *load, uint64_t ret_fields[static LOAD_FIELDS]);
void load_done(struct load *load);

#endif
