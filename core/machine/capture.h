/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A captured machine: what machine_read reads is written into a folder that machine_source_at reads again,
 * without what names its owner (scrub.h). */
#ifndef VMSUITE_CORE_MACHINE_CAPTURE_H
#define VMSUITE_CORE_MACHINE_CAPTURE_H

#include "machine/machine.h"

#include <vmsuite/module.h>

/* Captures `source` into `folder`, which must not exist or must be empty. `scratch` is as for machine_read.
 * 0, or a negative errno with a sentence. */
int machine_capture(const struct machine_source *source, const char *scratch, const char *folder,
                    struct vms_error *error);

#endif
