/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Waiting for descriptors until a time of clock_now_ns. */
#ifndef VMSUITE_CORE_BASE_WAIT_H
#define VMSUITE_CORE_BASE_WAIT_H

#include <poll.h>
#include <signal.h>
#include <stdint.h>

/* ppoll(2) with a deadline; `mask` may be NULL. How many are ready, 0 at the deadline, or negative errno. */
int wait_poll(struct pollfd *waiting, nfds_t n, uint64_t deadline_ns, const sigset_t *mask);

/* Waits until one descriptor is ready for `events`, whatever signals come. 0, -ETIMEDOUT, negative errno. */
int wait_ready(int fd, short events, uint64_t deadline_ns);

#endif
