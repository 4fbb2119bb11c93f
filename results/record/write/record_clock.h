/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef VMSUITE_RESULTS_RECORD_WRITE_RECORD_CLOCK_H
#define VMSUITE_RESULTS_RECORD_WRITE_RECORD_CLOCK_H

#include "record/text/scan.h"
#include "stats/clock_offset.h"

#include <jansson.h>
#include <vmsuite/module.h>

/* The word in a trial's flags where its clock is flagged. */
#define RECORD_FLAG_CLOCK "clock"

/* The peer's clock during a trial: null where none was compared. A new reference, or NULL without memory. */
json_t *record_clock(const struct clock_offset *clock);

/* Reads it back, except for `flagged`, which is among the trial's flags. -EINVAL with a sentence. */
int record_read_clock(const json_t *json, struct clock_offset *ret_clock, struct vms_error *error);

/* The same from a scan, in which a failure is noted. */
void record_scan_clock(struct scan *scan, struct clock_offset *ret_clock);

/* The figures in their order, the number of exchanges first, and what they are called. */
#define RECORD_CLOCK_KEYS 7
extern const char *const record_clock_keys[RECORD_CLOCK_KEYS];
double record_clock_figure(const struct clock_offset *clock, size_t index);

#endif
