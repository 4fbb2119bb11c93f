/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pages over a store: an index with a search, and a page for each case. They are files that open offline. */
#ifndef VMSUITE_RESULTS_SITE_SITE_H
#define VMSUITE_RESULTS_SITE_SITE_H

#include "history/trend.h"

/* Writes the pages of what is chosen into a folder, which is made where there is none: index.html and
 * case-N.html. `records` is what stands before the names of records in links, NULL: none are made. Sets
 * *ret_pages. */
int site_write(const char *folder, struct history *history, const struct trend_options *options,
               const char *records, size_t *ret_pages, struct vms_error *error);

#endif
