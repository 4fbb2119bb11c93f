/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lists of processors, as taskset(1) and the kernel write them: "0-3,8". */
#ifndef VMSUITE_CORE_BASE_CPUS_H
#define VMSUITE_CORE_BASE_CPUS_H

#include <sched.h>
#include <stdint.h>
#include <vmsuite/module.h>

/* -EINVAL with a sentence. Whether this machine has those processors is not asked. */
int cpus_parse(const char *text, cpu_set_t *ret_set, struct vms_error *error);

/* How many processors a list of the kernel's holds, which is not bounded by cpu_set_t. -EINVAL. */
int cpus_count(const char *text, int64_t *ret_count);

/* The set as a list. NULL without memory; the caller frees. `size` is that of the set in bytes, as
 * CPU_ALLOC_SIZE has it. */
char *cpus_format(const cpu_set_t *set, size_t size);

#endif
