/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a record's reader must know about where its figures come from: hardware that was emulated, a clock
 * that counted instructions. */
#ifndef VMSUITE_RESULTS_RECORD_ORIGIN_H
#define VMSUITE_RESULTS_RECORD_ORIGIN_H

#include <jansson.h>
#include <stdbool.h>

#define ORIGIN_EMULATED                                                                                      \
    "emulated hardware: the machine that this ran on is QEMU's, in software: the figures show what a way "   \
    "of virtualising does (exits, hypercalls, copies), not what it costs on silicon"
#define ORIGIN_INSTRUCTIONS                                                                                  \
    "the guest's clock counts instructions: times are numbers of instructions, without the cost of caches, " \
    "TLB misses or nested page walks; compare them only with other figures of that clock"

/* Each takes a record, or one without its cases. */

/* The configuration's name with that knowledge, "native (emulated hardware)". Borrowed. */
const char *origin_label(const json_t *head);
bool origin_counts_instructions(const json_t *head);

#endif
