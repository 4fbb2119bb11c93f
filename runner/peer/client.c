/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "client.h"

#include "cleanup.h"
#include "clock.h"
#include "error.h"
#include "handshake.h"
#include "net.h"

#include <string.h>

#define ANSWER_LIMIT_NS (10 * NS_PER_S) /* for what the peer does without work: starting a trial */

struct peer_client {
    int fd;
    struct frame_stream stream;
    struct sockaddr_storage own, other;
    uint8_t cookie[VMS_COOKIE_SIZE];
    bool local;
    uint32_t trial;
    bool ended;              /* the peer's half has ended, or the session has */
    int ending;              /* how: 0 or a negative errno, */
    struct vms_error reason; /* and its sentence */
};

static json_t *texts_as_json(const struct vms_module *module, char *const *texts) {
    json_t *params = json_object();

    for (size_t i = 0; params && i < module->n_params; i++)
        if (json_object_set_new(params, module->params[i].name, json_string(texts[i])) < 0) {
            json_decref(params);
            return NULL;
        }
    return params;
}

static int ask_open(struct peer_client *client, const struct vms_module *module, char *const *texts,
                    uint64_t seed, uint64_t deadline_ns, struct vms_error *error) {
    struct message open = {.type = MESSAGE_OPEN,
                           .module = module->name,
                           .workload_version = module->workload_version,
                           .params = texts_as_json(module, texts),
                           .seed = seed};
    struct message answer;
    json_t *json = NULL;
    int status;

    if (!open.params)
        return error_set(error, -ENOMEM, "no memory to open a session with the peer");
    status = peer_send(&client->stream, &open, deadline_ns, error);
    json_decref(open.params);
    if (status < 0 ||
        (status = peer_receive(&client->stream, MESSAGE_FROM_PEER, deadline_ns, &json, &answer, error)) < 0)
        return status;
    json_decref(json);
    if (answer.type != MESSAGE_OPENED)
        return error_set(error, -EPROTO, "the peer did not answer as it should when a session was opened");
    memcpy(client->cookie, answer.cookie, sizeof(client->cookie));
    return 0;
}

int peer_client_open(const struct peer_address *address, const struct vms_module *module, char *const *texts,
                     uint64_t seed, uint64_t deadline_ns, struct peer_client **ret_client,
                     struct vms_error *error) {
    struct peer_client *client = calloc(1, sizeof(*client));
    int status;

    if (!client)
        return error_set(error, -ENOMEM, "no memory to open a session with the peer");
    client->fd = -1;
    status = net_connect(address->host, address->port, deadline_ns, &client->fd, error);
    frame_stream_init(&client->stream, client->fd);
    if (status < 0 || (status = net_ends(client->fd, &client->own, &client->other, error)) < 0 ||
        (status = handshake_client(&client->stream, &address->token, deadline_ns, error)) < 0 ||
        (status = ask_open(client, module, texts, seed, deadline_ns, error)) < 0) {
        peer_client_close(client);
        return status;
    }
    client->local = net_is_local(&client->other);
    *ret_client = client;
    return 0;
}

/* Remembers how the peer's half, or the whole session, came to its end. */
static void note_end(struct peer_client *client, int status, const char *text) {
    if (client->ended)
        return;
    client->ended = true;
    client->ending = status;
    message_clean(text, &client->reason);
}

static int ending_errno(enum message_ending ending) {
    static const int statuses[] = {[ENDED_OK] = 0,
                                   [ENDED_FAILED] = -EREMOTEIO,
                                   [ENDED_UNSUPPORTED] = -ENOTSUP,
                                   [ENDED_TIMEOUT] = -ETIMEDOUT,
                                   [ENDED_CRASHED] = -EREMOTEIO};

    return statuses[ending];
}

