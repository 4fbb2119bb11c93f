/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a server is refused before it takes a client: a token is missing, or descriptors are. */
#include "peer/server/server.h"

#include "base/error.h"
#include "peer/server/strangers.h"
#include "peer/wire/net.h"

#include <errno.h>
#include <sys/resource.h>

#define DESCRIPTORS_OTHER 32 /* beside one for each session: the listener's own, libraries' */

static int check_token(const struct server_options *options, const char *where, struct vms_error *error) {
    if (options->token.present)
        return 0;
    return error_set(
        error, -EACCES,
        "anyone who reaches %s could make this machine work for them, so a token is required: make one with "
        "`(umask 077; head -c 32 /dev/urandom | base64 > peer.token)`, copy it to the clients' machines and "
        "pass --token-file peer.token",
        where);
}

/* The listener holds a descriptor for each session. The soft limit is raised to that; where the hard one is
 * lower, fewer sessions are taken, or it is said how many there could be. */
static int reserve_descriptors(struct server_options *options, struct vms_error *error) {
    rlim_t wanted = options->max_sessions + STRANGERS_MAX + DESCRIPTORS_OTHER;
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= wanted)
        return 0;
    limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
    if (setrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur >= wanted)
        return 0;
    if (limit.rlim_cur <= STRANGERS_MAX + DESCRIPTORS_OTHER)
        return error_set(
            error, -EMFILE,
            "this process may open %ju files, too few for any session: raise the limit (ulimit -Hn, "
            "LimitNOFILE=) to %ju",
            (uintmax_t)limit.rlim_cur, (uintmax_t)wanted);
    if (!options->fewer)
        return error_set(error, -EMFILE,
                         "--max-sessions %u takes %ju open files and this process may have %ju: take at most "
                         "--max-sessions %ju, or raise the limit (ulimit -Hn, LimitNOFILE=)",
                         options->max_sessions, (uintmax_t)wanted, (uintmax_t)limit.rlim_cur,
                         (uintmax_t)(limit.rlim_cur - STRANGERS_MAX - DESCRIPTORS_OTHER));
    options->max_sessions = (unsigned)(limit.rlim_cur - STRANGERS_MAX - DESCRIPTORS_OTHER);
    return 0;
}

int server_listen(struct server_options *options, int *ret_fd, uint16_t *ret_port, struct vms_error *error) {
    uint16_t port = 0;
    int status = check_token(options, options->bind, error);

    if (status < 0 || (status = reserve_descriptors(options, error)) < 0 ||
        (status = net_listen(options->bind, options->port, ret_fd, &port, error)) < 0)
        return status;
    *ret_port = port;
    return 0;
}

int server_adopt(struct server_options *options, int fd, uint16_t *ret_port, struct vms_error *error) {
    int status = check_token(options, "the socket of the service manager", error);

    if (status < 0 || (status = reserve_descriptors(options, error)) < 0)
        return status;
    return net_tell_listener(fd, ret_port, error);
}
