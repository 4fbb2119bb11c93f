/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "common/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

static volatile sig_atomic_t count;
static int pipe_fds[2] = {-1, -1};
static int watched = -1;

static const int caught[] = {SIGINT, SIGTERM, SIGHUP};
#define N_CAUGHT (sizeof(caught) / sizeof(caught[0]))

static void on_signal(int number) {
    int saved = errno;

    (void)number;
    count = count + 1;
    (void)!write(pipe_fds[1], "", 1);
    errno = saved;
}

int signals_catch(void) {
    struct sigaction action = {.sa_handler = on_signal};

    if (pipe_fds[0] < 0 && pipe2(pipe_fds, O_CLOEXEC | O_NONBLOCK) < 0)
        return -errno;
    for (size_t i = 0; i < N_CAUGHT; i++)
        if (sigaction(caught[i], &action, NULL) < 0)
            return -errno;
    (void)signal(SIGPIPE, SIG_IGN);
    return 0;
}

int signals_count(void) {
    return count;
}

int signals_fd(void) {
    return pipe_fds[0];
}

void signals_watch(int fd) {
    watched = fd;
}

int signals_watched(void) {
    return watched;
}

void signals_heed(void) {
    watched = -1;
    on_signal(0);
}

void signals_release(void) {
    for (size_t i = 0; i < N_CAUGHT; i++)
        (void)signal(caught[i], SIG_DFL);
    (void)signal(SIGPIPE, SIG_DFL);
}
