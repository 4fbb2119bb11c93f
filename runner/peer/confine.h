/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What binds the processes that `serve` starts. */
#ifndef VMSUITE_RUNNER_PEER_CONFINE_H
#define VMSUITE_RUNNER_PEER_CONFINE_H

#include <sys/types.h>

/* Called first in a forked child: it dies with its parent (-ESRCH: it is dead already), gains no privileges,
 * dumps no core, writes no files, has a bounded number of descriptors, and the default answer to signals. */
int confine_child(pid_t parent);

#endif
