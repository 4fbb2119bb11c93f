/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a trial reports to its host. */
#ifndef VMSUITE_MODULES_BLOCK_FIGURES_H
#define VMSUITE_MODULES_BLOCK_FIGURES_H

#include "block/pass/pass.h"

/* Rows of the module's metric table. */
enum {
    FIGURES_WRITE,
    FIGURES_WRITE_TIME,
    FIGURES_READ,
    FIGURES_READ_TIME,
    FIGURES_OPERATIONS,
    FIGURES_WRITE_LATENCY,
    FIGURES_READ_LATENCY,
    FIGURES_CPU,
    FIGURES_COUNT
};

/* Reports the operation's pass: its figures, whose they are, and the engine that was used. The headline is
 * the rate, of random operations their number a second. */
int figures_report(const struct pass *pass, const struct pass_figures *figures, struct vms_error *error);

/* Reports one way of a pass (PASS_READ or PASS_WRITE), if it went that way: rate, time, latencies. */
int figures_report_way(const struct pass *pass, const struct pass_figures *figures, int way,
                       struct vms_error *error);

#endif
