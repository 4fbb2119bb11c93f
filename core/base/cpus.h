/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lists of processors, as taskset(1) reads them: "0-3,8". */
#ifndef VMSUITE_CORE_BASE_CPUS_H
#define VMSUITE_CORE_BASE_CPUS_H

#include <sched.h>
#include <vmsuite/module.h>

/* -EINVAL with a sentence. Whether this machine has those processors is not asked. */
int cpus_parse(const char *text, cpu_set_t *ret_set, struct vms_error *error);

#endif
