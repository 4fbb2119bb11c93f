/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "run/worker/worker_path.h"

#include "peer/wire/peer_machine.h"

#include <stdio.h>

/* What is unknown is no fact. */
static void report_fact(const struct vms_host *host, const char *prefix, const char *what, const char *text) {
    char key[64];

    (void)snprintf(key, sizeof(key), "%s_%s", prefix, what);
    if (text[0])
        (void)host->fact(host->context, key, text);
}

static void report_end(const struct vms_host *host, const char *prefix, const struct peer_path *path) {
    char mtu[16] = "";

    if (path->mtu > 0)
        (void)snprintf(mtu, sizeof(mtu), "%d", path->mtu);
    report_fact(host, prefix, "interface", path->interface);
    report_fact(host, prefix, "mtu", mtu);
    report_fact(host, prefix, "driver", path->driver);
    report_fact(host, prefix, "offloads", path->offloads);
}

static void report_machine(const struct vms_host *host, const struct peer_machine *machine) {
    struct peer_machine here;
    char weight[24] = "";

    peer_machine_read(&here);
    if (*here.boot && *machine->boot)
        (void)host->fact(host->context, "peer_machine",
                         peer_machine_is_same(&here, machine) ? "this one" : "another");
    if (machine->cpu_weight > 0)
        (void)snprintf(weight, sizeof(weight), "%g", machine->cpu_weight);
    report_fact(host, "peer", "cpu_group", machine->cpu_group);
    report_fact(host, "peer", "cpu_group_other", peer_machine_is_apart(&here, machine) ? "yes" : "");
    report_fact(host, "peer", "cpu_weight", weight);
}

void worker_tell_path(const struct vms_host *host, const struct peer_client *client) {
    const struct peer_path *near = peer_client_path(client), *far = peer_client_far_path(client);

    report_end(host, "path", near);
    (void)host->fact(host->context, "peer_path", peer_path_kind(far));
    report_end(host, "peer_path", far);
    (void)host->fact(host->context, "path_translated", peer_path_is_translated(near, far) ? "yes" : "no");
    report_machine(host, peer_client_far_machine(client));
}
