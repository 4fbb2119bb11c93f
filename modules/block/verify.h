/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads a file back and judges every sector of it. */
#ifndef VMSUITE_BLOCK_VERIFY_H
#define VMSUITE_BLOCK_VERIFY_H

#include "job.h"
#include "target.h"

/* Reads the whole file, through the device where the job asks for that and the kernel lets go of its pages,
 * and checks that each block is whole and of `generation`. -EIO with a sentence that names the first block
 * that is stale, torn, misplaced or damaged. *ret_through_device says where the data came from. */
int verify_file(const struct job *job, const struct target *target, uint64_t generation, uint64_t seed,
                bool *ret_through_device, struct vms_error *error);

#endif
