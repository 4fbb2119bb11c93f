/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef VMSUITE_RUNNER_RUN_WORKER_WORKER_PATH_H
#define VMSUITE_RUNNER_RUN_WORKER_WORKER_PATH_H

#include "peer/client/client.h"

/* Reports the facts about the case's path to its peer, as far as they are known: path_interface, path_mtu (of
 * the whole path), path_driver and path_offloads, and peer_path ("loopback" or "network") and
 * peer_path_interface to peer_path_offloads as the peer sees it; path_translated ("yes": one end has another
 * address than the other end sees). And about where the peer is: peer_machine ("this one" or "another"),
 * peer_cpu_group and peer_cpu_weight; peer_cpu_group_other ("yes": on this machine, but by another group than
 * this end). */
void worker_tell_path(const struct vms_host *host, const struct peer_client *client);

#endif
