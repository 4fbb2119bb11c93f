/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How many interrupts of one kind this kernel has counted. */
#ifndef VMSUITE_MODULES_EXITS_INTERRUPTS_H
#define VMSUITE_MODULES_EXITS_INTERRUPTS_H

/* The sum over all processors of the row of /proc/interrupts that begins with `label`, such as "TLB". NaN
 * where there is none, or the file cannot be read. */
double interrupts_count(const char *label);

#endif