/* Reads a JSON message that came while a trial runs: all of them mean an end. */
static void take_message(struct peer_client *client, const void *payload, size_t length) {
    json_t *json = NULL;
    struct vms_error reason = {""};
    struct message message;
    int status = frame_parse_json(payload, length, &json, &reason);

    if (status == 0)
        status = message_read(json, MESSAGE_FROM_PEER, &message, &reason);
    if (status == 0 && message.type == MESSAGE_ERROR)
        status = peer_refusal(&message, &reason);
    if (status < 0)
        note_end(client, status, reason.text);
    else if (message.type == MESSAGE_ENDED && message.trial == client->trial)
        note_end(client, ending_errno(message.ending), message.text);
    else
        note_end(client, -EPROTO, "the peer sent a message out of turn during a trial");
    json_decref(json);
}

static int client_put(void *context, const void *message, size_t length, uint64_t deadline) {
    struct peer_client *client = *(struct peer_client **)context;
    struct vms_error reason;
    int status;

    if (client->ended)
        return -ECONNRESET;
    status = frame_send(&client->stream, FRAME_BINARY, message, length, deadline, &reason);
    if (status == -ECONNRESET)
        note_end(client, status, reason.text);
    return status;
}

static ssize_t client_get(void *context, void *buffer, size_t capacity, uint64_t deadline) {
    struct peer_client *client = *(struct peer_client **)context;
    enum frame_kind kind = FRAME_JSON;
    const void *payload = NULL;
    size_t length = 0;
    struct vms_error reason;
    int status;

    if (client->ended)
        return -ECONNRESET;
    status = frame_receive(&client->stream, &kind, &payload, &length, deadline, &reason);
    if (status == -ETIMEDOUT)
        return status;
    if (status < 0) {
        note_end(client, status, reason.text);
        return -ECONNRESET;
    }
    if (kind == FRAME_JSON) {
        take_message(client, payload, length);
        return -ECONNRESET;
    }
    if (length > capacity)
        return -EMSGSIZE;
    memcpy(buffer, payload, length);
    return (ssize_t)length;
}

void peer_client_lend(struct peer_client *client, struct vms_host *host) {
    host->peer = client->other;
    host->address = client->own;
    net_clear_port(&host->peer);
    net_clear_port(&host->address);
    memcpy(host->cookie, client->cookie, sizeof(host->cookie));
    host->put = client_put;
    host->get = client_get;
}

int peer_client_begin(struct peer_client *client, double limit_s, struct vms_error *error) {
    uint64_t deadline_ns = clock_now_ns() + ANSWER_LIMIT_NS;
    struct message trial = {.type = MESSAGE_TRIAL, .trial = client->trial + 1, .limit_s = limit_s}, answer;
    json_t *json = NULL;
    int status;

    if ((status = peer_send(&client->stream, &trial, deadline_ns, error)) < 0 ||
        (status = peer_receive(&client->stream, MESSAGE_FROM_PEER, deadline_ns, &json, &answer, error)) < 0)
        return status;
    json_decref(json);
    if (answer.type != MESSAGE_STARTED || answer.trial != trial.trial)
        return error_set(error, -EPROTO, "the peer did not answer as it should when a trial was begun");
    client->trial = trial.trial;
    client->ended = false;
    return 0;
}

int peer_client_end(struct peer_client *client, uint64_t deadline_ns, struct vms_error *error) {
    while (!client->ended) {
        enum frame_kind kind = FRAME_BINARY;
        const void *payload = NULL;
        size_t length = 0;
        struct vms_error reason;
        int status = frame_receive(&client->stream, &kind, &payload, &length, deadline_ns, &reason);

        if (status == -ETIMEDOUT)
            return error_set(error, status, "the peer's half of the trial did not end in time");
        if (status < 0)
            note_end(client, status, reason.text);
        else if (kind == FRAME_JSON)
            take_message(client, payload, length); /* what the module left unread is dropped */
    }
    if (client->ending < 0)
        return error_set(error, client->ending, "on the peer: %s", client->reason.text);
    return 0;
}

const char *peer_client_path(const struct peer_client *client) {
    return client->local ? "loopback" : "network";
}

void peer_client_close(struct peer_client *client) {
    if (!client)
        return;
    frame_stream_done(&client->stream);
    if (client->fd >= 0)
        (void)close(client->fd);
    free(client);
}
