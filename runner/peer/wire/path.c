/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "peer/wire/path.h"

#include "base/cleanup.h"
#include "machine/network_path.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

/* What the kernel knows of the whole path, not of the first interface alone. */
static int ask_mtu(int fd, const struct sockaddr_storage *own) {
    bool six = own->ss_family == AF_INET6;
    socklen_t size = sizeof(int);
    int mtu = 0;

    if (getsockopt(fd, six ? IPPROTO_IPV6 : IPPROTO_IP, six ? IPV6_MTU : IP_MTU, &mtu, &size) < 0)
        return 0;
    return mtu;
}

void peer_path_read(int fd, struct peer_path *ret_path) {
    struct sockaddr_storage own, other;
    struct peer_path path = {0};
    struct network_path found;

    if (net_ends(fd, &own, &other, NULL) == 0) {
        path.local = net_is_local(&other);
        path.mtu = ask_mtu(fd, &own);
        net_address(&own, path.own);
        net_address(&other, path.other);
        if (network_path_read(&own, path.local, &found) == 0) {
            (void)snprintf(path.interface, sizeof(path.interface), "%s", found.interface);
            (void)snprintf(path.driver, sizeof(path.driver), "%s", found.driver);
            (void)snprintf(path.offloads, sizeof(path.offloads), "%s", found.offloads ? found.offloads : "");
            if (path.mtu <= 0)
                path.mtu = found.mtu;
            network_path_done(&found);
        }
    }
    *ret_path = path;
}

/* A datagram socket is connected without a packet; the kernel writes down where it leads. */
static bool find_far_end(const struct addrinfo *address, struct sockaddr_storage *ret_other) {
    cleanup_close int fd = socket(address->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct sockaddr_storage own;

    return fd >= 0 && connect(fd, address->ai_addr, address->ai_addrlen) == 0 &&
           net_ends(fd, &own, ret_other, NULL) == 0;
}

const char *peer_path_foresee(const char *host, uint16_t port) {
    struct peer_path path = {0};
    struct sockaddr_storage other;
    struct addrinfo *addresses;
    bool leads = false;

    if (net_resolve(host, port, 0, &addresses, NULL) < 0)
        return NULL;
    for (const struct addrinfo *address = addresses; address && !path.local; address = address->ai_next)
        if (find_far_end(address, &other)) {
            leads = true;
            path.local = net_is_local(&other);
        }
    freeaddrinfo(addresses);
    return leads ? peer_path_kind(&path) : NULL;
}

const char *peer_path_kind(const struct peer_path *path) {
    return path->local ? "loopback" : "network";
}

static bool is_other(const char *a, const char *b) {
    return *a && *b && strcmp(a, b) != 0;
}

bool peer_path_is_translated(const struct peer_path *here, const struct peer_path *there) {
    return is_other(here->own, there->other) || is_other(here->other, there->own);
}
