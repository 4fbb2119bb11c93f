/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A session while it goes on. */
#ifndef VMSUITE_RUNNER_PEER_SERVER_SESSION_STATE_H
#define VMSUITE_RUNNER_PEER_SERVER_SESSION_STATE_H

#include "peer/server/session.h"
#include "peer/server/trial.h"
#include "peer/wire/handshake.h"

#define SESSION_FRAME_LIMIT_NS (10 * NS_PER_S) /* for a frame whose first byte is there */

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

/* The handshake, then the module that the client asks for. 0, or -1 where the session has ended. */
int session_open(struct session *session);

/* Tells the listener how the session is going. */
void session_report(struct session *session);

/* End the session: the text goes to the log and, where it is refused with a code, to the client; `status`
 * says what failed. All return -1 for the loop. */
int session_end(struct session *session, const char *text);
int session_refuse(struct session *session, enum message_code code, const char *text);
int session_fail(struct session *session, int status, const struct vms_error *error);

#endif
