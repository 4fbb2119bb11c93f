/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The peer: listens, and runs each session in a process of its own. */
#ifndef VMSUITE_RUNNER_PEER_SERVER_SERVER_H
#define VMSUITE_RUNNER_PEER_SERVER_SERVER_H

#include "module/loader.h"
#include "peer/wire/token.h"

#include <stdio.h>

struct server_options {
    const char *bind;   /* address or name to listen on */
    uint16_t port;      /* 0: any free one */
    struct token token; /* required unless bind is loopback */
    unsigned max_sessions;
    bool once; /* end after the first session that was authenticated */
    FILE *log; /* one line per session; NULL: none */
    const struct module_list *modules;
    uint64_t (*now)(void); /* for tests: a clock to tell clients of; NULL: CLOCK_MONOTONIC */
};

/* Opens the listening socket. -EACCES where a token is required and absent. *ret_port is the port it got. */
int server_listen(const struct server_options *options, int *ret_fd, uint16_t *ret_port,
                  struct vms_error *error);

/* The same checks for a listening socket that a service manager has opened. */
int server_adopt(const struct server_options *options, int fd, uint16_t *ret_port, struct vms_error *error);

/* Serves until `*stop` is set (by a signal handler: SIGTERM lets running sessions end, a second one ends
 * them). Closes `fd`. */
int server_run(const struct server_options *options, int fd, volatile const int *stop,
               struct vms_error *error);

#endif
