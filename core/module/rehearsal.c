/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "module/rehearsal.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "process/confine.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#define LIMIT_NS (5 * NS_PER_S)
#define OUTPUT (STDERR_FILENO + 1) /* the child's */
#define LOOK_MS 20                 /* between two looks at whether the child still runs */

/* What the child says at its end, in one piece. */
struct message {
    char mark[8]; /* what a stray write on the descriptor does not begin with */
    int status;
    struct vms_error error;
};

static const char mark[sizeof(((struct message *)NULL)->mark)] = "rehears";

/* What a module prints is to go nowhere, least of all into our output. */
static bool place_descriptors(int null, int output) {
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (dup2(null, fd) < 0)
            return false;
    return dup2(output, OUTPUT) >= 0 && fcntl(OUTPUT, F_SETFD, FD_CLOEXEC) == 0;
}

static _Noreturn void act_in_child(int (*act)(const char *path, struct vms_error *error), const char *path,
                                   pid_t parent, int output) {
    struct message message = {.error = {""}};
    int null;

    if (confine_child(parent) < 0)
        _exit(1);
    (void)setpgid(0, 0);
    memcpy(message.mark, mark, sizeof(mark));
    null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null < 0 || !place_descriptors(null, output)) {
        message.status = error_set(&message.error, -errno, "no process to try it in: %s%s",
                                   null < 0 ? "/dev/null cannot be opened: " : "", strerror(errno));
        (void)!write(output, &message, sizeof(message));
        _exit(1);
    }
    confine_descriptors(OUTPUT + 1);
    message.status = act(path, &message.error);
    (void)!write(OUTPUT, &message, sizeof(message));
    _exit(0);
}

/* Waits for the child's message or its end. 0, -ETIMEDOUT, or -EIO where it cannot be read; *ret_state is
 * waitpid's, of a child that ended. */
static int await(pid_t child, int input, struct message *ret_message, bool *ret_said, int *ret_state) {
    uint64_t end_ns = clock_now_ns() + LIMIT_NS;
    bool ended = false;
    ssize_t got = 0;

    for (;;) {
        struct pollfd fd = {.fd = input, .events = POLLIN};

        ended = waitpid(child, ret_state, WNOHANG) == child;
        /* What was written before the end is still in the pipe. */
        *ret_said = poll(&fd, 1, ended ? 0 : LOOK_MS) > 0 && (fd.revents & POLLIN) &&
                    (got = read(input, ret_message, sizeof(*ret_message))) == (ssize_t)sizeof(*ret_message) &&
                    memcmp(ret_message->mark, mark, sizeof(mark)) == 0;
        if (*ret_said || ended || got < 0)
            break;
        if (clock_now_ns() >= end_ns)
            break;
    }
    /* The group goes with everything that the code has left behind in it. */
    (void)kill(-child, SIGKILL);
    if (!ended)
        (void)waitpid(child, ret_state, 0);
    if (got < 0)
        return -EIO;
    return *ret_said || ended ? 0 : -ETIMEDOUT;
}

static int judge(int state, struct vms_error *error) {
    if (WIFSIGNALED(state))
        return error_set(error, -EINVAL, "its constructor crashed: signal %d (%s)", WTERMSIG(state),
                         strsignal(WTERMSIG(state)));
    return error_set(error, -EINVAL, "its constructor ended the process with status %d", WEXITSTATUS(state));
}

int rehearsal_run(int (*act)(const char *path, struct vms_error *error), const char *path,
                  struct vms_error *error) {
    cleanup_close int input = -1;
    struct message message;
    int ends[2], state = 0, status;
    pid_t child, parent = getpid();
    bool said = false;

    if (pipe2(ends, O_CLOEXEC) < 0)
        return error_set(error, -errno, "no pipe to a process that tries it: %s", strerror(errno));
    input = ends[0];
    child = fork();
    if (child == 0)
        act_in_child(act, path, parent, ends[1]);
    status = child < 0 ? -errno : 0;
    (void)close(ends[1]);
    if (status < 0)
        return error_set(error, status, "no process to try it in: %s", strerror(-status));
    (void)setpgid(child, child);
    status = await(child, input, &message, &said, &state);
    if (status == -EIO)
        return error_set(error, status, "the process that tries it cannot be waited for");
    if (status < 0)
        return error_set(error, -EINVAL, "its constructor had not returned after %d s",
                         (int)(LIMIT_NS / NS_PER_S));
    if (!said)
        return judge(state, error);
    if (message.status < 0)
        *error = message.error;
    return message.status;
}
