/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Passes over the arrays, each operation of each of them timed. */
#ifndef VMSUITE_MODULES_STREAM_PASSES_H
#define VMSUITE_MODULES_STREAM_PASSES_H

#include "stream/arrays.h"

#include <vmsuite/module.h>

/* The seconds of one operation over the passes that count. */
struct pass_times {
    double shortest, longest, sum;
};

/* Runs so many passes, of which the first does not count, and adds what each operation took to `times`, which
 * the caller has zeroed. With a sentence: -ECANCELED; -ERANGE where the arrays are too small to be timed. */
int passes_run(const struct vms_host *host, struct arrays *arrays, unsigned passes,
               struct pass_times times[static OPERATIONS], struct vms_error *error);

#endif
