/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The peer: listens, and runs each session in a process of its own. */
#ifndef VMSUITE_RUNNER_PEER_SERVER_SERVER_H
#define VMSUITE_RUNNER_PEER_SERVER_SERVER_H

#include "module/loader.h"
#include "peer/wire/token.h"

#include <stdio.h>

#define SERVER_MEMORY (UINT64_C(1) << 30)

struct server_options {
    const char *bind;   /* address or name to listen on */
    uint16_t port;      /* 0: any free one */
    struct token token; /* required: anybody on this machine reaches loopback */
    unsigned max_sessions;
    bool fewer; /* take fewer sessions where the limit of open files allows no more */
    /* bytes that all sessions may be promised together; 0: SERVER_MEMORY, or a quarter of the machine's
     * where that is less */
    uint64_t memory;
    bool once; /* end after the first session that ran a trial */
    FILE *log; /* one line per session; NULL: none */
    const struct module_list *modules;
    void (*ready)(void *context); /* called once all that serving takes is there; NULL: nothing */
    void *ready_context;
    uint64_t (*now)(void); /* for tests: a clock to report to clients; NULL: CLOCK_MONOTONIC */
};

/* Opens the listening socket. -EACCES without a token; -EMFILE where the limit of open files is too low for
 * max_sessions. *ret_port is the port it got. */
int server_listen(struct server_options *options, int *ret_fd, uint16_t *ret_port, struct vms_error *error);

/* The same checks for a listening socket that a service manager has opened. */
int server_adopt(struct server_options *options, int fd, uint16_t *ret_port, struct vms_error *error);

/* Serves until `*stop` is set (by a signal handler: SIGTERM lets running sessions end, a second one ends
 * them). Closes `fd`. */
int server_run(const struct server_options *options, int fd, volatile const int *stop,
               struct vms_error *error);

#endif
