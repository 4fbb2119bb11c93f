/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A captured machine: what machine_read reads is written into a folder that machine_source_at reads again,
 * without what names its owner (scrub.h). */
#ifndef VMSUITE_CORE_MACHINE_CAPTURE_H
#define VMSUITE_CORE_MACHINE_CAPTURE_H

#include "machine/machine.h"

#include <vmsuite/module.h>

/* Captures `source` into `folder`, which must not exist or be empty. */
int machine_capture(const struct machine_source *source, const char *scratch, const char *folder,
                    struct vms_error *error);

/* A capture that is being taken: the reading functions tell it what they have read. NULL: nothing is
 * captured. The first failure is kept and told by machine_capture. */
struct capture;
void capture_bytes(struct capture *capture, const char *path, const char *bytes, size_t size);
void capture_link(struct capture *capture, const char *path, const char *name);
void capture_presence(struct capture *capture, const char *path);

#endif
