/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The process that runs one case, and what it says to its parent over a SOCK_SEQPACKET pair. */
#ifndef VMSUITE_RUNNER_RUN_WORKER_H
#define VMSUITE_RUNNER_RUN_WORKER_H

#include "module/outcome.h"
#include "peer/client.h"

/* What a worker is to do. All borrowed. */
struct worker_task {
    const struct outcome_case *outcome;
    const char *cpus;                /* affinity, or NULL */
    const char *scratch;             /* the case's folder, or NULL */
    const char *destroys;            /* the block device that may be overwritten, or NULL */
    const struct peer_address *peer; /* NULL: the module needs none */
};

/* From the parent: run a trial by that time. The end of the stream asks the worker to clean up and go. */
struct worker_order {
    uint64_t deadline_ns;
};

enum worker_message_kind {
    WORKER_READY,  /* probe and prepare have ended */
    WORKER_METRIC, /* a figure of the trial that is running; these come before WORKER_DONE */
    WORKER_FACT,
    WORKER_LOG,
    WORKER_PATH,  /* "loopback" or "network", in error.text */
    WORKER_CLOCK, /* how the peer's clock ran during the trial; before WORKER_DONE */
    WORKER_DONE   /* the trial has ended */
};

struct worker_message {
    enum worker_message_kind kind;
    int status; /* READY, DONE: 0 or a negative errno, with error.text */
    bool of_case;
    uint64_t start_ns, end_ns; /* DONE: around measure */
    uint32_t flags;            /* DONE: enum noise_flag */
    bool has_noise;            /* DONE: measure was entered */
    struct noise noise;
    union {
        struct outcome_metric metric;
        struct outcome_fact fact;
        struct clock_offset clock;
        struct vms_error error;
    };
};

/* Runs in the new process, and ends it. `deadline_ns` is for probe and prepare. */
_Noreturn void worker_run(const struct worker_task *task, int socket, uint64_t deadline_ns);

#endif
