/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The kind of a machine: runs on one kind are of one history. */
#ifndef VMSUITE_RESULTS_HISTORY_MACHINE_KIND_H
#define VMSUITE_RESULTS_HISTORY_MACHINE_KIND_H

#include "record/view/view.h"

/* "kvm, Example 9, 2 CPUs", of a record: virtualization, container, processor and their number; a clock that
 * counts instructions makes another kind. Owned; NULL without memory. */
char *machine_kind(const struct view_head *head);

#endif
