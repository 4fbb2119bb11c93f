/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "peer/server/trial.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/wait.h"
#include "process/confine.h"
#include "process/memory.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

/* Address space beyond what was promised: stacks and arenas of threads, which are reserved and hardly
 * used. */
#define MEMORY_SLACK (UINT64_C(2) << 30)
#define SILENT_NS NS_PER_S /* from the end of the socket to the end of the process */

/* The first byte of what goes over the socket pair: a module's message, the module's function has returned,
 * or it has returned in a process that it forked. */
enum { SAYS_MESSAGE = 'B', SAYS_END = 'E', SAYS_STRAY = 'S' };

/* The last thing that the process says. */
struct last_words {
    int status;
    char text[sizeof(((struct vms_error *)0)->text)];
};

/* ---- in the trial's process ---- */

struct served {
    int fd;
    uint64_t stop_ns;
    uint8_t *buffer;     /* VMS_MESSAGE_MAX + 1 bytes */
    const char *refusal; /* what the host refused, as a sentence; NULL */
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
static int refuse_report(struct served *served) {
    served->refusal = "the module's serve reported a figure or a fact, which only its measure may";
    return -EINVAL;
}

static int served_sample(void *context, unsigned metric, double value) {
    (void)metric, (void)value;
    return refuse_report(context);
}

static int served_distribution(void *context, unsigned metric, const double *values, size_t n) {
    (void)metric, (void)values, (void)n;
    return refuse_report(context);
}

static int served_fact(void *context, const char *key, const char *value) {
    (void)key, (void)value;
    return refuse_report(context);
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
    enum memory_policy policy;
    int status;

    if (!buffer)
        return error_set(error, -ENOMEM, "no memory for messages");
    memcpy(host.cookie, setup->cookie, sizeof(host.cookie));
    policy = memory_choose(MEMORY_RETURNS);
    status = setup->module->serve(&host, setup->values, error);
    (void)memory_choose(policy);
    return served.refusal && (status == 0 || !error->text[0])
               ? error_set(error, -EPROTO, "%s", served.refusal)
               : status;
}

/* The process before it begins. */
struct birth {
    const struct trial_setup *setup;
    int fd;
};

static void run(void *context) {
    const struct birth *birth = context;
    const int fd = STDERR_FILENO + 1;
    struct vms_error error = {""};
    struct last_words words;
    pid_t self = getpid();

    if (birth->fd != fd && dup3(birth->fd, fd, O_CLOEXEC) < 0)
        _exit(1); /* what is there is the client's connection, which is not to be spoken on */
    confine_descriptors(fd + 1);
    confine_memory(birth->setup->memory + MEMORY_SLACK);
    words.status = serve(birth->setup, fd, &error);
    if (getpid() != self) {
        (void)say(fd, SAYS_STRAY, "", 1);
        _exit(1);
    }
    memcpy(words.text, error.text, sizeof(words.text));
    while (say(fd, SAYS_END, &words, sizeof(words)) == -EAGAIN)
        (void)wait_ready(fd, POLLOUT, UINT64_MAX);
    _exit(0);
}

/* ---- in the session's process ---- */

int trial_start(const struct trial_setup *setup, struct trial_process *ret_trial, struct vms_error *error) {
    /* Room for the largest message and some more; the kernel cuts it to net.core.wmem_max. */
    const int room = 4 * VMS_MESSAGE_MAX;
    struct trial_process trial = {.fd = -1};
    struct birth birth = {.setup = setup};
    int pair[2], status;

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0)
        return error_set(error, -errno, "cannot start the peer's half: %s", strerror(errno));
    for (size_t i = 0; i < 2; i++)
        (void)setsockopt(pair[i], SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
    birth.fd = pair[1];
    status = keeper_start(run, &birth, &trial.keeper, error);
    (void)close(pair[1]);
    trial.fd = pair[0];
    if (status < 0)
        (void)close(pair[0]);
    else
        *ret_trial = trial;
    return status;
}

bool trial_runs(const struct trial_process *trial) {
    return trial->keeper.pid > 0;
}

int trial_put(const struct trial_process *trial, const void *message, size_t length) {
    ssize_t status;

    do
        status = say(trial->fd, SAYS_MESSAGE, message, length);
    while (status == -EINTR);
    return status == 0 || status == -EAGAIN ? (int)status : -EPIPE;
}

void trial_kill(struct trial_process *trial) {
    if (!trial_runs(trial))
        return;
    keeper_done(&trial->keeper);
    (void)close(trial->fd);
    *trial = (struct trial_process){.fd = -1};
}

/* The process has ended, or closed its end, without last words. */
static void report_crash(struct trial_process *trial, struct trial_end *ret_end) {
    char how[KEEPER_WORDS_SIZE];
    struct keeper_end end;

    ret_end->ending = ENDED_CRASHED;
    if (keeper_wait(&trial->keeper, clock_now_ns() + SILENT_NS, &end)) {
        keeper_describe(&end, how);
        (void)error_set(&ret_end->text, 0, "the peer's half %s", how);
    } else {
        (void)error_set(
            &ret_end->text, 0,
            "the peer's half closed the descriptor over which vmsuite talks with it, and was killed");
    }
    trial_kill(trial);
}

static void report_end(struct trial_process *trial, const struct last_words *words,
                       struct trial_end *ret_end) {
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
    struct keeper_end end;
    ssize_t got;

    /* A process that ended with unread messages gives one ECONNRESET ahead of what it said before. */
    do
        got = recvmsg(trial->fd, &message, MSG_DONTWAIT);
    while (got < 0 && (errno == EINTR || errno == ECONNRESET));
    if (got < 0 && errno == EAGAIN && !keeper_wait(&trial->keeper, 0, &end))
        return -EAGAIN;
    if (got > 0 && what == SAYS_MESSAGE) {
        *ret_length = (size_t)got - 1;
        return 1;
    }
    if (got == (ssize_t)sizeof(words) + 1 && what == SAYS_END) {
        memcpy(&words, buffer, sizeof(words));
        words.text[sizeof(words.text) - 1] = '\0';
        report_end(trial, &words, ret_end);
    } else if (got > 0) {
        trial_kill(trial);
        ret_end->ending = ENDED_FAILED;
        (void)error_set(&ret_end->text, 0,
                        what == SAYS_STRAY
                            ? "the module's serve returned in a process that it forked as well"
                            : "the module wrote to the descriptor over which vmsuite talks with "
                              "the peer's half");
    } else {
        report_crash(trial, ret_end);
    }
    return 0;
}
