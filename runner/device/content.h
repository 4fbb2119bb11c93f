/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is on a block device or an image on which no signature was found: nothing, what this program wrote, or
 * what somebody may miss. */
#ifndef VMSUITE_RUNNER_DEVICE_CONTENT_H
#define VMSUITE_RUNNER_DEVICE_CONTENT_H

#include <stdint.h>
#include <vmsuite/module.h>

/* What the configuration calls it where no signature tells more: "device": {"holds": "data"}. */
#define CONTENT_UNRECOGNISED "data"

/* Looks for sectors that are neither all 0x00 nor all 0xff, as erased ones are: all over the beginning and
 * the end, where file systems keep copies of their superblocks, and at a thousand places that are spread
 * evenly. 1, with the sector's place in *ret_at; 0 where all of these are blank, or where the device begins
 * with what the module `block` wrote. A negative errno with a sentence: it cannot be read. */
int content_find(int fd, const char *path, uint64_t size, uint64_t *ret_at, struct vms_error *error);

#endif
