/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "run/worker/child.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/cut.h"
#include "common/signals.h"
#include "run/worker/intake.h"

#include <limits.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>

/* How long an interrupted trial has to end in order. */
#define GRACE_NS (2 * NS_PER_S)
#define END_NS (5 * NS_PER_S)
/* A clean-up has as long as a trial, within these: beside a load, what 5 s are enough for takes longer. */
#define CLEAN_UP_LEAST_S 5.0
#define CLEAN_UP_MOST_S 30.0
/* A worker is to end by its deadline; it is killed this much later. */
#define LATE_NS NS_PER_S
/* What waits to be read at the deadline is still taken: we may have been stopped, not the worker. But not
 * more than this, as one may send without end. */
#define LATE_MESSAGES 1024
/* From the end of the connection to the end of its process. */
#define SILENT_NS NS_PER_S

enum event { EVENT_MESSAGE, EVENT_NONSENSE, EVENT_DIED, EVENT_SILENT, EVENT_TIMEOUT };

bool child_lives(const struct child *child) {
    return child->keeper.pid > 0;
}

/* Keeps the end of what the process has printed; not more at a time than a pipe holds, so that one that
 * prints without end does not keep us from its deadline. */
static void drain_output(struct child *child) {
    char buffer[4096];
    ssize_t got;

    for (int i = 0; i < 16 && (got = read(child->output, buffer, sizeof(buffer))) > 0; i++) {
        size_t keep = (size_t)got < sizeof(child->words) - 1 ? (size_t)got : sizeof(child->words) - 1;

        memcpy(child->words, buffer + got - keep, keep);
        child->words[keep] = '\0';
    }
}

/* An interrupt asks the process to stop and leaves it GRACE_NS; a second one leaves it nothing. */
static void heed_signals(const struct child *child, int *seen, uint64_t *deadline_ns) {
    uint64_t now_ns = clock_now_ns();

    if (signals_count() == *seen)
        return;
    *seen = signals_count();
    if (*seen > 1)
        *deadline_ns = now_ns;
    else if (now_ns + GRACE_NS < *deadline_ns)
        *deadline_ns = now_ns + GRACE_NS;
    keeper_ask(&child->keeper);
}

/* How long to wait, so that neither the deadline nor the clock on the terminal is late. */
static int until_ms(const struct child *child, uint64_t left_ns) {
    int tick_ms = child->progress ? progress_tick(child->progress) : -1;
    int left_ms = left_ns < UINT64_C(1000000) * INT_MAX ? (int)(left_ns / 1000000 + 1) : INT_MAX;

    return tick_ms >= 0 && tick_ms < left_ms ? tick_ms : left_ms;
}

/* Waits for the next message. */
static enum event await_message(struct child *child, uint64_t deadline_ns, struct worker_message *ret_message,
                                struct vms_error *error) {
    struct pollfd fds[] = {{.fd = child->socket, .events = POLLIN},
                           {.fd = child->keeper.link, .events = POLLIN},
                           {.fd = child->output, .events = POLLIN},
                           {.fd = signals_fd(), .events = POLLIN},
                           {.fd = signals_watched(), .events = POLLIN}};
    int seen = 0;

    for (;;) {
        uint64_t now_ns;
        int wait_ms = 0, ready, status = 0;

        heed_signals(child, &seen, &deadline_ns);
        now_ns = clock_now_ns();
        if (now_ns < deadline_ns)
            wait_ms = until_ms(child, deadline_ns - now_ns);
        /* The pipe of signals stays readable: it is looked at until the first has come. */
        ready = poll(fds, seen ? 3 : 5, wait_ms);
        if (ready == 0 && now_ns < deadline_ns)
            continue;
        if (now_ns >= deadline_ns && (ready == 0 || child->n_late++ > LATE_MESSAGES))
            return EVENT_TIMEOUT;
        if (ready <= 0)
            continue;
        if (!seen && fds[4].revents) {
            signals_heed();
            continue;
        }
        if (fds[2].revents & POLLIN)
            drain_output(child);
        if (fds[2].revents & (POLLHUP | POLLERR))
            fds[2].fd = -1;
        if (fds[0].revents)
            status = intake_receive(child->socket, child->keeper.kept, child->order, ret_message, error);
        if (status > 0)
            return EVENT_MESSAGE;
        if (status == -EPROTO)
            return EVENT_NONSENSE;
        if (fds[1].revents)
            return EVENT_DIED;
        /* No more can come; as a rule the process is about to end, and that says more. */
        if (status == -ECONNRESET) {
            struct keeper_end end;

            if (now_ns + SILENT_NS < deadline_ns)
                deadline_ns = now_ns + SILENT_NS;
            return keeper_wait(&child->keeper, deadline_ns, &end) ? EVENT_DIED : EVENT_SILENT;
        }
    }
}

static void fail(struct outcome_trial *trial, enum outcome_status status, const char *reason) {
    trial->status = status;
    free(trial->reason);
    trial->reason = strdup(reason);
}

/* The last line of what it printed or logged. */
static const char *last_words(struct child *child) {
    const char *line;
    char *end;

    drain_output(child);
    for (end = child->words + strlen(child->words); end > child->words && end[-1] == '\n'; end--)
        end[-1] = '\0';
    line = strrchr(child->words, '\n');
    return line ? line + 1 : child->words;
}

