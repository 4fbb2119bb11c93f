/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opens an agent's session: everything that the driver says is checked against what there is here.
 * `ret_answer` gets the message to answer with, a new reference. -errno with a sentence. */
#ifndef VMSUITE_RUNNER_AGENT_AGENT_OPEN_H
#define VMSUITE_RUNNER_AGENT_AGENT_OPEN_H

#include "agent/agent_session.h"

int agent_open(struct agent_session *session, const json_t *message, json_t **ret_answer,
               struct vms_error *error);

/* Starts a peer for the cases of other places. As agent_open. */
int agent_serve(struct agent_session *session, const json_t *message, json_t **ret_answer,
                struct vms_error *error);

#endif
