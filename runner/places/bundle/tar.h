/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An archive as a tar file (POSIX.1-1988, "ustar"), whose bytes depend on its content alone: entries sorted,
 * owner and time 0. */
#ifndef VMSUITE_RUNNER_PLACES_BUNDLE_TAR_H
#define VMSUITE_RUNNER_PLACES_BUNDLE_TAR_H

#include "guest/appliance/archive.h"

#include <stdio.h>

/* Writes it, ended by two empty blocks. -ENAMETOOLONG where a name is longer than the format has room for;
 * -EIO. */
int tar_write(struct archive *archive, FILE *file, struct vms_error *error);

#endif
