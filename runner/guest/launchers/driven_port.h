/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a guest that is measured as a place and its host agree on: the name of the port of virtio-serial that
 * the agent speaks over, and of the file of its job that says so. */
#ifndef VMSUITE_RUNNER_GUEST_LAUNCHERS_DRIVEN_PORT_H
#define VMSUITE_RUNNER_GUEST_LAUNCHERS_DRIVEN_PORT_H

#define DRIVEN_PORT "vmsuite.agent"
#define DRIVEN_JOB "job/agent"

#endif
