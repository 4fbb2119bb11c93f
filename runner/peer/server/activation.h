/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sockets that a service manager has opened (sd_listen_fds(3), whose protocol is two variables). */
#ifndef VMSUITE_RUNNER_PEER_SERVER_ACTIVATION_H
#define VMSUITE_RUNNER_PEER_SERVER_ACTIVATION_H

#include <vmsuite/module.h>

/* 1 and the listening socket where one was passed to this process, 0 where none was, -EINVAL where it is no
 * single listening TCP socket. The variables are removed, so that no child takes them for its own. */
int activation_take(int *ret_fd, struct vms_error *error);

#endif
