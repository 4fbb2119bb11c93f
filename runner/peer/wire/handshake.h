/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How the two ends of a control connection come to trust each other, and messages on it. */
#ifndef VMSUITE_RUNNER_PEER_WIRE_HANDSHAKE_H
#define VMSUITE_RUNNER_PEER_WIRE_HANDSHAKE_H

#include "peer/wire/frame.h"
#include "peer/wire/message.h"
#include "peer/wire/token.h"

#define HANDSHAKE_LIMIT_NS (10 * NS_PER_S) /* until the client has proved itself */
#define HANDSHAKE_FAILURES 3               /* wrong proofs before the connection is closed */
#define HANDSHAKE_FRAME_MAX ((size_t)4096) /* bytes that a stranger may send in one frame */

/* Sends a message. Errors as frame_send_json. */
int peer_send(struct frame_stream *stream, const struct message *message, uint64_t deadline_ns,
              struct vms_error *error);

/* Receives a message of that origin. *ret_json owns what the message borrows. A refusal by the peer ("error")
 * comes back as its errno and sentence. Errors as frame_receive_json and message_read. */
int peer_receive(struct frame_stream *stream, enum message_origin origin, uint64_t deadline_ns,
                 json_t **ret_json, struct message *ret_message, struct vms_error *error);

/* Turns an "error" message into its errno and sentence. */
int peer_refusal(const struct message *message, struct vms_error *error);

/* Tells the other end why it is refused; best effort, as the connection ends anyway. */
void peer_refuse(struct frame_stream *stream, enum message_code code, const char *text);

/* The client's half. Both halves leave the stream sealed. Refuses (-EACCES) to go on without a token, and a
 * peer that asks for none or cannot prove that it knows it. */
int handshake_client(struct frame_stream *stream, const struct token *token, uint64_t deadline_ns,
                     struct vms_error *error);

/* The peer's half. A wrong proof may be tried again twice, on the same nonces. The client has been told what
 * failed. */
int handshake_peer(struct frame_stream *stream, const struct token *token, uint64_t deadline_ns,
                   struct vms_error *error);

#endif
