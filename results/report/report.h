/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One HTML file that shows what records say, and opens offline. */
#ifndef VMSUITE_RESULTS_REPORT_REPORT_H
#define VMSUITE_RESULTS_REPORT_REPORT_H

#include "history/history.h"
#include "record/read/reader.h"

#include <stdio.h>

struct report; /* what the records say, gathered */

/* Reads the records, at least one. Records of one configuration are pooled; those of the configuration
 * `baseline` are what the others are compared with; NULL: the native one, and where there is none, or
 * several, nothing is compared. -EINVAL: a broken record, the same run twice, no such configuration, or
 * clocks that count different things. The caller frees with report_free. */
int report_new(struct reader *const *readers, size_t n_readers, const char *baseline,
               struct report **ret_report, struct vms_error *error);
void report_free(struct report *report);
/* Adds what a store knows of these cases, run after run, under the same configurations on the same kind of
 * machine. The store stays open while the page is written. -EIO, -ENOMEM, -EINVAL. */
int report_add_history(struct report *report, struct history *history, struct vms_error *error);

/* Writes the page. -EIO, -ENOMEM. */
int report_write(FILE *file, const struct report *report, struct vms_error *error);

/* The same as a file that is whole or not there. */
int report_write_page(const char *path, const struct report *report, struct vms_error *error);

/* Writes NAME.vg.json (a Vega specification with its data, in base units) for each figure into `folder`,
 * which is made where it is not there. */
int report_write_figures(const char *folder, const struct report *report, struct vms_error *error);

#endif
