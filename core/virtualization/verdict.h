/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From clues to the layers of virtualization: a pure function. */
#ifndef VMSUITE_CORE_VIRTUALIZATION_VERDICT_H
#define VMSUITE_CORE_VIRTUALIZATION_VERDICT_H

#include "virtualization/clues.h"

struct verdict {
    const char *name;                 /* the nearest layer, one of virtualization_names() */
    const struct hypervisor *nearest; /* its row; NULL: no hypervisor, or an unknown one */
    const struct hypervisor *below;   /* the layer below; NULL: none was seen */
    const struct hypervisor *used;    /* the interface through which the kernel runs, or that it is offered */
    const char *kind; /* "hardware-assisted guest", ..., "accelerator unknown", "none", "unknown" */
};

/* Finds the layers, and fills in each clue's role. The order of the rule is explained in verdict.c and in
 * docs/detection.md. */
void verdict_reach(struct clues *clues, struct verdict *ret_verdict);

#endif
