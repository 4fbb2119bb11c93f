/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "peer/wire/message.h"

#include "base/error.h"
#include "base/units.h"

#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define VERSIONS_MAX 16

static const struct {
    const char *name;
    enum message_origin origin;
} types[] = {
    [MESSAGE_CLIENT_HELLO] = {"hello", MESSAGE_FROM_CLIENT},
    [MESSAGE_CLIENT_PROOF] = {"proof", MESSAGE_FROM_CLIENT},
    [MESSAGE_OPEN] = {"open", MESSAGE_FROM_CLIENT},
    [MESSAGE_TRIAL] = {"trial", MESSAGE_FROM_CLIENT},
    [MESSAGE_CLOCK_QUESTION] = {"clock", MESSAGE_FROM_CLIENT},
    [MESSAGE_CLOCK_ANSWER] = {"clock", MESSAGE_FROM_PEER},
    [MESSAGE_PEER_HELLO] = {"hello", MESSAGE_FROM_PEER},
    [MESSAGE_PEER_PROOF] = {"proof", MESSAGE_FROM_PEER},
    [MESSAGE_OPENED] = {"opened", MESSAGE_FROM_PEER},
    [MESSAGE_STARTED] = {"started", MESSAGE_FROM_PEER},
    [MESSAGE_ENDED] = {"ended", MESSAGE_FROM_PEER},
    [MESSAGE_ERROR] = {"error", MESSAGE_FROM_PEER},
};

static const struct {
    const char *name;
    int status;
} codes[] = {
    [CODE_PROTOCOL] = {"protocol", -EPROTO},
    [CODE_VERSION] = {"version", -EPROTO},
    [CODE_TOKEN] = {"token", -EACCES},
    [CODE_BUSY] = {"busy", -EBUSY},
    [CODE_MODULE] = {"module", -ENOENT},
    [CODE_WORKLOAD] = {"workload", -EPROTO},
    [CODE_PARAMETERS] = {"parameters", -EINVAL},
    [CODE_TIMEOUT] = {"timeout", -ETIMEDOUT},
    [CODE_SHUTDOWN] = {"shutdown", -ECONNABORTED},
};

static const char *const endings[] = {
    [ENDED_OK] = "ok",           [ENDED_FAILED] = "failed",   [ENDED_UNSUPPORTED] = "unsupported",
    [ENDED_TIMEOUT] = "timeout", [ENDED_CRASHED] = "crashed",
};

int message_code_errno(enum message_code code) {
    return codes[code].status;
}

void message_clean(const char *text, struct vms_error *ret_clean) {
    (void)error_set(ret_clean, 0, "%s", text);
}

static int refuse(struct vms_error *error, const char *type, const char *what) {
    struct vms_error clean;

    message_clean(what, &clean);
    return error_set(error, -EPROTO, "the message \"%s\" is malformed: %s", type, clean.text);
}

static int read_hex(const char *text, uint8_t *ret, size_t size) {
    const char *end = NULL;
    size_t length = 0;

    if (strlen(text) != size * 2 || sodium_hex2bin(ret, size, text, size * 2, NULL, &length, &end) != 0)
        return -EPROTO;
    return length == size ? 0 : -EPROTO;
}

static int unpack_client_hello(json_t *json, struct message *ret, json_error_t *place) {
    const char *nonce;
    json_t *versions, *version;
    size_t i;

    if (json_unpack_ex(json, place, JSON_STRICT, "{s:s, s:o, s:s}", "type", &(const char *){NULL}, "versions",
                       &versions, "nonce", &nonce) < 0)
        return -EPROTO;
    snprintf(place->text, sizeof(place->text), "nonce or versions");
    if (read_hex(nonce, ret->nonce, sizeof(ret->nonce)) < 0 || !json_is_array(versions) ||
        json_array_size(versions) == 0 || json_array_size(versions) > VERSIONS_MAX)
        return -EPROTO;
    json_array_foreach (versions, i, version) {
        if (!json_is_integer(version))
            return -EPROTO;
        ret->speaks |= json_integer_value(version) == PEER_VERSION;
    }
    return 0;
}

