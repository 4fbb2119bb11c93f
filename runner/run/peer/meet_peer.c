/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "run/peer/meet_peer.h"

#include "base/clock.h"
#include "base/error.h"
#include "peer/client/client.h"

#include <errno.h>
#include <string.h>

#define MEET_LIMIT_NS (20 * NS_PER_S)    /* for one module */
#define MEET_OWN_LIMIT_NS (5 * NS_PER_S) /* at a peer of our own, to which no way is long */

static bool is_first_of_module(const struct outcome_run *run, size_t index) {
    for (size_t i = 0; i < index; i++)
        if (run->cases[i].module == run->cases[index].module)
            return false;
    return true;
}

static int meet_for(const struct outcome_case *outcome, struct peer_address *address,
                    struct vms_error *error) {
    uint64_t limit_ns = address->pid > 0 ? MEET_OWN_LIMIT_NS : MEET_LIMIT_NS;
    const struct peer_work work = {outcome->module, outcome->texts, outcome->seed};
    struct peer_client *client = NULL;
    int status = peer_client_open(address, &work, clock_now_ns() + limit_ns, &client, error);

    if (status == 0)
        peer_client_locate(client, address);
    peer_client_close(client);
    return status == -EINVAL ? 0 : status;
}

int meet_peer(const struct outcome_run *run, const struct local_peer *local_peer,
              struct peer_address *address, struct vms_error *error) {
    struct vms_error reason = {""};
    int status = 0;

    for (size_t i = 0; status == 0 && i < run->n_cases; i++) {
        const struct outcome_case *outcome = &run->cases[i];

        if (!(outcome->module->needs & VMS_NEEDS_PEER) || !is_first_of_module(run, i))
            continue;
        status = meet_for(outcome, address, &reason);
        if (status < 0 && local_peer_has_ended(local_peer, error))
            return status;
        if (status < 0)
            return error_set(error, status, "module %s at the peer %s port %u: %s; nothing was measured",
                             outcome->module->name, address->host, address->port, reason.text);
    }
    return 0;
}
