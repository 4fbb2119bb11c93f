/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "peer/server/session.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/units.h"
#include "common/estimate.h"
#include "common/wait.h"
#include "module/param.h"
#include "peer/server/trial.h"
#include "peer/wire/clock_sync.h"
#include "peer/wire/handshake.h"
#include "peer/wire/net.h"

#include <signal.h>
#include <sodium.h>
#include <string.h>

#define OPEN_LIMIT_NS (10 * NS_PER_S)   /* from the handshake to the request to open */
#define FRAME_LIMIT_NS (10 * NS_PER_S)  /* for a frame whose first byte is there */
#define IDLE_LIMIT_NS (3600 * NS_PER_S) /* between trials: the client interleaves its cases */

/* What a session takes beside its module's work. */
#define SESSION_MEMORY (UINT64_C(4) << 20)

static volatile sig_atomic_t draining;

struct session {
    const struct session_setup *setup;
    struct frame_stream stream;
    struct session_report report;
    const struct vms_module *module;
    json_t *open; /* owns the texts of the values */
    union vms_value *values;
    struct trial_setup trial_setup;
    struct trial_process trial;
    uint32_t trial_number;
    uint64_t kill_ns; /* when a trial that runs is killed */
    bool held;        /* the stream holds a message that the trial had no room for */
    const void *held_message;
    size_t held_length;
    uint8_t *buffer; /* VMS_MESSAGE_MAX bytes */
};

static void on_drain(int signal) {
    (void)signal;
    draining = 1;
}

static void report(struct session *session) {
    /* Less than PIPE_BUF, so it is written whole; a listener that is gone needs no report. */
    ssize_t written = write(session->setup->report_fd, &session->report, sizeof(session->report));

    (void)written;
}

/* Ends the session: `text` goes to the log and, with a code, to the client. Returns -1 for the loop. */
static int end(struct session *session, const char *text) {
    if (!session->report.end.text[0])
        message_clean(text, &session->report.end);
    return -1;
}

static int refuse(struct session *session, enum message_code code, const char *text) {
    peer_refuse(&session->stream, code, text);
    return end(session, text);
}

static int fail(struct session *session, int status, const struct vms_error *error) {
    if (status == -EPROTO || status == -EMSGSIZE)
        return refuse(session, CODE_PROTOCOL, error->text);
    return end(session, status == -ECONNRESET ? "closed by the client" : error->text);
}

/* Parses the parameters that the client gave; those it left out keep their defaults. */
static int parse_values(struct session *session, json_t *params, struct vms_error *error) {
    const char *name;
    json_t *value;
    int status;

    session->values = calloc(session->module->n_params + 1, sizeof(*session->values));
    if (!session->values)
        return error_set(error, -ENOMEM, "no memory for the parameters");
    if ((status = param_defaults(session->module, session->values, error)) < 0)
        return status;
    json_object_foreach (params, name, value) {
        int row = param_find(session->module, name);

        if (row < 0)
            return error_set(error, -EINVAL, "the module %s has no parameter \"%s\" here",
                             session->module->name, name);
        status = param_parse(&session->module->params[row], json_string_value(value), &session->values[row],
                             error);
        if (status < 0)
            return status;
    }
    return 0;
}

/* Holds what the module's half will about allocate against what this peer grants. Its own estimate is the
 * same as the client's: each half of a case holds about what the whole is said to. */
