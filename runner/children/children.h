/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The calling process's children, those included that it did not start itself: orphans of its descendants. */
#ifndef VMSUITE_RUNNER_CHILDREN_CHILDREN_H
#define VMSUITE_RUNNER_CHILDREN_CHILDREN_H

#include <stdbool.h>
#include <stdint.h>

/* From now on what descendants leave behind becomes a child of this process (PR_SET_CHILD_SUBREAPER), or no
 * longer. A kernel that cannot leaves orphans to init. */
void children_adopt(bool on);

/* Kills every child, and what becomes a child by that, and waits for them. False where some lived on at
 * `deadline_ns` (clock_now_ns): a process that the kernel does not let die. */
bool children_end(uint64_t deadline_ns);

#endif
