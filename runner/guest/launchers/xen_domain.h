/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A domain of Xen in the words of xl.cfg(5). */
#ifndef VMSUITE_RUNNER_GUEST_LAUNCHERS_XEN_DOMAIN_H
#define VMSUITE_RUNNER_GUEST_LAUNCHERS_XEN_DOMAIN_H

#include "guest/launchers/guest_settings.h"

#include <stdio.h>

#define XEN_DOMAIN_DISKS 2
#define XEN_DOMAIN_LOADED 2

/* A file of dom0 that is in the domain's memory when it begins. */
struct xen_loaded {
    const char *file;
    uint32_t place;
};

/* All borrowed. */
struct xen_domain {
    const char *name;
    const char *type;                            /* "pv", "pvh", "hvm" */
    const char *kernel, *ramdisk;                /* files of dom0; no ramdisk: NULL */
    const char *console;                         /* the guest kernel's name of it */
    const char *serial;                          /* HVM: where the serial line leads */
    bool devices;                                /* the disks are block devices of dom0, not files */
    const char *disks[XEN_DOMAIN_DISKS];         /* NULL-ended, or full */
    const char *vif;                             /* the card's own words; NULL: no card */
    bool emulated;                               /* HVM: IDE and e1000 rather than Xen's own devices */
    struct xen_loaded loaded[XEN_DOMAIN_LOADED]; /* HVM: ended by no file, or full */
};

/* Writes it, with the settings' processors, memory and further words for the kernel. The time stamp counter
 * is the processor's own: emulated, it would cost each system call of Debian's kernel a trap. */
void xen_domain_print(FILE *text, const struct xen_domain *domain, const struct guest_settings *settings);

#endif
