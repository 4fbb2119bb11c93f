/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "peer/trial.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "peer/confine.h"
#include "peer/wait.h"

#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>

/* The first byte of what goes over the socket pair. */
enum { SAYS_MESSAGE = 'B', SAYS_END = 'E' };

/* The last thing that the process says. */
struct last_words {
    int status;
    char text[sizeof(((struct vms_error *)0)->text)];
};

/* ---- in the trial's process ---- */

struct served {
    int fd;
    uint64_t stop_ns;
    uint8_t *buffer; /* VMS_MESSAGE_MAX + 1 bytes */
};

static uint64_t served_now(void *context) {
    (void)context;
    return clock_now_ns();
}

static bool served_should_stop(void *context) {
    const struct served *served = context;

    return clock_now_ns() >= served->stop_ns;
}

/* The peer's half reports nothing: figures belong to the half that measures. */
static int served_sample(void *context, unsigned metric, double value) {
    (void)context, (void)metric, (void)value;
    return -EINVAL;
}

static int served_distribution(void *context, unsigned metric, const double *values, size_t n) {
    (void)context, (void)metric, (void)values, (void)n;
    return -EINVAL;
}

static int served_fact(void *context, const char *key, const char *value) {
    (void)context, (void)key, (void)value;
    return -EINVAL;
}

/* Nobody reads along at the peer, whose log has one line a session. */
static void served_log(void *context, enum vms_log_level level, const char *text) {
    (void)context, (void)level, (void)text;
}

/* Sends one kind of thing; the socket keeps its bounds. */
static ssize_t say(int fd, uint8_t what, const void *data, size_t length) {
    struct iovec parts[2] = {{&what, 1}, {(void *)(uintptr_t)data, length}};
    const struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};

    return sendmsg(fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ? -errno : 0;
}

static int served_put(void *context, const void *message, size_t length, uint64_t deadline) {
    const struct served *served = context;

    if (length > VMS_MESSAGE_MAX)
        return -EMSGSIZE;
    for (;;) {
        ssize_t status = say(served->fd, SAYS_MESSAGE, message, length);

        if (status == -EAGAIN)
            status = wait_ready(served->fd, POLLOUT, deadline);
        else if (status != -EINTR)
            return status == 0 ? 0 : -ECONNRESET;
        if (status == -ETIMEDOUT)
            return -ETIMEDOUT;
    }
}

static ssize_t served_get(void *context, void *buffer, size_t capacity, uint64_t deadline) {
    const struct served *served = context;
    ssize_t got;

    for (;;) {
        got = recv(served->fd, served->buffer, VMS_MESSAGE_MAX + 1, MSG_DONTWAIT);
        if (got > 0)
            break;
        if (got == 0 || (errno != EAGAIN && errno != EINTR))
            return -ECONNRESET;
        if (wait_ready(served->fd, POLLIN, deadline) == -ETIMEDOUT)
            return -ETIMEDOUT;
    }
    if ((size_t)got - 1 > capacity)
        return -EMSGSIZE;
    memcpy(buffer, served->buffer + 1, (size_t)got - 1);
    return got - 1;
}

static int serve(const struct trial_setup *setup, int fd, struct vms_error *error) {
    cleanup_free uint8_t *buffer = malloc(VMS_MESSAGE_MAX + 1);
    struct served served = {.fd = fd,
                            .stop_ns = clock_now_ns() + (uint64_t)(setup->limit_s * (double)NS_PER_S),
                            .buffer = buffer};
    struct vms_host host = {.size = sizeof(host),
                            .context = &served,
                            .seed = setup->seed,
                            .now = served_now,
                            .should_stop = served_should_stop,
                            .sample = served_sample,
                            .distribution = served_distribution,
                            .fact = served_fact,
                            .log = served_log,
                            .put = served_put,
                            .get = served_get,
                            .peer = setup->peer,
                            .address = setup->address};

    if (!buffer)
        return error_set(error, -ENOMEM, "no memory for messages");
    memcpy(host.cookie, setup->cookie, sizeof(host.cookie));
    return setup->module->serve(&host, setup->values, error);
}

static void __attribute__((noreturn)) run(const struct trial_setup *setup, int fd) {
    struct vms_error error = {""};
    struct last_words words = {.status = serve(setup, fd, &error)};

    memcpy(words.text, error.text, sizeof(words.text));
    while (say(fd, SAYS_END, &words, sizeof(words)) == -EAGAIN)
        (void)wait_ready(fd, POLLOUT, UINT64_MAX);
    _exit(0);
}

