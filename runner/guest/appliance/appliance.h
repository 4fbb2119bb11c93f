/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one small image that every guest boots: a kernel, and archives with vmsuite, its modules, their
 * libraries, the kernel's drivers and the first process. */
#ifndef VMSUITE_RUNNER_GUEST_APPLIANCE_APPLIANCE_H
#define VMSUITE_RUNNER_GUEST_APPLIANCE_APPLIANCE_H

#include "guest/appliance/cache.h"
#include "module/loader.h"

struct appliance {
    char *folder;             /* CACHE/appliances/ID */
    char *kernel;             /* the bzImage */
    char *vmlinux;            /* the same, uncompressed; NULL where it could not be decompressed */
    char *base;               /* archive: first process and drivers */
    char *payload;            /* archive: vmsuite, modules, libraries, configurations, suites */
    char *drivers;            /* the kernel's tree of drivers, /lib/modules/RELEASE; NULL: none */
    char id[CACHE_HASH_SIZE]; /* SHA-256 of kernel, base and payload: the same input, the same bytes */
};

struct appliance_input {
    const char *kernel;  /* a bzImage; NULL: Debian's, fetched and unpacked */
    const char *drivers; /* /lib/modules/RELEASE of that kernel; NULL: none (all built in), or Debian's */
    const struct module_list *modules;
};

/* Builds the appliance, or finds it in the cache where the same was built before. */
int appliance_build(const struct appliance_input *input, struct appliance *ret_appliance,
                    struct vms_error *error);
void appliance_done(struct appliance *appliance);

/* The release of its kernel, such as "6.1.0-56-amd64"; "" where it is unknown. */
const char *appliance_release(const struct appliance *appliance);

#endif
