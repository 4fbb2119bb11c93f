/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agent/agent.h"

#include "agent/agent_message.h"
#include "agent/agent_session.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"
#include "children/children.h"
#include "common/signals.h"
#include "peer/wire/frame.h"

#include <poll.h>
#include <string.h>

#define SEND_NS (60 * NS_PER_S)    /* for a frame to go out: the driver reads what it has asked for */
#define RECEIVE_NS (60 * NS_PER_S) /* for the rest of a frame that has begun */
#define CHILDREN_NS (5 * NS_PER_S)

static int say(struct frame_stream *stream, json_t *message, struct vms_error *error) {
    int status = frame_send_json(stream, message, clock_now_ns() + SEND_NS, error);

    json_decref(message);
    return status;
}

static void say_trouble(void *context, const struct outcome_case *outcome) {
    (void)say(context,
              agent_message_new(AGENT_TROUBLE, json_pack("{s:I, s:s, s:s}", "case", (json_int_t)outcome->id,
                                                         "status", outcome_status_name(outcome->status),
                                                         "reason", outcome->reason ? outcome->reason : "?")),
              NULL);
}

/* Waits for a message however long it takes. -ECANCELED: a signal has come. */
static int await(struct frame_stream *stream, json_t **ret_message, struct vms_error *error) {
    struct pollfd waiting[] = {{.fd = stream->fd, .events = POLLIN}, {.fd = signals_fd(), .events = POLLIN}};

    while (poll(waiting, 2, -1) < 0 && errno == EINTR)
        continue;
    if (signals_count() > 0)
        return -ECANCELED;
    return frame_receive_json(stream, ret_message, clock_now_ns() + RECEIVE_NS, error);
}

/* While a trial runs, whatever the driver says means that it is to end: so does its silence for good. */
static int work(int (*step)(struct agent_session *, const json_t *, json_t **, struct vms_error *),
                struct agent_session *session, const struct frame_stream *stream, const json_t *message,
                json_t **ret_answer, struct vms_error *error) {
    int status;

    signals_watch(stream->fd);
    status = step(session, message, ret_answer, error);
    signals_watch(-1);
    return status;
}

static int answer(struct agent_session *session, const struct frame_stream *stream, const json_t *message,
                  json_t **ret_answer, struct vms_error *error) {
    enum agent_type type = AGENT_ERROR;

    if (agent_message_check(message, AGENT_FROM_DRIVER, &type, error) < 0)
        return -EPROTO;
    switch (type) {
    case AGENT_OPEN:
        return agent_session_open(session, message, ret_answer, error);
    case AGENT_PREPARE:
        return work(agent_session_prepare, session, stream, message, ret_answer, error);
    case AGENT_TAKE:
        return work(agent_session_take, session, stream, message, ret_answer, error);
    case AGENT_FINISH:
        return agent_session_finish(session, message, ret_answer, error);
    case AGENT_CLOSE:
        return agent_session_close(session, ret_answer, error);
    case AGENT_SERVE:
        return agent_session_serve(session, message, ret_answer, error);
    default:
        return error_set(error, -EPROTO, "this is not a message that a driver sends");
    }
}

/* Answers messages until the input ends. What is refused is the last that is answered. A channel that breaks
 * in any other way is an error. */
static int serve(struct agent_session *session, struct frame_stream *stream, struct vms_error *error) {
    int status = say(stream,
                     agent_message_new(AGENT_HELLO, json_pack("{s:s, s:i}", "version", VMSUITE_VERSION,
                                                              "protocol", AGENT_PROTOCOL)),
                     error);

    while (status == 0) {
        json_auto_t *message = NULL;
        json_t *reply = NULL;

        status = await(stream, &message, error);
        if (status < 0)
            break;
        status = answer(session, stream, message, &reply, error);
        if (status < 0)
            (void)say(stream, agent_message_new(AGENT_ERROR, json_pack("{s:s}", "text", error->text)), NULL);
        else
            status = say(stream, reply, error);
    }
    return stream->ended || status == -ECANCELED ? 0 : status;
}

int agent_run(const struct module_list *modules, int in, int out, struct vms_error *error) {
    struct frame_stream stream;
    struct agent_session session = {.modules = modules, .on_trouble = say_trouble, .context = &stream};
    int status;

    children_adopt(true);
    frame_stream_init_pipes(&stream, in, out);
    status = serve(&session, &stream, error);
    agent_session_done(&session);
    frame_stream_done(&stream);
    (void)children_end(clock_now_ns() + CHILDREN_NS);
    children_adopt(false);
    return status;
}