static int unpack_peer_hello(json_t *json, struct message *ret, json_error_t *place) {
    const char *nonce, *token;
    json_int_t version;

    if (json_unpack_ex(json, place, JSON_STRICT, "{s:s, s:I, s:s, s:s}", "type", &(const char *){NULL},
                       "version", &version, "token", &token, "nonce", &nonce) < 0)
        return -EPROTO;
    snprintf(place->text, sizeof(place->text), "version, token or nonce");
    ret->guarded = strcmp(token, "required") == 0;
    ret->speaks = version == PEER_VERSION;
    return (ret->guarded || strcmp(token, "none") == 0) ? read_hex(nonce, ret->nonce, sizeof(ret->nonce))
                                                        : -EPROTO;
}

static int unpack_proof(json_t *json, struct message *ret, json_error_t *place) {
    const char *proof;

    if (json_unpack_ex(json, place, JSON_STRICT, "{s:s, s:s}", "type", &(const char *){NULL}, "proof",
                       &proof) < 0)
        return -EPROTO;
    snprintf(place->text, sizeof(place->text), "proof");
    return read_hex(proof, ret->proof, sizeof(ret->proof));
}

int message_take_text(const char *text, char *ret, size_t size) {
    for (const char *at = text; *at; at++)
        if ((unsigned char)*at < ' ' || *at == 0x7f)
            return -EPROTO;
    return (size_t)snprintf(ret, size, "%s", text) < size ? 0 : -EPROTO;
}

static int unpack_opened(json_t *json, struct message *ret, json_error_t *place) {
    const char *cookie, *interface, *driver, *offloads, *client, *peer;
    struct peer_path *path = &ret->path;
    json_t *machine;
    json_int_t mtu;
    int local;

    if (json_unpack_ex(json, place, JSON_STRICT, "{s:s, s:s, s:b, s:I, s:s, s:s, s:s, s:s, s:s, s:o}", "type",
                       &(const char *){NULL}, "cookie", &cookie, "local", &local, "mtu", &mtu, "interface",
                       &interface, "driver", &driver, "offloads", &offloads, "client", &client, "peer", &peer,
                       "machine", &machine) < 0)
        return -EPROTO;
    snprintf(place->text, sizeof(place->text),
             "cookie, mtu, interface, driver, offloads, client, peer or machine");
    if (mtu < 0 || mtu > INT32_MAX ||
        message_take_text(interface, path->interface, sizeof(path->interface)) < 0 ||
        message_take_text(driver, path->driver, sizeof(path->driver)) < 0 ||
        message_take_text(offloads, path->offloads, sizeof(path->offloads)) < 0 ||
        message_take_text(client, path->other, sizeof(path->other)) < 0 ||
        message_take_text(peer, path->own, sizeof(path->own)) < 0 ||
        peer_machine_take(machine, &ret->machine) < 0)
        return -EPROTO;
    path->local = local;
    path->mtu = (int)mtu;
    return read_hex(cookie, ret->cookie, sizeof(ret->cookie));
}

static int unpack_open(json_t *json, struct message *ret, json_error_t *place) {
    const char *key, *seed;
    json_int_t workload;
    json_t *value;

    if (json_unpack_ex(json, place, JSON_STRICT, "{s:s, s:s, s:I, s:o, s:s}", "type", &(const char *){NULL},
                       "module", &ret->module, "workload_version", &workload, "params", &ret->params, "seed",
                       &seed) < 0)
        return -EPROTO;
    snprintf(place->text, sizeof(place->text), "workload_version, params or seed");
    if (workload < 1 || workload > UINT32_MAX || !json_is_object(ret->params) ||
        units_parse_count(seed, &ret->seed, NULL) < 0)
        return -EPROTO;
    ret->workload_version = (uint32_t)workload;
    json_object_foreach (ret->params, key, value) {
        if (!json_is_string(value))
            return -EPROTO;
    }
    return 0;
}

static int take_number(json_int_t number, uint32_t *ret) {
    if (number < 0 || number > UINT32_MAX)
        return -EPROTO;
    *ret = (uint32_t)number;
    return 0;
}

