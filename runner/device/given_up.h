/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The block device that a configuration gives up ("destroys"), looked at before anything is written to it. */
#ifndef VMSUITE_RUNNER_DEVICE_GIVEN_UP_H
#define VMSUITE_RUNNER_DEVICE_GIVEN_UP_H

#include <stdint.h>
#include <vmsuite/module.h>

/* What the configuration says of the device ("device"). */
struct device_claim {
    uint64_t size; /* bytes; 0: not said */
    char *id;      /* serial number, WWID, or a name in /dev/disk/by-id; NULL: not said */
    char *holds;   /* what is on it and may be lost: "ext4", "gpt", ..., "data"; NULL: nothing */
};

void device_claim_done(struct device_claim *claim);

/* Checks the device at `path` against the claim: -EINVAL where its size or id is another, -EEXIST where
 * something is on it, recognised or not, that the configuration does not name; both with the mend. 0, or
 * another negative errno with a sentence. Opens it for reading only. */
int given_up_check(const char *path, const struct device_claim *claim, struct vms_error *error);

#endif
