/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "peer/server/session_state.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/wait.h"
#include "peer/wire/clock_sync.h"

#include <signal.h>
#include <string.h>

#define IDLE_LIMIT_NS (3600 * NS_PER_S) /* between trials: the client interleaves its cases */

static volatile sig_atomic_t draining;

static void on_drain(int signal) {
    (void)signal;
    draining = 1;
}

void session_report(struct session *session) {
    /* Less than PIPE_BUF, so it is written whole; a listener that is gone needs no report. */
    ssize_t written = write(session->setup->report_fd, &session->report, sizeof(session->report));

    (void)written;
}

int session_end(struct session *session, const char *text) {
    if (!session->report.end.text[0])
        message_clean(text, &session->report.end);
    return -1;
}

int session_refuse(struct session *session, enum message_code code, const char *text) {
    peer_refuse(&session->stream, code, text);
    return session_end(session, text);
}

int session_fail(struct session *session, int status, const struct vms_error *error) {
    if (status == -EPROTO || status == -EMSGSIZE)
        return session_refuse(session, CODE_PROTOCOL, error->text);
    return session_end(session, status == -ECONNRESET ? "closed by the client" : error->text);
}

static int start_trial(struct session *session, const struct message *message) {
    const struct message started = {.type = MESSAGE_STARTED, .trial = message->trial};
    struct vms_error error;
    int status;

    if (trial_runs(&session->trial))
        return session_refuse(session, CODE_PROTOCOL, "a trial was asked for while another one runs");
    if (draining)
        return session_refuse(session, CODE_SHUTDOWN, "the peer is being stopped");
    session->trial_setup.limit_s = message->limit_s;
    session->trial_number = message->trial;
    session->held = false;
    if ((status = trial_start(&session->trial_setup, &session->trial, &error)) < 0)
        return session_refuse(session, CODE_BUSY, error.text);
    session->kill_ns = clock_now_ns() + (uint64_t)((message->limit_s + TRIAL_GRACE_S) * (double)NS_PER_S);
    session->report.trials++;
    status = peer_send(&session->stream, &started, clock_now_ns() + SESSION_FRAME_LIMIT_NS, &error);
    return status < 0 ? session_fail(session, status, &error) : 0;
}

static int end_trial(struct session *session, const struct trial_end *trial_end) {
    const struct message ended = {.type = MESSAGE_ENDED,
                                  .trial = session->trial_number,
                                  .ending = trial_end->ending,
                                  .text = trial_end->text.text};
    struct vms_error error;
    int status = peer_send(&session->stream, &ended, clock_now_ns() + SESSION_FRAME_LIMIT_NS, &error);

    session->held = false;
    return status < 0 ? session_fail(session, status, &error) : 0;
}

/* Hands a message from the client on to the trial; while the trial has no room, it is held and nothing more
 * is read from the client. */
static void pass_to_trial(struct session *session, const void *message, size_t length) {
    session->held = trial_put(&session->trial, message, length) == -EAGAIN;
    session->held_message = message;
    session->held_length = length;
}

static int answer_clock(struct session *session, uint32_t exchange, uint64_t received_ns) {
    struct message answer;
    struct vms_error error;
    int status;

    clock_sync_answer(exchange, received_ns, session->setup->now, &answer);
    status = peer_send(&session->stream, &answer, clock_now_ns() + SESSION_FRAME_LIMIT_NS, &error);
    return status < 0 ? session_fail(session, status, &error) : 0;
}

/* Reads one frame from the client. */
static int take_frame(struct session *session) {
    enum frame_kind kind = FRAME_JSON;
    const void *payload = NULL;
    size_t length = 0;
    json_auto_t *json = NULL;
    struct message message;
    struct vms_error error;
    uint64_t received_ns = session->setup->now();
    int status;

    status = frame_receive(&session->stream, &kind, &payload, &length,
                           clock_now_ns() + SESSION_FRAME_LIMIT_NS, &error);
    if (status < 0)
        return session_fail(session, status, &error);
    if (kind == FRAME_BINARY) {
        if (trial_runs(&session->trial))
            pass_to_trial(session, payload, length);
        return 0; /* after a trial: sent before the client knew of its end */
    }
    if ((status = frame_parse_json(payload, length, &json, &error)) == 0)
        status = message_read(json, MESSAGE_FROM_CLIENT, &message, &error);
    if (status < 0)
        status = session_fail(session, status, &error);
    else if (message.type == MESSAGE_TRIAL)
        status = start_trial(session, &message);
    else if (message.type == MESSAGE_CLOCK_QUESTION)
        status = answer_clock(session, message.exchange, received_ns);
    else
        status = session_refuse(session, CODE_PROTOCOL, "a message came out of turn");
    return status;
}

