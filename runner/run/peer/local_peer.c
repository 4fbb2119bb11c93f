/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "run/peer/local_peer.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "common/privileges.h"
#include "peer/server/server.h"
#include "process/confine.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>

/* One for each process of a case that may be kept, and some that are just ending. */
#define LOCAL_PEER_SESSIONS 72

static volatile int stop;

static void on_term(int number) {
    (void)number;
    stop = stop + 1;
}

/* The peer before it begins. */
struct birth {
    const struct server_options *options;
    int fd;
    struct vms_error *reason;
};

/* Keeps the listening socket and the standard descriptors: neither journal nor locks of the run. */
static void serve(void *context) {
    const struct birth *birth = context;
    struct sigaction action = {.sa_handler = on_term};
    struct vms_error error = {""};
    const int fd = STDERR_FILENO + 1;

    (void)sigaction(SIGTERM, &action, NULL);
    (void)signal(SIGINT, SIG_IGN);
    (void)signal(SIGPIPE, SIG_IGN);
    if (birth->fd != fd && dup3(birth->fd, fd, O_CLOEXEC) < 0) {
        (void)error_set(birth->reason, -errno, "its socket could not be set up: %s", strerror(errno));
        _exit(1);
    }
    confine_descriptors(fd + 1);
    if (privileges_drop(NULL, &error) == 0 && server_run(birth->options, fd, &stop, &error) == 0)
        _exit(0);
    *birth->reason = error;
    _exit(1);
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
    /* It works for us alone: what its half may take is what the case's own process may take. */
    struct server_options options = {.bind = bind,
                                     .token = *token,
                                     .max_sessions = LOCAL_PEER_SESSIONS,
                                     .fewer = true,
                                     .memory = INT64_MAX,
                                     .modules = modules};
    struct birth birth = {.options = &options};
    struct peer_address address = {0};
    struct local_peer peer = {0};
    int status = server_listen(&options, &birth.fd, &address.port, error);

    if (status < 0)
        return status;
    peer.reason = mmap(NULL, sizeof(*peer.reason), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    birth.reason = peer.reason;
    if (peer.reason == MAP_FAILED)
        status = error_memory(error);
    else if ((status = keeper_start(serve, &birth, &peer.keeper, error)) < 0)
        (void)munmap(peer.reason, sizeof(*peer.reason));
    (void)close(birth.fd);
    if (status < 0)
        return status;
    (void)snprintf(address.host, sizeof(address.host), "%s", bind);
    address.token = options.token;
    address.pid = peer.keeper.kept;
    *ret_address = address;
    *ret_peer = peer;
    return 0;
}

bool local_peer_has_ended(const struct local_peer *peer, struct vms_error *error) {
    char how[KEEPER_WORDS_SIZE];
    struct keeper_end end;

    if (peer->keeper.pid <= 0 || !keeper_wait(&peer->keeper, 0, &end))
        return false;
    keeper_describe(&end, how);
    if (peer->reason->text[0])
        (void)error_set(error, 0, "the peer that this run started itself gave up: %s", peer->reason->text);
    else
        (void)error_set(error, 0, "the peer that this run started itself %s", how);
    return true;
}

void local_peer_end(struct local_peer *peer) {
    if (peer->keeper.pid <= 0)
        return;
    keeper_done(&peer->keeper);
    (void)munmap(peer->reason, sizeof(*peer->reason));
    *peer = (struct local_peer){0};
}
