/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/wait.h"

#include "base/clock.h"

#include <errno.h>

int wait_poll(struct pollfd *waiting, nfds_t n, uint64_t deadline_ns, const sigset_t *mask) {
    uint64_t now_ns = clock_now_ns();
    uint64_t left_ns = deadline_ns > now_ns ? deadline_ns - now_ns : 0;
    const struct timespec left = {.tv_sec = (time_t)(left_ns / NS_PER_S),
                                  .tv_nsec = (long)(left_ns % NS_PER_S)};
    int ready = ppoll(waiting, n, &left, mask);

    return ready < 0 ? -errno : ready;
}

int wait_ready(int fd, short events, uint64_t deadline_ns) {
    struct pollfd waiting = {.fd = fd, .events = events};
    int ready;

    do
        ready = wait_poll(&waiting, 1, deadline_ns, NULL);
    while (ready == -EINTR);
    if (ready < 0)
        return ready;
    return ready == 0 ? -ETIMEDOUT : 0;
}
