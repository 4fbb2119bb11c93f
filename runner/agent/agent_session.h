/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A run's half on an agent's machine. */
#ifndef VMSUITE_RUNNER_AGENT_AGENT_SESSION_H
#define VMSUITE_RUNNER_AGENT_AGENT_SESSION_H

#include "agent/agent_message.h"
#include "documents/suite.h"
#include "machine/machine.h"
#include "run/execute/processes.h"

struct agent_session {
    const struct module_list *modules; /* borrowed */
    bool is_open;                      /* trials may be taken */
    bool mismatched;                   /* the machine is not what is expected, and is measured all the same */
    struct suite suite;
    struct outcome_run run;
    struct plan plan;
    struct scratch scratch;
    struct local_peer local_peer; /* of cases, or the peer of others */
    struct peer_address peer;
    struct machine before;
    struct processes *processes;
    struct progress progress;
    struct idle_watch idle;
    void (*on_trouble)(void *context, const struct outcome_case *outcome);
    void *context;
};

/* Each answers a message that was checked, with a new message. -errno with a sentence: the answer is an
 * error. agent_session_open answers with the mismatch, and opens nothing, where the machine is not what is
 * expected, unless that is allowed. */
int agent_session_open(struct agent_session *session, const json_t *message, json_t **ret_answer,
                       struct vms_error *error);
int agent_session_prepare(struct agent_session *session, const json_t *message, json_t **ret_answer,
                          struct vms_error *error);
int agent_session_take(struct agent_session *session, const json_t *message, json_t **ret_answer,
                       struct vms_error *error);
int agent_session_finish(struct agent_session *session, const json_t *message, json_t **ret_answer,
                         struct vms_error *error);
int agent_session_close(struct agent_session *session, json_t **ret_answer, struct vms_error *error);
int agent_session_serve(struct agent_session *session, const json_t *message, json_t **ret_answer,
                        struct vms_error *error);

/* Ends whatever is left of the session, and frees what it owns. */
void agent_session_done(struct agent_session *session);

#endif
