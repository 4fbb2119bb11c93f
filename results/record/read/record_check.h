/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Is this a whole and honest record? Its shape, and that its summaries are those of its trials. */
#ifndef VMSUITE_RESULTS_RECORD_READ_RECORD_CHECK_H
#define VMSUITE_RESULTS_RECORD_READ_RECORD_CHECK_H

#include <jansson.h>

/* Called for each thing that is wrong, with its JSON path (`$.cases[0].summary[1].mean`). */
typedef void record_check_report(void *context, const char *path, const char *sentence);

/* Checks schema version, required members and their types; that trials are numbered and timed as they can
 * have been, have figures where they are ok and a reason where they are not; and recomputes every summary and
 * distribution from the values that are there, which must agree to 1e-9. The JSON Schema file has the shape
 * in full. */
void record_check(const json_t *record, record_check_report *report, void *context);

#endif
