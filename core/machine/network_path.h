/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The interface that packets from one of our addresses go out by. */
#ifndef VMSUITE_CORE_MACHINE_NETWORK_PATH_H
#define VMSUITE_CORE_MACHINE_NETWORK_PATH_H

#include <net/if.h>
#include <stdbool.h>
#include <sys/socket.h>

#define PATH_DRIVER_SIZE 32

struct network_path {
    char interface[IF_NAMESIZE];
    char driver[PATH_DRIVER_SIZE]; /* "virtio_net", "veth", ...; "" where it does not say */
    int mtu;                       /* 0 where it is unknown */
    char *offloads;                /* owned: as in offloads_read; NULL where the driver does not report it */
};

/* Finds the interface that has the address `own`, as a connected socket has it; `local`: the other end is
 * on this machine, so the kernel uses the loopback interface whatever the address. -ENOENT: none has it. The
 * caller frees with network_path_done. */
int network_path_read(const struct sockaddr_storage *own, bool local, struct network_path *ret_path);
void network_path_done(struct network_path *path);

#endif
