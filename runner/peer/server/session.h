/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One session of the peer, in a process of its own. It holds the control connection; the module's code runs
 * in further processes, one a trial, so that a trial which crashes or hangs leaves the session answering. */
#ifndef VMSUITE_RUNNER_PEER_SERVER_SESSION_H
#define VMSUITE_RUNNER_PEER_SERVER_SESSION_H

#include "module/loader.h"
#include "peer/server/ledger.h"
#include "peer/wire/token.h"

#define SESSION_MODULE_SIZE 64

/* What a session reports to the listener: one write to the pipe when it changes, so the last one counts. */
struct session_report {
    bool authenticated;
    unsigned trials;
    char module[SESSION_MODULE_SIZE]; /* "" before one was opened */
    struct vms_error end;             /* why it ended, fit for a log; "" while it goes on */
};

struct session_setup {
    int fd; /* the accepted connection, non-blocking */
    int report_fd;
    struct ledger *ledger;
    size_t entry; /* its own in the ledger */
    const struct token *token;
    const struct module_list *modules;
    uint64_t (*now)(void); /* what the client learns that our CLOCK_MONOTONIC says */
};

/* Serves the client until it leaves, breaks a rule, or is idle for an hour; on SIGTERM (which it catches)
 * after the trial that runs. Called in a child process that has been confined. */
void session_run(const struct session_setup *setup);

#endif
