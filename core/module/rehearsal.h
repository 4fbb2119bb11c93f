/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Code that nobody vouches for is run in a child first: whether it ends is what counts. */
#ifndef VMSUITE_CORE_MODULE_REHEARSAL_H
#define VMSUITE_CORE_MODULE_REHEARSAL_H

#include "base/error.h"

/* Calls `act` with `path` in a child of its own process group, without descriptors of ours beyond 2 and with
 * nothing to read from or print to, for at most 5 seconds, and returns what it returned, with its sentence.
 * -EINVAL with a sentence where the child crashed, exited by itself or had not come to an end; whatever of
 * its group is left is killed. */
int rehearsal_run(int (*act)(const char *path, struct vms_error *error), const char *path,
                  struct vms_error *error);

#endif