static int promise_memory(struct session *session) {
    const struct outcome_case asked = {.id = 1, .module = session->module, .values = session->values};
    struct ledger *ledger = session->setup->ledger;
    char trouble[ESTIMATE_TROUBLE_SIZE], text[300], wanted[UNITS_TEXT_SIZE], most[UNITS_TEXT_SIZE];
    struct vms_estimate estimate = {0};
    uint64_t bytes;

    estimate_cases(&asked, 1, &estimate, trouble);
    if (trouble[0])
        return refuse(session, CODE_PARAMETERS, trouble);
    bytes = estimate.memory < INT64_MAX - SESSION_MEMORY ? estimate.memory + SESSION_MEMORY : INT64_MAX;
    session->trial_setup.memory = bytes;
    if (ledger_promise(ledger, session->setup->entry, bytes))
        return 0;
    units_format_bytes(bytes >> 20 << 20, wanted);
    units_format_bytes(ledger_memory_max(ledger), most);
    (void)snprintf(text, sizeof(text),
                   "a session with these parameters takes about %s of memory; %s %s (--memory)", wanted,
                   bytes > ledger_memory_max(ledger) ? "the peer grants"
                                                     : "other sessions leave less than that of",
                   most);
    return refuse(session, bytes > ledger_memory_max(ledger) ? CODE_PARAMETERS : CODE_BUSY, text);
}

/* Finds what the client asks for. */
static int open_module(struct session *session, const struct message *open) {
    struct vms_error error;
    char text[300];

    session->module = module_list_find(session->setup->modules, open->module);
    if (!session->module || !session->module->serve) {
        message_clean(open->module, &error);
        snprintf(text, sizeof(text),
                 "there is no two-sided module \"%.100s\" on the peer: install it there too", error.text);
        return refuse(session, CODE_MODULE, text);
    }
    if (session->module->workload_version != open->workload_version) {
        snprintf(
            text, sizeof(text),
            "the module %s has workload version %u on the peer and %u here: install the same vmsuite on both",
            session->module->name, session->module->workload_version, open->workload_version);
        return refuse(session, CODE_WORKLOAD, text);
    }
    if (parse_values(session, open->params, &error) < 0)
        return refuse(session, CODE_PARAMETERS, error.text);
    if (promise_memory(session) < 0)
        return -1;
    snprintf(session->report.module, sizeof(session->report.module), "%s", session->module->name);
    return 0;
}

static int answer_open(struct session *session, const struct message *open) {
    struct message opened = {.type = MESSAGE_OPENED};
    struct trial_setup *setup = &session->trial_setup;
    struct vms_error error;
    int status;

    if (open_module(session, open) < 0)
        return -1;
    setup->module = session->module;
    setup->values = session->values;
    setup->seed = open->seed;
    if ((status = net_ends(session->setup->fd, &setup->address, &setup->peer, &error)) < 0)
        return fail(session, status, &error);
    net_clear_port(&setup->address);
    net_clear_port(&setup->peer);
    randombytes_buf(setup->cookie, sizeof(setup->cookie));
    memcpy(opened.cookie, setup->cookie, sizeof(opened.cookie));
    peer_path_read(session->setup->fd, &opened.path);
    status = peer_send(&session->stream, &opened, clock_now_ns() + FRAME_LIMIT_NS, &error);
    return status < 0 ? fail(session, status, &error) : 0;
}

/* Handshake, then the module. */
static int open_session(struct session *session) {
    struct message message;
    struct vms_error error;
    int status =
        handshake_peer(&session->stream, session->setup->token, clock_now_ns() + HANDSHAKE_LIMIT_NS, &error);

    if (status < 0)
        return end(session, error.text);
    session->report.authenticated = true;
    report(session);
    if (!ledger_admit(session->setup->ledger, session->setup->entry))
        return refuse(session, CODE_BUSY, "it has as many sessions as it accepts (--max-sessions)");
    status = peer_receive(&session->stream, MESSAGE_FROM_CLIENT, clock_now_ns() + OPEN_LIMIT_NS,
                          &session->open, &message, &error);
    if (status < 0)
        return fail(session, status, &error);
    if (message.type != MESSAGE_OPEN)
        return refuse(session, CODE_PROTOCOL, "a session begins with the message \"open\"");
    return answer_open(session, &message);
}

