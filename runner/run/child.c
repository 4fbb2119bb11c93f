/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "run/child.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "common/signals.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>

/* How long an interrupted trial has to end in order. */
#define GRACE_NS (2 * NS_PER_S)
#define END_NS (5 * NS_PER_S)
/* A worker is to end by its deadline; it is killed this much later. */
#define LATE_NS NS_PER_S

enum event { EVENT_MESSAGE, EVENT_DIED, EVENT_TIMEOUT };

static _Noreturn void become_worker(const struct worker_task *task, pid_t parent, int socket, int output) {
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    (void)setpgid(0, 0);
    signals_release();
    /* Descriptors in known places; all others, the runner's and other cases', are closed. */
    (void)dup2(output, STDOUT_FILENO);
    (void)dup2(output, STDERR_FILENO);
    (void)dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
    socket = fcntl(socket, F_DUPFD_CLOEXEC, 3);
    (void)dup3(socket, 3, O_CLOEXEC);
    (void)close_range(4, ~0U, 0);
    worker_run(task, 3, clock_now_ns() + (uint64_t)(task->outcome->deadline_s * NS_PER_S));
}

int child_start(const struct worker_task *task, struct child *ret_child, struct vms_error *error) {
    int pair[2] = {-1, -1}, output[2] = {-1, -1};
    struct child child = {0};
    pid_t parent = getpid();

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0 ||
        pipe2(output, O_CLOEXEC | O_NONBLOCK) < 0 || (child.pid = fork()) < 0) {
        int status = error_set(error, -errno, "a process for the case cannot be made: %s", strerror(errno));

        for (int i = 0; i < 2; i++) {
            (void)close(pair[i]);
            (void)close(output[i]);
        }
        return status;
    }
    if (child.pid == 0)
        become_worker(task, parent, pair[1], output[1]);
    (void)setpgid(child.pid, child.pid);
    (void)close(pair[1]);
    (void)close(output[1]);
    child.socket = pair[0];
    child.output = output[0];
    child.process = pidfd_open(child.pid, 0);
    *ret_child = child;
    return 0;
}

/* Keeps the end of what the process has printed. */
static void drain_output(struct child *child) {
    char buffer[4096];
    ssize_t got;

    while ((got = read(child->output, buffer, sizeof(buffer))) > 0) {
        size_t keep = (size_t)got < sizeof(child->words) - 1 ? (size_t)got : sizeof(child->words) - 1;

        memcpy(child->words, buffer + got - keep, keep);
        child->words[keep] = '\0';
    }
}

/* Waits for the next message. An interrupt asks the process to stop and leaves it GRACE_NS. */
static enum event await_message(struct child *child, uint64_t deadline_ns,
                                struct worker_message *ret_message) {
    struct pollfd fds[] = {{.fd = child->socket, .events = POLLIN},
                           {.fd = child->output, .events = POLLIN},
                           {.fd = signals_fd(), .events = POLLIN}};
    int seen = 0;

    for (;;) {
        uint64_t now = clock_now_ns();

        if (signals_count() > seen) {
            seen = signals_count();
            fds[2].fd = seen > 1 ? -1 : fds[2].fd;
            deadline_ns =
                seen > 1 || now + GRACE_NS < deadline_ns ? now + (seen > 1 ? 0 : GRACE_NS) : deadline_ns;
            (void)kill(child->pid, SIGTERM);
        }
        if (now >= deadline_ns)
            return EVENT_TIMEOUT;
        /* The pipe of signals stays readable: it is looked at until the first has come. */
        if (poll(fds, seen ? 2 : 3, (int)((deadline_ns - now) / 1000000 + 1)) < 0 && errno != EINTR)
            return EVENT_DIED;
        if (fds[1].revents & POLLIN)
            drain_output(child);
        if (fds[1].revents & POLLHUP)
            fds[1].fd = -1;
        if (fds[0].revents)
            return recv(child->socket, ret_message, sizeof(*ret_message), 0) == (ssize_t)sizeof(*ret_message)
                       ? EVENT_MESSAGE
                       : EVENT_DIED;
        fds[0].revents = fds[1].revents = 0;
    }
}

static void fail(struct outcome_trial *trial, enum outcome_status status, const char *reason) {
    trial->status = status;
    trial->reason = strdup(reason);
}

/* Says how the process died, with its last words. */
static void report_death(struct child *child, struct outcome_trial *trial) {
    cleanup_free char *reason = NULL;
    siginfo_t info = {0};
    const char *words;
    char *end;

    (void)waitid(P_PID, (id_t)child->pid, &info, WEXITED | WNOWAIT);
    drain_output(child);
    for (end = child->words + strlen(child->words); end > child->words && end[-1] == '\n'; end--)
        end[-1] = '\0';
    words = strrchr(child->words, '\n') ? strrchr(child->words, '\n') + 1 : child->words;
    if (info.si_code == CLD_EXITED)
        (void)!asprintf(&reason, "its process ended by itself with status %d%s%s", info.si_status,
                        *words ? "; last words: " : "", words);
    else
        (void)!asprintf(&reason, "its process was killed by signal %d (%s)%s%s", info.si_status,
                        strsignal(info.si_status), *words ? "; last words: " : "", words);
    fail(trial, OUTCOME_CRASHED, reason ? reason : "its process died");
}

