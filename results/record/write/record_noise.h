/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What disturbed a trial, and its flags, as records hold them. */
#ifndef VMSUITE_RESULTS_RECORD_WRITE_RECORD_NOISE_H
#define VMSUITE_RESULTS_RECORD_WRITE_RECORD_NOISE_H

#include "module/outcome.h"
#include "record/text/scan.h"

#include <jansson.h>

/* The flags' names in an array. NULL without memory. */
json_t *record_flags(uint32_t flags);
/* Reads names back; a name that this version does not know is passed over. */
uint32_t record_read_flags(const json_t *names);

/* The figures; null for what is unknown. NULL without memory. */
json_t *record_noise(const struct noise *noise);
/* Reads them back; what is missing or null is NaN. */
void record_read_noise(const json_t *json, struct noise *ret_noise);

/* The same from a scan, in which a failure is noted. */
void record_scan_noise(struct scan *scan, struct noise *ret_noise);

/* The figures in their order, and what they are called. */
#define RECORD_NOISE_KEYS 12
extern const char *const record_noise_keys[RECORD_NOISE_KEYS];
double record_noise_figure(const struct noise *noise, size_t index);

#endif
