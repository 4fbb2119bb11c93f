/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a run over places ends. */
#ifndef VMSUITE_RUNNER_PLACES_ENDING_H
#define VMSUITE_RUNNER_PLACES_ENDING_H

#include "places/taking.h"

/* Ends the runs of all places, writes their records, and says what is in them. Returns the exit status, the
 * worst of all places'; -errno with a sentence where a record could not be written. */
int ending_write(struct tour *tour, struct vms_error *error);

#endif