static int unpack_trial(json_t *json, struct message *ret, json_error_t *place) {
    json_int_t trial;

    if (json_unpack_ex(json, place, JSON_STRICT, "{s:s, s:I, s:F}", "type", &(const char *){NULL}, "trial",
                       &trial, "limit_s", &ret->limit_s) < 0)
        return -EPROTO;
    snprintf(place->text, sizeof(place->text), "trial or limit_s (more than 0, at most %g)",
             MESSAGE_TRIAL_LIMIT_S);
    return ret->limit_s > 0 && ret->limit_s <= MESSAGE_TRIAL_LIMIT_S ? take_number(trial, &ret->trial)
                                                                     : -EPROTO;
}

static int unpack_clock_question(json_t *json, struct message *ret, json_error_t *place) {
    json_int_t exchange;

    if (json_unpack_ex(json, place, JSON_STRICT, "{s:s, s:I}", "type", &(const char *){NULL}, "exchange",
                       &exchange) < 0)
        return -EPROTO;
    snprintf(place->text, sizeof(place->text), "exchange");
    return take_number(exchange, &ret->exchange);
}

static int unpack_clock_answer(json_t *json, struct message *ret, json_error_t *place) {
    json_int_t exchange, received, sent, epoch;

    if (json_unpack_ex(json, place, JSON_STRICT, "{s:s, s:I, s:I, s:I, s:I}", "type", &(const char *){NULL},
                       "exchange", &exchange, "received_ns", &received, "sent_ns", &sent, "epoch_ns",
                       &epoch) < 0)
        return -EPROTO;
    snprintf(place->text, sizeof(place->text), "exchange or a time stamp");
    if (received < 0 || sent < received)
        return -EPROTO;
    ret->received_ns = received;
    ret->sent_ns = sent;
    ret->epoch_ns = epoch;
    return take_number(exchange, &ret->exchange);
}

static int unpack_started(json_t *json, struct message *ret, json_error_t *place) {
    json_int_t trial;

    if (json_unpack_ex(json, place, JSON_STRICT, "{s:s, s:I}", "type", &(const char *){NULL}, "trial",
                       &trial) < 0)
        return -EPROTO;
    snprintf(place->text, sizeof(place->text), "trial");
    return take_number(trial, &ret->trial);
}

static int unpack_ended(json_t *json, struct message *ret, json_error_t *place) {
    const char *ending;
    json_int_t trial;

    if (json_unpack_ex(json, place, JSON_STRICT, "{s:s, s:I, s:s, s:s}", "type", &(const char *){NULL},
                       "trial", &trial, "status", &ending, "text", &ret->text) < 0)
        return -EPROTO;
    snprintf(place->text, sizeof(place->text), "trial or status");
    for (unsigned i = 0; i < VMS_LENGTH(endings); i++)
        if (strcmp(endings[i], ending) == 0) {
            ret->ending = (enum message_ending)i;
            return take_number(trial, &ret->trial);
        }
    return -EPROTO;
}

static int unpack_error(json_t *json, struct message *ret, json_error_t *place) {
    const char *code;

    if (json_unpack_ex(json, place, JSON_STRICT, "{s:s, s:s, s:s}", "type", &(const char *){NULL}, "code",
                       &code, "text", &ret->text) < 0)
        return -EPROTO;
    snprintf(place->text, sizeof(place->text), "code");
    for (unsigned i = 0; i < VMS_LENGTH(codes); i++)
        if (strcmp(codes[i].name, code) == 0) {
            ret->code = (enum message_code)i;
            return 0;
        }
    return -EPROTO;
}

static int unpack(json_t *json, struct message *ret, json_error_t *place) {
    switch (ret->type) {
    case MESSAGE_CLIENT_HELLO:
        return unpack_client_hello(json, ret, place);
    case MESSAGE_PEER_HELLO:
        return unpack_peer_hello(json, ret, place);
    case MESSAGE_CLIENT_PROOF:
    case MESSAGE_PEER_PROOF:
        return unpack_proof(json, ret, place);
    case MESSAGE_OPEN:
        return unpack_open(json, ret, place);
    case MESSAGE_OPENED:
        return unpack_opened(json, ret, place);
    case MESSAGE_TRIAL:
        return unpack_trial(json, ret, place);
    case MESSAGE_CLOCK_QUESTION:
        return unpack_clock_question(json, ret, place);
    case MESSAGE_CLOCK_ANSWER:
        return unpack_clock_answer(json, ret, place);
    case MESSAGE_STARTED:
        return unpack_started(json, ret, place);
    case MESSAGE_ENDED:
        return unpack_ended(json, ret, place);
    case MESSAGE_ERROR:
        return unpack_error(json, ret, place);
    }
    return -EPROTO;
}

