/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Room on the stack, which a limit (ulimit -s) may take away. */
#ifndef VMSUITE_CORE_PROCESS_STACK_H
#define VMSUITE_CORE_PROCESS_STACK_H

#include <vmsuite/module.h>

#define STACK_LEAST ((uint64_t)1 << 20) /* bytes: documents may be nested deeply */
#define STACK_USUAL ((uint64_t)8 << 20)

/* Raises a soft limit below STACK_LEAST to STACK_USUAL, or as far as the hard one lets it, for this process's
 * own stack and for those of its threads. -ENOMEM with a sentence where less than STACK_LEAST is left. */
int stack_begin(struct vms_error *error);

#endif
