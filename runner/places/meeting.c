/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "places/meeting.h"

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/error.h"

#include <sodium.h>
#include <string.h>

#define SERVE_NS (60 * NS_PER_S)
#define HOSTS_MAX 32

json_t *meeting_new_peer(json_t *hosts, unsigned port, const struct token *token) {
    char hex[2 * sizeof(token->key) + 1];
    json_t *peer;

    (void)sodium_bin2hex(hex, sizeof(hex), token->key, sizeof(token->key));
    peer = json_pack("{s:o, s:i, s:s}", "hosts", hosts, "port", (int)port, "token", hex);
    sodium_memzero(hex, sizeof(hex));
    return peer;
}

static int check_hosts(const json_t *serving, struct vms_error *error) {
    const json_t *hosts = json_object_get(serving, "hosts"), *host;
    uint32_t port = agent_whole(serving, "port");
    size_t index;

    if (port == 0 || port > UINT16_MAX || json_array_size(hosts) == 0 || json_array_size(hosts) > HOSTS_MAX)
        return error_set(error, -EPROTO, "the agent there did not say where its peer listens");
    json_array_foreach (hosts, index, host) {
        if (!json_is_string(host) || peer_address_check(json_string_value(host), NULL) < 0)
            return error_set(error, -EPROTO, "the agent there named something that is not an address");
    }
    return 0;
}

/* Agents know the key of the token, not its text. */
static int ask(struct meeting *meeting, const struct token *token, struct vms_error *error) {
    char hex[2 * sizeof(token->key) + 1];
    enum agent_type type = AGENT_ERROR;
    json_auto_t *serving = NULL;
    int status;

    (void)sodium_bin2hex(hex, sizeof(hex), token->key, sizeof(token->key));
    status = channel_send(&meeting->channel, agent_message_new(AGENT_SERVE, json_pack("{s:s}", "token", hex)),
                          error);
    sodium_memzero(hex, sizeof(hex));
    if (status == 0)
        status = channel_receive(&meeting->channel, clock_now_ns() + SERVE_NS, &type, &serving, error);
    if (status == 0 && type != AGENT_SERVING)
        status = error_set(error, -EPROTO, "the agent there answered something other than what was asked");
    if (status == 0)
        status = check_hosts(serving, error);
    if (status < 0)
        return status;
    meeting->peer =
        meeting_new_peer(json_incref(json_object_get(serving, "hosts")), agent_whole(serving, "port"), token);
    return meeting->peer ? 0 : error_memory(error);
}

int meeting_at_place(const struct place *place, const struct bundle *bundle, struct meeting *meeting,
                     struct vms_error *error) {
    struct vms_error reason = {""};
    struct token token;
    int status = 0;

    if (place->guest.present && !place->guest.bridge)
        return error_set(error, -EINVAL,
                         "the peer's place %.100s: a guest in QEMU's user network cannot be reached: give it "
                         "network=bridge, a bridge and an address",
                         place->text);
    if (place->guest.present)
        status = driven_guest_new(&place->guest, bundle->modules, NULL, &meeting->guest, &reason);
    meeting->channel.guest = meeting->guest;
    if (status == 0)
        status = channel_open(place, bundle, &meeting->channel, &reason);
    token_random(&token);
    if (status == 0)
        status = ask(meeting, &token, &reason);
    token_done(&token);
    return status < 0 ? error_set(error, status, "the peer's place %.100s: %.350s", place->text, reason.text)
                      : 0;
}

int meeting_at_address(const struct peer_address *address, struct meeting *meeting) {
    meeting->peer = meeting_new_peer(json_pack("[s]", address->host), address->port, &address->token);
    return meeting->peer ? 0 : -ENOMEM;
}

void meeting_end(struct meeting *meeting) {
    channel_close(&meeting->channel);
    driven_guest_free(meeting->guest);
    meeting->guest = NULL;
    json_decref(meeting->peer);
    meeting->peer = NULL;
}