static void report_timeout(const struct outcome_case *outcome, struct outcome_trial *trial) {
    char reason[128];

    (void)snprintf(reason, sizeof(reason), "had not ended at its deadline of %g s and was killed",
                   outcome->deadline_s);
    fail(trial, signals_count() ? OUTCOME_INTERRUPTED : OUTCOME_TIMEOUT,
         signals_count() ? "stopped by the user" : reason);
}

static void report_status(const struct outcome_case *outcome, const struct worker_message *message,
                          struct outcome_trial *trial) {
    uint64_t limit_ns = (uint64_t)(outcome->deadline_s * NS_PER_S);
    bool ended_early = message->status == -ECANCELED;
    bool at_deadline = ended_early && message->end_ns - message->start_ns + NS_PER_S / 2 > limit_ns;

    if (message->status == 0)
        trial->status = OUTCOME_OK;
    else if (ended_early && signals_count())
        fail(trial, OUTCOME_INTERRUPTED, "stopped by the user");
    else if (at_deadline)
        fail(trial, OUTCOME_TIMEOUT, "stopped itself at its deadline");
    else if (message->status == -ENOTSUP && message->kind == WORKER_READY)
        fail(trial, OUTCOME_UNSUPPORTED, message->error.text);
    else
        fail(trial, OUTCOME_FAILED,
             message->error.text[0] ? message->error.text : strerror(-message->status));
}

/* Puts away what comes before the message that ends a step. */
static void take(struct child *child, struct outcome_case *outcome, struct outcome_trial *trial,
                 const struct worker_message *message) {
    struct outcome_metric *metric;

    switch (message->kind) {
    case WORKER_METRIC:
        metric = outcome_trial_add_metric(trial);
        if (metric)
            *metric = message->metric;
        break;
    case WORKER_FACT:
        (void)outcome_facts_set(message->of_case ? &outcome->facts : &trial->facts, message->fact.key,
                                message->fact.value);
        break;
    case WORKER_LOG:
        (void)snprintf(child->words, sizeof(child->words), "%.*s", CHILD_WORDS_SIZE - 1, message->error.text);
        break;
    case WORKER_PATH:
        outcome->path = strcmp(message->error.text, "loopback") == 0 ? "loopback" : "network";
        break;
    case WORKER_CLOCK:
        trial->clock = message->clock;
        break;
    case WORKER_READY:
    case WORKER_DONE:
        break;
    }
}

/* Takes messages until one of that kind ends the step; false where none came. */
static bool await_end(struct child *child, struct outcome_case *outcome, struct outcome_trial *trial,
                      enum worker_message_kind kind, struct worker_message *message) {
    uint64_t deadline_ns = clock_now_ns() + (uint64_t)(outcome->deadline_s * NS_PER_S) + LATE_NS;

    for (;;) {
        switch (await_message(child, deadline_ns, message)) {
        case EVENT_MESSAGE:
            take(child, outcome, trial, message);
            if (message->kind != kind)
                continue;
            report_status(outcome, message, trial);
            return true;
        case EVENT_DIED:
            report_death(child, trial);
            return false;
        case EVENT_TIMEOUT:
            report_timeout(outcome, trial);
            return false;
        }
    }
}

void child_await_ready(struct child *child, struct outcome_case *outcome, struct outcome_trial *trial) {
    struct worker_message message;

    (void)await_end(child, outcome, trial, WORKER_READY, &message);
}

void child_run_trial(struct child *child, struct outcome_case *outcome, struct outcome_trial *trial) {
    struct worker_order order = {clock_now_ns() + (uint64_t)(outcome->deadline_s * NS_PER_S)};
    struct worker_message message;

    trial->start_s = (double)clock_now_ns() / NS_PER_S;
    if (send(child->socket, &order, sizeof(order), MSG_NOSIGNAL) < 0)
        report_death(child, trial);
    else if (await_end(child, outcome, trial, WORKER_DONE, &message)) {
        trial->start_s = (double)message.start_ns / NS_PER_S;
        trial->duration_s = (double)(message.end_ns - message.start_ns) / NS_PER_S;
        trial->flags |= message.flags;
        trial->has_noise = message.has_noise;
        trial->noise = message.noise;
    }
    child->used_ns = clock_now_ns();
}

void child_end(struct child *child, bool at_once) {
    struct pollfd process = {.fd = child->process, .events = POLLIN};

    if (child->pid <= 0)
        return;
    (void)close(child->socket);
    /* Whatever the case started is in its process group, which lives until its leader is waited for. */
    if (poll(&process, 1, at_once ? 0 : (int)(END_NS / 1000000)) != 1)
        (void)kill(child->pid, SIGKILL);
    (void)waitid(P_PID, (id_t)child->pid, NULL, WEXITED | WNOWAIT);
    (void)kill(-child->pid, SIGKILL);
    (void)waitpid(child->pid, NULL, 0);
    (void)close(child->process);
    (void)close(child->output);
    *child = (struct child){0};
}
