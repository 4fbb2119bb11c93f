/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the emulated host does: its scripts, and how the guest is started. */
#ifndef VMSUITE_RUNNER_GUEST_LAUNCHERS_EMULATED_HOST_JOB_H
#define VMSUITE_RUNNER_GUEST_LAUNCHERS_EMULATED_HOST_JOB_H

#include "guest/appliance/archive.h"
#include "guest/launchers/emulated/host_kind.h"
#include "guest/launchers/emulated/hvm_kernel.h"
#include "guest/launchers/launcher.h"

/* Where the guest's kernel and archives are in the host's archive. */
#define HOST_KERNEL "guest/kernel"
#define HOST_INITRD "guest/initrd"
/* Of a domain that is a whole PC: what of its kernel is beside it in its memory. */
#define HOST_KERNEL_REST "guest/kernel-rest"

/* Adds both to the host's archive. `kernel`: of a domain that is a whole PC, else NULL. */
int host_job_add(struct archive *archive, const struct boot *boot, const struct host_kind *kind,
                 const struct hvm_kernel *kernel, struct vms_error *error);

#endif
