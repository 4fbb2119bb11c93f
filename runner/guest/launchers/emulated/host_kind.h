/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The emulated host: one PC of QEMU's on which the same kernel and appliance are booted bare, in a guest of
 * its KVM, or in a domain of Xen. What is between that PC and a nested guest is an archive ("host.cpio") with
 * the tools of the hypervisor (host_tools.h), what boots the guest (host_job.h), and the guest itself. */
#ifndef VMSUITE_RUNNER_GUEST_LAUNCHERS_EMULATED_HOST_KIND_H
#define VMSUITE_RUNNER_GUEST_LAUNCHERS_EMULATED_HOST_KIND_H

#include <stdbool.h>

struct host_kind {
    const char *domain;  /* Xen's type of domain; NULL: no domain of Xen */
    bool nested;         /* a guest of the emulated host; otherwise the host itself */
    bool emulated_disks; /* Xen: IDE and e1000 rather than its own devices */
    bool whole_pc;       /* a domain that firmware boots, as it does a PC (hvm_kernel.h) */
    const char *console; /* its kernel's name of it */
};

#endif
