/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Is KVM usable here? A device node that opens proves nothing: a tiny guest has to run. */
#ifndef VMSUITE_RUNNER_GUEST_LAUNCHERS_CANARY_H
#define VMSUITE_RUNNER_GUEST_LAUNCHERS_CANARY_H

#include <vmsuite/module.h>

/* 0, or -ENOTSUP with the reason: no device, no right to it, or "present but unusable". Takes 10 s at most;
 * asked once per program. */
int canary_available(struct vms_error *error);

#endif
