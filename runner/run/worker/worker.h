/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The process that runs one case, and what it says to its parent over a SOCK_SEQPACKET pair. */
#ifndef VMSUITE_RUNNER_RUN_WORKER_WORKER_H
#define VMSUITE_RUNNER_RUN_WORKER_WORKER_H

#include "module/outcome.h"
#include "peer/client/client.h"

/* What a worker is to do. All borrowed. */
struct worker_task {
    const struct outcome_case *outcome;
    const char *cpus;                /* affinity, or NULL */
    const char *scratch;             /* the case's folder, or NULL */
    int scratch_root;                /* the folder that it was made in */
    const char *destroys;            /* the block device that may be overwritten, or NULL */
    const struct peer_address *peer; /* NULL: the module needs none */
};

/* From the parent: run a trial by that time. The end of the stream asks the worker to clean up and go. */
struct worker_order {
    uint32_t number; /* from 1, in this process */
    uint64_t deadline_ns;
};

#define WORKER_SOCKET 3                           /* the descriptor of the worker's end */
#define WORKER_MAGIC UINT64_C(0x766d737569746531) /* begins each message */

enum worker_message_kind {
    WORKER_READY,  /* probe and prepare have ended */
    WORKER_METRIC, /* a figure of the trial that is running; these come before WORKER_DONE */
    WORKER_FACT,
    WORKER_LOG,   /* its level in `status` */
    WORKER_PATH,  /* "loopback" or "network", in error.text */
    WORKER_CLOCK, /* how the peer's clock ran during the trial; before WORKER_DONE */
    WORKER_DONE,  /* the trial has ended */
    WORKER_STRAY  /* a process that the module forked has returned from the module's function */
};

struct worker_message {
    uint64_t magic;
    uint32_t order; /* number of the order that it belongs to; 0 before the first */
    enum worker_message_kind kind;
    int status; /* READY, DONE: 0 or a negative errno, with error.text */
    bool of_case;
    uint64_t start_ns, end_ns; /* DONE: around measure */
    uint32_t flags;            /* DONE: enum noise_flag */
    bool has_noise;            /* DONE: measure was entered */
    struct noise noise;
    union {
        struct {
            struct outcome_metric metric; /* its own `sketch` means nothing here */
            bool has_sketch;
            struct sketch sketch;
        };
        struct outcome_fact fact;
        struct clock_offset clock;
        struct vms_error error;
    };
};

/* Runs in the new process, and ends it. The socket is WORKER_SOCKET; `deadline_ns` is for probe and
 * prepare. */
_Noreturn void worker_run(const struct worker_task *task, uint64_t deadline_ns);

#endif
