/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "places/guest_peer.h"

#include "base/error.h"
#include "guest/driven/driven_guest.h"
#include "places/meeting.h"

#include <string.h>

int guest_peer_start(const struct guest_settings *settings, const struct module_list *modules,
                     struct local_peer *ret_peer, json_t **ret_json, struct vms_error *error) {
    char bind[PEER_HOST_SIZE], host[PEER_HOST_SIZE];
    struct peer_address address;
    struct token token;
    int status = driven_guest_host(settings, bind, host, sizeof(host), error);

    *ret_json = NULL;
    if (status < 0 || !*host)
        return status;
    token_random(&token);
    status = local_peer_start_with(modules, &token, bind, ret_peer, &address, error);
    if (status == 0) {
        *ret_json = meeting_new_peer(json_pack("[s]", host), address.port, &token);
        status = *ret_json ? 0 : error_memory(error);
        token_done(&address.token);
    }
    token_done(&token);
    return status;
}

json_t *guest_peer_seen(const struct guest_settings *settings, const json_t *peer) {
    json_t *seen = json_deep_copy(peer), *hosts = json_object_get(seen, "hosts");
    char bind[PEER_HOST_SIZE], host[PEER_HOST_SIZE];

    if (driven_guest_host(settings, bind, host, sizeof(host), &(struct vms_error){""}) < 0 || !*host)
        return seen;
    for (size_t i = 0; i < json_array_size(hosts); i++)
        if (strcmp(json_string_value(json_array_get(hosts, i)), "127.0.0.1") == 0)
            (void)json_array_set_new(hosts, i, json_string(host));
    return seen;
}
