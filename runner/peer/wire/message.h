/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The JSON messages of the control connection, which docs/protocol.md has as a table. Each has one strict
 * form: unknown type, missing or further key, wrong type or value are refused. */
#ifndef VMSUITE_RUNNER_PEER_WIRE_MESSAGE_H
#define VMSUITE_RUNNER_PEER_WIRE_MESSAGE_H

#include "peer/wire/path.h"
#include "peer/wire/peer_machine.h"
#include "peer/wire/token.h"

#include <jansson.h>
#include <vmsuite/module.h>

#define PEER_VERSION 3                /* of this protocol */
#define MESSAGE_TRIAL_LIMIT_S 86400.0 /* the longest trial that a client may ask for */

/* A date that 64 bits of nanoseconds do not hold (before 1677, after 2262). */
#define MESSAGE_EPOCH_UNKNOWN INT64_MIN

enum message_type {
    MESSAGE_CLIENT_HELLO,
    MESSAGE_CLIENT_PROOF,
    MESSAGE_OPEN,
    MESSAGE_TRIAL,
    MESSAGE_CLOCK_QUESTION,
    MESSAGE_PEER_HELLO,
    MESSAGE_PEER_PROOF,
    MESSAGE_OPENED,
    MESSAGE_STARTED,
    MESSAGE_ENDED,
    MESSAGE_CLOCK_ANSWER,
    MESSAGE_ERROR
};

/* Which way a message goes. */
enum message_origin { MESSAGE_FROM_CLIENT, MESSAGE_FROM_PEER };

/* Why the peer refuses. */
enum message_code {
    CODE_PROTOCOL,
    CODE_VERSION,
    CODE_TOKEN,
    CODE_BUSY,
    CODE_MODULE,
    CODE_WORKLOAD,
    CODE_PARAMETERS,
    CODE_TIMEOUT,
    CODE_SHUTDOWN
};

/* How the peer's half of a trial ended. */
enum message_ending { ENDED_OK, ENDED_FAILED, ENDED_UNSUPPORTED, ENDED_TIMEOUT, ENDED_CRASHED };

/* A message that was read: the members that its type has are set. Texts and `params` are borrowed from the
 * JSON that it was read from. */
struct message {
    enum message_type type;
    bool speaks;  /* client hello: our version is among those offered */
    bool guarded; /* peer hello: a token is required */
    uint8_t nonce[TOKEN_NONCE_SIZE];
    uint8_t proof[TOKEN_PROOF_SIZE];
    uint8_t cookie[VMS_COOKIE_SIZE];
    struct peer_path path; /* as the peer sees it */
    struct peer_machine machine;
    const char *module;
    uint32_t workload_version;
    json_t *params; /* an object of texts */
    uint64_t seed;
    uint32_t trial;
    double limit_s;
    uint32_t exchange;
    int64_t received_ns, sent_ns; /* the peer's CLOCK_MONOTONIC */
    int64_t epoch_ns;             /* the peer's CLOCK_REALTIME minus that, or MESSAGE_EPOCH_UNKNOWN */
    enum message_ending ending;
    enum message_code code;
    const char *text;
};

/* Reads a message of that origin. -EPROTO with a sentence. */
int message_read(json_t *json, enum message_origin origin, struct message *ret_message,
                 struct vms_error *error);

/* Makes a message of `message->type`; params is copied by reference. NULL without memory. */
json_t *message_new(const struct message *message);

/* The negative errno that a refusal stands for: -EPROTO, -EACCES, -EBUSY, -ENOENT, -EINVAL, -ETIMEDOUT,
 * -ECONNABORTED. */
int message_code_errno(enum message_code code);

/* Takes a short text for people to read. -EPROTO: control characters, or no room. */
int message_take_text(const char *text, char *ret, size_t size);

/* Copies a text from the other end for people to read: control characters become \x1b. */
void message_clean(const char *text, struct vms_error *ret_clean);

#endif