static int start_trial(struct session *session, const struct message *message) {
    const struct message started = {.type = MESSAGE_STARTED, .trial = message->trial};
    struct vms_error error;
    int status;

    if (trial_runs(&session->trial))
        return refuse(session, CODE_PROTOCOL, "a trial was asked for while another one runs");
    if (draining)
        return refuse(session, CODE_SHUTDOWN, "the peer is being stopped");
    session->trial_setup.limit_s = message->limit_s;
    session->trial_number = message->trial;
    session->held = false;
    if ((status = trial_start(&session->trial_setup, &session->trial, &error)) < 0)
        return refuse(session, CODE_BUSY, error.text);
    session->kill_ns = clock_now_ns() + (uint64_t)((message->limit_s + TRIAL_GRACE_S) * (double)NS_PER_S);
    session->report.trials++;
    status = peer_send(&session->stream, &started, clock_now_ns() + FRAME_LIMIT_NS, &error);
    return status < 0 ? fail(session, status, &error) : 0;
}

static int end_trial(struct session *session, const struct trial_end *trial_end) {
    const struct message ended = {.type = MESSAGE_ENDED,
                                  .trial = session->trial_number,
                                  .ending = trial_end->ending,
                                  .text = trial_end->text.text};
    struct vms_error error;
    int status = peer_send(&session->stream, &ended, clock_now_ns() + FRAME_LIMIT_NS, &error);

    session->held = false;
    return status < 0 ? fail(session, status, &error) : 0;
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
    status = peer_send(&session->stream, &answer, clock_now_ns() + FRAME_LIMIT_NS, &error);
    return status < 0 ? fail(session, status, &error) : 0;
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

    status =
        frame_receive(&session->stream, &kind, &payload, &length, clock_now_ns() + FRAME_LIMIT_NS, &error);
    if (status < 0)
        return fail(session, status, &error);
    if (kind == FRAME_BINARY) {
        if (trial_runs(&session->trial))
            pass_to_trial(session, payload, length);
        return 0; /* after a trial: sent before the client knew of its end */
    }
    if ((status = frame_parse_json(payload, length, &json, &error)) == 0)
        status = message_read(json, MESSAGE_FROM_CLIENT, &message, &error);
    if (status < 0)
        status = fail(session, status, &error);
    else if (message.type == MESSAGE_TRIAL)
        status = start_trial(session, &message);
    else if (message.type == MESSAGE_CLOCK_QUESTION)
        status = answer_clock(session, message.exchange, received_ns);
    else
        status = refuse(session, CODE_PROTOCOL, "a message came out of turn");
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
    return status < 0 ? fail(session, status, &error) : 0;
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
        return refuse(session, CODE_SHUTDOWN, "the peer is being stopped");
    ready = wait_for_work(session, waiting, running ? session->kill_ns : idle_ns);
    if (ready < 0)
        return ready == -EINTR ? 0 : end(session, strerror(-ready));
    if (ready == 0 && running)
        return kill_late_trial(session);
    if (ready == 0)
        return refuse(session, CODE_TIMEOUT, "the session was idle for an hour");
    if (session->held && waiting[0].revents)
        return end(session, "closed by the client");
    if (session->held && (waiting[1].revents & POLLOUT))
        pass_to_trial(session, session->held_message, session->held_length);
    if (((waiting[1].revents & (POLLIN | POLLHUP | POLLERR)) || waiting[2].revents) &&
        take_from_trial(session) < 0)
        return -1;
    return waiting[0].revents && !session->held ? take_frame(session) : 0;
}

static void serve_trials(struct session *session) {
    uint64_t idle_ns = clock_now_ns() + IDLE_LIMIT_NS;

    report(session);
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
        (void)end(&session, "no memory");
    } else if (open_session(&session) == 0) {
        (void)sigprocmask(SIG_BLOCK, &blocked, NULL);
        (void)sigaction(SIGTERM, &drain, NULL);
        serve_trials(&session);
    }
    report(&session);
    frame_stream_done(&session.stream);
    json_decref(session.open);
    free(session.values);
    free(session.buffer);
}