int message_read(json_t *json, enum message_origin origin, struct message *ret_message,
                 struct vms_error *error) {
    const char *type = json_string_value(json_object_get(json, "type"));
    struct message message = {0};
    json_error_t place = {0};

    if (!type)
        return error_set(error, -EPROTO, "a message without a type was received");
    for (unsigned i = 0; i < VMS_LENGTH(types); i++) {
        if (types[i].origin != origin || strcmp(types[i].name, type) != 0)
            continue;
        message.type = (enum message_type)i;
        if (unpack(json, &message, &place) < 0)
            return refuse(error, type, place.text);
        *ret_message = message;
        return 0;
    }
    return error_set(error, -EPROTO, "a message of a type that this version does not know was received");
}

json_t *message_new(const struct message *message) {
    char hex[2 * TOKEN_NONCE_SIZE + 1], seed[24];
    const char *type = types[message->type].name;

    switch (message->type) {
    case MESSAGE_CLIENT_HELLO:
        sodium_bin2hex(hex, sizeof(hex), message->nonce, sizeof(message->nonce));
        return json_pack("{s:s, s:[i], s:s}", "type", type, "versions", PEER_VERSION, "nonce", hex);
    case MESSAGE_PEER_HELLO:
        sodium_bin2hex(hex, sizeof(hex), message->nonce, sizeof(message->nonce));
        return json_pack("{s:s, s:i, s:s, s:s}", "type", type, "version", PEER_VERSION, "token",
                         message->guarded ? "required" : "none", "nonce", hex);
    case MESSAGE_CLIENT_PROOF:
    case MESSAGE_PEER_PROOF:
        sodium_bin2hex(hex, sizeof(hex), message->proof, sizeof(message->proof));
        return json_pack("{s:s, s:s}", "type", type, "proof", hex);
    case MESSAGE_OPEN:
        snprintf(seed, sizeof(seed), "%" PRIu64, message->seed);
        return json_pack("{s:s, s:s, s:I, s:O, s:s}", "type", type, "module", message->module,
                         "workload_version", (json_int_t)message->workload_version, "params", message->params,
                         "seed", seed);
    case MESSAGE_OPENED:
        sodium_bin2hex(hex, sizeof(hex), message->cookie, sizeof(message->cookie));
        return json_pack("{s:s, s:s, s:b, s:i, s:s, s:s, s:s, s:s, s:s, s:o}", "type", type, "cookie", hex,
                         "local", message->path.local, "mtu", message->path.mtu, "interface",
                         message->path.interface, "driver", message->path.driver, "offloads",
                         message->path.offloads, "client", message->path.other, "peer", message->path.own,
                         "machine", peer_machine_new_json(&message->machine));
    case MESSAGE_TRIAL:
        return json_pack("{s:s, s:I, s:f}", "type", type, "trial", (json_int_t)message->trial, "limit_s",
                         message->limit_s);
    case MESSAGE_CLOCK_QUESTION:
        return json_pack("{s:s, s:I}", "type", type, "exchange", (json_int_t)message->exchange);
    case MESSAGE_CLOCK_ANSWER:
        return json_pack("{s:s, s:I, s:I, s:I, s:I}", "type", type, "exchange", (json_int_t)message->exchange,
                         "received_ns", (json_int_t)message->received_ns, "sent_ns",
                         (json_int_t)message->sent_ns, "epoch_ns", (json_int_t)message->epoch_ns);
    case MESSAGE_STARTED:
        return json_pack("{s:s, s:I}", "type", type, "trial", (json_int_t)message->trial);
    case MESSAGE_ENDED:
        return json_pack("{s:s, s:I, s:s, s:s}", "type", type, "trial", (json_int_t)message->trial, "status",
                         endings[message->ending], "text", message->text ? message->text : "");
    case MESSAGE_ERROR:
        return json_pack("{s:s, s:s, s:s}", "type", type, "code", codes[message->code].name, "text",
                         message->text ? message->text : "");
    }
    return NULL;
}
