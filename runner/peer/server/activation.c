/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "peer/server/activation.h"

#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FIRST_FD 3 /* SD_LISTEN_FDS_START */

static bool is_listening(int fd) {
    int type = 0, listening = 0, domain = 0;
    socklen_t size = sizeof(int);

    return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_STREAM &&
           getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) == 0 && listening &&
           getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 &&
           (domain == AF_INET || domain == AF_INET6);
}

int activation_take(int *ret_fd, struct vms_error *error) {
    const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
    bool ours = pid && count && strtol(pid, NULL, 10) == getpid();
    long n = ours ? strtol(count, NULL, 10) : 0;

    (void)unsetenv("LISTEN_PID");
    (void)unsetenv("LISTEN_FDS");
    (void)unsetenv("LISTEN_FDNAMES");
    if (n < 1)
        return 0;
    if (n > 1)
        return error_set(error, -EINVAL,
                         "the service manager passed %ld sockets; the unit must have one ListenStream=", n);
    if (!is_listening(FIRST_FD))
        return error_set(
            error, -EINVAL,
            "the service manager passed something other than a listening TCP socket: the unit needs "
            "ListenStream= with a port, and Accept=no");
    (void)fcntl(FIRST_FD, F_SETFD, FD_CLOEXEC);
    (void)fcntl(FIRST_FD, F_SETFL, fcntl(FIRST_FD, F_GETFL) | O_NONBLOCK);
    *ret_fd = FIRST_FD;
    return 1;
}
