/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Firmware that does not name a hypervisor but who made or rents out the machine. */
#ifndef VMSUITE_CORE_VIRTUALIZATION_CLOUDS_H
#define VMSUITE_CORE_VIRTUALIZATION_CLOUDS_H

#include "virtualization/hypervisors.h"

/* Machines that are rented out, virtual ones and bare ones. */
struct cloud {
    const char *dmi;  /* in DMI's "VENDOR PRODUCT" */
    const char *bare; /* in the product's name, where it is a bare machine; NULL: not said there */
    bool guest;       /* what does not say that it is bare is a guest */
    enum hypervisor_id hypervisor; /* what its guests run on */
};

/* The cloud that signs so, or NULL. */
const struct cloud *cloud_find(const char *vendor_and_product);

/* Whether DMI's vendor or a device tree's "compatible" is that of a hardware maker. */
bool maker_of_machine(const char *vendor);
bool maker_of_board(const char *compatible);

#endif
