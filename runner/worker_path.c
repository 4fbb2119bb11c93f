/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "worker_path.h"

#include "machine/path.h"

#include <stdio.h>
#include <string.h>

static void tell(const struct vms_host *host, const char *key, const char *text) {
    if (text && text[0])
        (void)host->fact(host->context, key, text);
}

void worker_tell_path(const struct vms_host *host, const struct peer_client *client) {
    bool local = strcmp(peer_client_path(client), "loopback") == 0;
    struct network_path path;
    int mtu = peer_client_mtu(client);
    char text[16];

    if (network_path_read(&host->address, local, &path) < 0)
        return; /* an address that has gone, or is no interface's own: then nothing is said about it */
    tell(host, "path_interface", path.interface);
    (void)snprintf(text, sizeof(text), "%d", mtu > 0 ? mtu : path.mtu);
    tell(host, "path_mtu", text);
    tell(host, "path_driver", path.driver);
    tell(host, "path_offloads", path.offloads);
    network_path_done(&path);
}