/* Says how the process died, with its last words. */
static void report_death(struct child *child, const char *what, struct outcome_trial *trial) {
    char how[KEEPER_WORDS_SIZE], reason[CHILD_WORDS_SIZE + 2 * KEEPER_WORDS_SIZE];
    const char *words = last_words(child);
    struct keeper_end end = {0};

    (void)keeper_wait(&child->keeper, clock_now_ns() + END_NS, &end);
    keeper_describe(&end, how);
    (void)snprintf(reason, sizeof(reason), "%s %s%s%s", what, how, *words ? "; last words: " : "", words);
    fail(trial, OUTCOME_CRASHED, reason);
}

static void report_silence(struct outcome_trial *trial) {
    char reason[128];

    (void)snprintf(
        reason, sizeof(reason),
        "the module closed descriptor %d, over which vmsuite talks with its process, and was killed",
        WORKER_SOCKET);
    fail(trial, OUTCOME_FAILED, reason);
}

static void report_mute(struct outcome_trial *trial) {
    char reason[128];

    (void)snprintf(reason, sizeof(reason), "its process could not be given the order to begin: %s",
                   strerror(errno));
    fail(trial, OUTCOME_FAILED, reason);
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

    if (message->status == 0 && message->kind == WORKER_DONE && trial->n_metrics == 0)
        fail(trial, OUTCOME_FAILED, "the module reported no figure");
    else if (message->status == 0)
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

/* Takes one message, and remembers what it logs as its last words. */
static enum event take_next(struct child *child, uint64_t deadline_ns, struct outcome_case *outcome,
                            struct outcome_trial *trial, struct worker_message *message,
                            struct vms_error *error) {
    enum event event = await_message(child, deadline_ns, message, error);

    if (event != EVENT_MESSAGE)
        return event;
    if (message->kind == WORKER_LOG)
        cut_copy(child->words, sizeof(child->words), message->error.text);
    return intake_take(message, outcome, trial, error) < 0 ? EVENT_NONSENSE : EVENT_MESSAGE;
}

/* Takes messages until one of that kind ends the step; false where none came. */
static bool await_end(struct child *child, struct outcome_case *outcome, struct outcome_trial *trial,
                      enum worker_message_kind kind, struct worker_message *message) {
    uint64_t deadline_ns = clock_now_ns() + (uint64_t)(outcome->deadline_s * NS_PER_S) + LATE_NS;
    struct vms_error error = {""};

    child->n_late = 0;
    for (;;) {
        switch (take_next(child, deadline_ns, outcome, trial, message, &error)) {
        case EVENT_MESSAGE:
            if (message->kind != kind)
                continue;
            report_status(outcome, message, trial);
            return true;
        case EVENT_NONSENSE:
            fail(trial, OUTCOME_FAILED, error.text);
            return false;
        case EVENT_DIED:
            /* The signal that asks it to stop may have come before it could heed it. */
            if (signals_count() > 0)
                fail(trial, OUTCOME_INTERRUPTED, "stopped by the user");
            else
                report_death(child, "its process", trial);
            return false;
        case EVENT_SILENT:
            report_silence(trial);
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
    struct worker_order order = {++child->order, clock_now_ns() + (uint64_t)(outcome->deadline_s * NS_PER_S)};
    struct worker_message message;

    trial->start_s = (double)clock_now_ns() / NS_PER_S;
    /* Where the process is gone, what is left of it says so. */
    if (send(child->socket, &order, sizeof(order), MSG_NOSIGNAL | MSG_DONTWAIT) < 0 && errno != EPIPE &&
        errno != ECONNRESET)
        report_mute(trial);
    else if (await_end(child, outcome, trial, WORKER_DONE, &message)) {
        if (message.start_ns > 0) /* the module was called */
            trial->start_s = (double)message.start_ns / NS_PER_S;
        trial->duration_s =
            message.end_ns > message.start_ns ? (double)(message.end_ns - message.start_ns) / NS_PER_S : 0;
        trial->flags |= message.flags;
        trial->has_noise = message.has_noise;
        trial->noise = message.noise;
    }
    child->used_ns = clock_now_ns();
}

/* Waits for the clean-up, and for what may still be said about the case. */
static void await_clean_up(struct child *child, double limit_s, struct outcome_trial *trouble) {
    uint64_t deadline_ns = clock_now_ns() + (uint64_t)(limit_s * NS_PER_S);
    struct worker_message message;
    struct vms_error error = {""};
    struct keeper_end end = {0};
    char reason[80];
    enum event event;

    child->n_late = 0;
    (void)shutdown(child->socket, SHUT_WR);
    do
        event = await_message(child, deadline_ns, &message, &error);
    while (event == EVENT_MESSAGE);
    if (event == EVENT_NONSENSE)
        fail(trouble, OUTCOME_FAILED, error.text);
    else if (!keeper_wait(&child->keeper, 0, &end)) {
        (void)snprintf(reason, sizeof(reason), "its clean-up had not ended after %.0f s and was killed",
                       limit_s);
        fail(trouble, OUTCOME_TIMEOUT, reason);
    } else if (!end.known || end.killed || end.number != 0)
        report_death(child, "its clean-up", trouble);
}

void child_end(struct child *child, const struct outcome_case *outcome, bool at_once,
               struct outcome_trial *trouble) {
    if (!child_lives(child))
        return;
    if (!at_once)
        await_clean_up(child, fmin(fmax(outcome->deadline_s, CLEAN_UP_LEAST_S), CLEAN_UP_MOST_S), trouble);
    (void)close(child->socket);
    keeper_done(&child->keeper);
    (void)close(child->output);
    *child = (struct child){0};
}