/* ---- in the session's process ---- */

static void close_all(const int *fds, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (fds[i] >= 0)
            (void)close(fds[i]);
}

int trial_start(const struct trial_setup *setup, const int *close_fds, size_t n_close_fds,
                struct trial_process *ret_trial, struct vms_error *error) {
    /* Room for the largest message and some more; the kernel cuts it to net.core.wmem_max. */
    const int room = 4 * VMS_MESSAGE_MAX;
    pid_t parent = getpid();
    int pair[2];
    pid_t pid;

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0)
        return error_set(error, -errno, "cannot start the peer's half: %s", strerror(errno));
    for (size_t i = 0; i < 2; i++)
        (void)setsockopt(pair[i], SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
    pid = fork();
    if (pid < 0) {
        int status = -errno;

        close_all(pair, 2);
        return error_set(error, status, "cannot start the peer's half: %s", strerror(-status));
    }
    if (pid == 0) {
        (void)close(pair[0]);
        close_all(close_fds, n_close_fds);
        if (confine_child(parent) < 0)
            _exit(1);
        run(setup, pair[1]);
    }
    (void)close(pair[1]);
    *ret_trial = (struct trial_process){.pid = pid, .fd = pair[0]};
    return 0;
}

int trial_put(const struct trial_process *trial, const void *message, size_t length) {
    ssize_t status;

    do
        status = say(trial->fd, SAYS_MESSAGE, message, length);
    while (status == -EINTR);
    return status == 0 || status == -EAGAIN ? (int)status : -EPIPE;
}

/* Waits for the process and forgets it. */
static int reap(struct trial_process *trial) {
    int status = 0;

    while (waitpid(trial->pid, &status, 0) < 0 && errno == EINTR)
        continue;
    (void)close(trial->fd);
    *trial = (struct trial_process){.pid = 0, .fd = -1};
    return status;
}

void trial_kill(struct trial_process *trial) {
    if (trial->pid <= 0)
        return;
    (void)kill(trial->pid, SIGKILL);
    (void)reap(trial);
}

/* The process has closed its end without last words. */
static void tell_crash(struct trial_process *trial, struct trial_end *ret_end) {
    int status = reap(trial);

    ret_end->ending = ENDED_CRASHED;
    if (WIFSIGNALED(status))
        (void)error_set(&ret_end->text, 0, "the peer's half crashed: signal %d (%s)", WTERMSIG(status),
                        strsignal(WTERMSIG(status)));
    else
        (void)error_set(&ret_end->text, 0, "the peer's half ended without a word, exit status %d",
                        WEXITSTATUS(status));
}

static void tell_end(struct trial_process *trial, const struct last_words *words, struct trial_end *ret_end) {
    trial_kill(trial); /* it has nothing left to do but to exit */
    switch (words->status) {
    case 0:
        ret_end->ending = ENDED_OK;
        break;
    case -ENOTSUP:
        ret_end->ending = ENDED_UNSUPPORTED;
        break;
    case -ECANCELED:
    case -ETIMEDOUT:
        ret_end->ending = ENDED_TIMEOUT;
        break;
    default:
        ret_end->ending = ENDED_FAILED;
    }
    (void)error_set(&ret_end->text, 0, "%.*s", (int)sizeof(words->text) - 1,
                    words->status == 0 || words->text[0] ? words->text : strerror(-words->status));
}

int trial_take(struct trial_process *trial, void *buffer, size_t *ret_length, struct trial_end *ret_end) {
    struct last_words words;
    uint8_t what = 0;
    struct iovec parts[2] = {{&what, 1}, {buffer, VMS_MESSAGE_MAX}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
    ssize_t got;

    /* A process that ended with unread messages gives one ECONNRESET ahead of what it said before. */
    do
        got = recvmsg(trial->fd, &message, MSG_DONTWAIT);
    while (got < 0 && (errno == EINTR || errno == ECONNRESET));
    if (got < 0 && errno == EAGAIN)
        return -EAGAIN;
    if (got > 0 && what == SAYS_MESSAGE) {
        *ret_length = (size_t)got - 1;
        return 1;
    }
    if (got == (ssize_t)sizeof(words) + 1 && what == SAYS_END) {
        memcpy(&words, buffer, sizeof(words));
        words.text[sizeof(words.text) - 1] = '\0';
        tell_end(trial, &words, ret_end);
    } else {
        tell_crash(trial, ret_end);
    }
    return 0;
}
