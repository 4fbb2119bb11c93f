/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "run/local_peer.h"

#include "base/error.h"
#include "common/signals.h"
#include "peer/server.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define LOCAL_PEER_SESSIONS 256

static volatile int stop;

static void on_term(int number) {
    (void)number;
    stop = stop + 1;
}

static _Noreturn void serve(const struct server_options *options, int fd, pid_t parent) {
    struct sigaction action = {.sa_handler = on_term};

    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    (void)setpgid(0, 0);
    signals_release();
    (void)sigaction(SIGTERM, &action, NULL);
    (void)signal(SIGINT, SIG_IGN);
    (void)signal(SIGPIPE, SIG_IGN);
    _exit(server_run(options, fd, &stop, NULL) < 0);
}

int local_peer_start(const struct module_list *modules, struct local_peer *ret_peer,
                     struct peer_address *ret_address, struct vms_error *error) {
    struct token token;

    token_random(&token);
    return local_peer_start_with(modules, &token, "127.0.0.1", ret_peer, ret_address, error);
}

int local_peer_start_with(const struct module_list *modules, const struct token *token, const char *bind,
                          struct local_peer *ret_peer, struct peer_address *ret_address,
                          struct vms_error *error) {
    struct server_options options = {
        .bind = bind, .token = *token, .max_sessions = LOCAL_PEER_SESSIONS, .modules = modules};
    struct peer_address address = {0};
    pid_t parent = getpid(), child;
    int fd, status;

    status = server_listen(&options, &fd, &address.port, error);
    if (status < 0)
        return status;
    child = fork();
    if (child == 0)
        serve(&options, fd, parent);
    (void)close(fd);
    if (child < 0)
        return error_set(error, -errno, "the peer cannot be started: %s", strerror(errno));
    (void)snprintf(address.host, sizeof(address.host), "%s", bind);
    address.token = options.token;
    address.pid = child;
    *ret_address = address;
    ret_peer->pid = child;
    return 0;
}

void local_peer_end(struct local_peer *peer) {
    if (peer->pid <= 0)
        return;
    /* Its sessions ended with the processes of the cases; whatever is left of its group goes with it. */
    (void)kill(-peer->pid, SIGKILL);
    (void)waitpid(peer->pid, NULL, 0);
    peer->pid = 0;
}
