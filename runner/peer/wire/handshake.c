/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "peer/wire/handshake.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"

#include <errno.h>
#include <string.h>

#define REFUSAL_LIMIT_NS (2 * NS_PER_S)

int peer_send(struct frame_stream *stream, const struct message *message, uint64_t deadline_ns,
              struct vms_error *error) {
    json_auto_t *json = message_new(message);
    int status = frame_send_json(stream, json, deadline_ns, error);

    return status;
}

int peer_refusal(const struct message *message, struct vms_error *error) {
    struct vms_error clean;

    message_clean(message->text, &clean);
    return error_set(error, message_code_errno(message->code), "the peer refused: %s", clean.text);
}

int peer_receive(struct frame_stream *stream, enum message_origin origin, uint64_t deadline_ns,
                 json_t **ret_json, struct message *ret_message, struct vms_error *error) {
    json_auto_t *json = NULL;
    struct message message;
    int status = frame_receive_json(stream, &json, deadline_ns, error);

    if (status < 0)
        return status;
    status = message_read(json, origin, &message, error);
    if (status == 0 && message.type == MESSAGE_ERROR)
        status = peer_refusal(&message, error);
    if (status < 0)
        return status;
    *ret_json = TAKE(json);
    *ret_message = message;
    return 0;
}

void peer_refuse(struct frame_stream *stream, enum message_code code, const char *text) {
    const struct message message = {.type = MESSAGE_ERROR, .code = code, .text = text};

    (void)peer_send(stream, &message, clock_now_ns() + REFUSAL_LIMIT_NS, NULL);
}

/* Receives a message that must be of one type and borrows nothing from its JSON. */
static int expect(struct frame_stream *stream, enum message_origin origin, enum message_type type,
                  uint64_t deadline_ns, struct message *ret, struct vms_error *error) {
    json_auto_t *json = NULL;
    int status = peer_receive(stream, origin, deadline_ns, &json, ret, error);

    if (status < 0)
        return status;
    if (ret->type != type)
        return error_set(error, -EPROTO, "a message of the handshake came out of turn");
    return 0;
}

/* From here on all frames are sealed. The labels differ from those of the proofs, so that no proof gives away
 * a key. */
static void seal_stream(struct frame_stream *stream, const struct token *token, bool client,
                        const struct message *client_hello, const struct message *peer_hello) {
    struct seal *of_client = client ? &stream->sends : &stream->receives;
    struct seal *of_peer = client ? &stream->receives : &stream->sends;

    *of_client = *of_peer = (struct seal){.on = true};
    token_prove(token, "client's seal", client_hello->nonce, peer_hello->nonce, of_client->key);
    token_prove(token, "peer's seal", client_hello->nonce, peer_hello->nonce, of_peer->key);
}

/* Shows the peer that we know the token, and has it show the same. */
static int prove_client(struct frame_stream *stream, const struct token *token, const struct message *ours,
                        const struct message *theirs, uint64_t deadline_ns, struct vms_error *error) {
    struct message proof = {.type = MESSAGE_CLIENT_PROOF}, answer;
    int status;

    token_prove(token, "client", ours->nonce, theirs->nonce, proof.proof);
    if ((status = peer_send(stream, &proof, deadline_ns, error)) < 0 ||
        (status = expect(stream, MESSAGE_FROM_PEER, MESSAGE_PEER_PROOF, deadline_ns, &answer, error)) < 0)
        return status;
    if (!token_verify(token, "peer", ours->nonce, theirs->nonce, answer.proof))
        return error_set(
            error, -EACCES,
            "the peer cannot prove that it knows the token: it has another token, or is another machine");
    seal_stream(stream, token, true, ours, theirs);
    return 0;
}

int handshake_client(struct frame_stream *stream, const struct token *token, uint64_t deadline_ns,
                     struct vms_error *error) {
    struct message ours = {.type = MESSAGE_CLIENT_HELLO}, theirs;
    int status;

    token_nonce(ours.nonce);
    /* A peer without room answers before it is asked and hangs up: its sentence is worth more than EPIPE. */
    status = peer_send(stream, &ours, deadline_ns, error);
    if (status < 0 && status != -ECONNRESET)
        return status;
    if ((status = expect(stream, MESSAGE_FROM_PEER, MESSAGE_PEER_HELLO, deadline_ns, &theirs, error)) < 0)
        return status;
    if (!theirs.speaks)
        return error_set(error, -EPROTO,
                         "the peer speaks another version of the protocol; this is version %d: "
                         "run the same vmsuite on both machines",
                         PEER_VERSION);
    if (!theirs.guarded)
        return error_set(
            error, -EACCES,
            "the peer asks for no token: it cannot be distinguished from an impostor; start it with "
            "--token-file");
    if (!token->present)
        return error_set(error, -EACCES,
                         "the peer requires a token: configure the file that it was started with");
    return prove_client(stream, token, &ours, &theirs, deadline_ns, error);
}

static int check_client(struct frame_stream *stream, const struct token *token, const struct message *theirs,
                        const struct message *ours, uint64_t deadline_ns, struct vms_error *error) {
    struct message proof, answer = {.type = MESSAGE_PEER_PROOF};

    for (unsigned failures = 0; failures < HANDSHAKE_FAILURES; failures++) {
        int status = expect(stream, MESSAGE_FROM_CLIENT, MESSAGE_CLIENT_PROOF, deadline_ns, &proof, error);

        if (status < 0)
            return status;
        if (token_verify(token, "client", theirs->nonce, ours->nonce, proof.proof)) {
            token_prove(token, "peer", theirs->nonce, ours->nonce, answer.proof);
            status = peer_send(stream, &answer, deadline_ns, error);
            seal_stream(stream, token, false, theirs, ours);
            return status;
        }
        peer_refuse(stream, CODE_TOKEN, "the token is not the one that this peer was started with");
    }
    return error_set(error, -EACCES, "wrong token, %d times", HANDSHAKE_FAILURES);
}

static int greet(struct frame_stream *stream, const struct token *token, uint64_t deadline_ns,
                 struct vms_error *error) {
    struct message theirs, ours = {.type = MESSAGE_PEER_HELLO, .guarded = true};
    int status = expect(stream, MESSAGE_FROM_CLIENT, MESSAGE_CLIENT_HELLO, deadline_ns, &theirs, error);

    if (status < 0)
        return status;
    if (!theirs.speaks) {
        peer_refuse(
            stream, CODE_VERSION,
            "this peer speaks another version of the protocol: run the same vmsuite on both machines");
        return error_set(error, -EPROTONOSUPPORT, "the client speaks another version of the protocol");
    }
    token_nonce(ours.nonce);
    if ((status = peer_send(stream, &ours, deadline_ns, error)) < 0)
        return status;
    return check_client(stream, token, &theirs, &ours, deadline_ns, error);
}

int handshake_peer(struct frame_stream *stream, const struct token *token, uint64_t deadline_ns,
                   struct vms_error *error) {
    struct vms_error reason = {""};
    int status;

    stream->json_max = HANDSHAKE_FRAME_MAX;
    status = greet(stream, token, deadline_ns, &reason);
    stream->json_max = FRAME_JSON_MAX;
    if (status == -ETIMEDOUT)
        peer_refuse(stream, CODE_TIMEOUT, "the handshake took too long");
    else if (status == -EPROTO || status == -EMSGSIZE)
        peer_refuse(stream, CODE_PROTOCOL, reason.text);
    return status < 0 ? error_set(error, status, "%s", reason.text) : 0;
}
