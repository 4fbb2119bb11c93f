/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What arrives from a case's process, checked against what may arrive: nothing that a stray write, a second
 * process or a confused module sends becomes a figure. */
#ifndef VMSUITE_RUNNER_RUN_WORKER_INTAKE_H
#define VMSUITE_RUNNER_RUN_WORKER_INTAKE_H

#include "run/worker/worker.h"

/* Receives one message from `socket` without waiting. 1; 0: there is none, or it was a signal; -ECONNRESET:
 * the process has closed its end; -EPROTO with a sentence: it is not from process `from` (SO_PASSCRED), or
 * not as a worker sends it. */
int intake_receive(int socket, pid_t from, uint32_t order, struct worker_message *ret_message,
                   struct vms_error *error);

/* Puts the message's content into case and trial. -EPROTO with a sentence: a metric that the module does not
 * have, in the wrong shape, or twice. -ENOMEM. */
int intake_take(const struct worker_message *message, struct outcome_case *outcome,
                struct outcome_trial *trial, struct vms_error *error);

#endif
