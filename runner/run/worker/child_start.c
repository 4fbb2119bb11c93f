/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How the process of a case begins. */
#include "run/worker/child.h"

#include "base/clock.h"
#include "base/error.h"
#include "common/signals.h"
#include "process/confine.h"
#include "run/worker/worker_scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A process that is about to begin. */
struct birth {
    const struct worker_task *task;
    int socket, output;
};

/* Says why the case's process ends before its module has begun. */
static _Noreturn void end_early(const struct birth *birth, const char *what, int code) {
    (void)dprintf(birth->output, "%s: %s\n", what, strerror(code));
    _exit(1);
}

/* Descriptors in known places; all others, the runner's and other cases', are closed afterwards. */
static bool place_descriptors(const struct birth *birth, int null) {
    int socket = fcntl(birth->socket, F_DUPFD_CLOEXEC, WORKER_SOCKET);

    return socket >= 0 && dup2(null, STDIN_FILENO) >= 0 && dup2(birth->output, STDOUT_FILENO) >= 0 &&
           dup2(birth->output, STDERR_FILENO) >= 0 &&
           (socket == WORKER_SOCKET || dup3(socket, WORKER_SOCKET, O_CLOEXEC) >= 0);
}

static void become_worker(void *context) {
    const struct birth *birth = context;
    uint64_t limit_ns = (uint64_t)(birth->task->outcome->deadline_s * NS_PER_S);

    int scratch = birth->task->scratch ? worker_scratch_open(birth->task) : 0, null;

    signals_release();
    if (scratch < 0)
        end_early(birth, birth->task->scratch, -scratch);
    null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (null < 0)
        end_early(birth, "/dev/null cannot be opened", errno);
    if (!place_descriptors(birth, null))
        end_early(birth, "its descriptors could not be set up", errno);
    if (scratch == WORKER_SCRATCH)
        (void)fcntl(scratch, F_SETFD, 0);
    else if (scratch > 0 && dup2(scratch, WORKER_SCRATCH) < 0)
        end_early(birth, birth->task->scratch, errno);
    confine_descriptors((scratch > 0 ? WORKER_SCRATCH : WORKER_SOCKET) + 1);
    worker_run(birth->task, clock_now_ns() + limit_ns);
}

static void close_pair(const int pair[static 2]) {
    for (int i = 0; i < 2; i++)
        if (pair[i] >= 0)
            (void)close(pair[i]);
}

int child_start(const struct worker_task *task, struct progress *progress, struct child *ret_child,
                struct vms_error *error) {
    int pair[2] = {-1, -1}, output[2] = {-1, -1}, status;
    const int on = 1;
    struct child child = {.progress = progress};
    struct birth birth;

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0 ||
        pipe2(output, O_CLOEXEC | O_NONBLOCK) < 0) {
        status = error_set(error, -errno, "a process for the case cannot be made: %s", strerror(errno));
        close_pair(pair);
        return status;
    }
    /* So that each message says which process it is from. */
    (void)setsockopt(pair[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on));
    birth = (struct birth){task, pair[1], output[1]};
    status = keeper_start(become_worker, &birth, &child.keeper, error);
    if (status < 0) {
        close_pair(pair);
        close_pair(output);
        return status;
    }
    (void)close(pair[1]);
    (void)close(output[1]);
    child.socket = pair[0];
    child.output = output[0];
    *ret_child = child;
    return 0;
}