/* Takes what the trial has said. */
static int take_from_trial(struct session *session) {
    struct trial_end trial_end = {0};
    struct vms_error error;
    size_t length = 0;
    int status = trial_take(&session->trial, session->buffer, &length, &trial_end);

    if (status == -EAGAIN)
        return 0;
    if (status == 0)
        return end_trial(session, &trial_end);
    status = frame_send(&session->stream, FRAME_BINARY, session->buffer, length, session->kill_ns, &error);
    return status < 0 ? session_fail(session, status, &error) : 0;
}

static int kill_late_trial(struct session *session) {
    struct trial_end late = {.ending = ENDED_TIMEOUT};

    trial_kill(&session->trial);
    (void)error_set(&late.text, 0, "the peer's half did not end within %g s after its limit of %g s",
                    TRIAL_GRACE_S, session->trial_setup.limit_s);
    return end_trial(session, &late);
}

/* Waits for the client, the trial, the deadline or SIGTERM, which is let in only here. */
static int wait_for_work(struct session *session, struct pollfd waiting[static 3], uint64_t deadline_ns) {
    sigset_t none;

    sigemptyset(&none);
    waiting[0] = (struct pollfd){.fd = session->setup->fd, .events = POLLRDHUP};
    if (!session->held)
        waiting[0].events |= POLLIN;
    waiting[1] =
        (struct pollfd){.fd = trial_runs(&session->trial) ? session->trial.fd : -1, .events = POLLIN};
    if (session->held)
        waiting[1].events |= POLLOUT;
    /* It has ended; a helper that it started may still hold the other end of its socket. */
    waiting[2] = (struct pollfd){.fd = trial_runs(&session->trial) ? session->trial.keeper.link : -1,
                                 .events = POLLIN};
    return wait_poll(waiting, 3, deadline_ns, &none);
}

/* One turn: 0 to go on, -1 at the session's end. */
static int turn(struct session *session, uint64_t idle_ns) {
    struct pollfd waiting[3];
    bool running = trial_runs(&session->trial);
    int ready;

    if (draining && !running)
        return session_refuse(session, CODE_SHUTDOWN, "the peer is being stopped");
    ready = wait_for_work(session, waiting, running ? session->kill_ns : idle_ns);
    if (ready < 0)
        return ready == -EINTR ? 0 : session_end(session, strerror(-ready));
    if (ready == 0 && running)
        return kill_late_trial(session);
    if (ready == 0)
        return session_refuse(session, CODE_TIMEOUT, "the session was idle for an hour");
    if (session->held && waiting[0].revents)
        return session_end(session, "closed by the client");
    if (session->held && (waiting[1].revents & POLLOUT))
        pass_to_trial(session, session->held_message, session->held_length);
    if (((waiting[1].revents & (POLLIN | POLLHUP | POLLERR)) || waiting[2].revents) &&
        take_from_trial(session) < 0)
        return -1;
    return waiting[0].revents && !session->held ? take_frame(session) : 0;
}

static void serve_trials(struct session *session) {
    uint64_t idle_ns = clock_now_ns() + IDLE_LIMIT_NS;

    session_report(session);
    while (turn(session, idle_ns) == 0) {
        if (trial_runs(&session->trial))
            idle_ns = clock_now_ns() + IDLE_LIMIT_NS;
    }
    trial_kill(&session->trial);
}

void session_run(const struct session_setup *setup) {
    struct session session = {.setup = setup, .buffer = malloc(VMS_MESSAGE_MAX), .trial.fd = -1};
    struct sigaction drain = {.sa_handler = on_drain};
    sigset_t blocked;

    /* Before there is a trial to save, SIGTERM may end us at once; from here on it waits for ppoll. */
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    frame_stream_init(&session.stream, setup->fd);
    if (!session.buffer) {
        (void)session_end(&session, "no memory");
    } else if (session_open(&session) == 0) {
        (void)sigprocmask(SIG_BLOCK, &blocked, NULL);
        (void)sigaction(SIGTERM, &drain, NULL);
        serve_trials(&session);
    }
    session_report(&session);
    frame_stream_done(&session.stream);
    json_decref(session.open);
    free(session.values);
    free(session.buffer);
}
