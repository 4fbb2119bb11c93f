/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A history in a cell. */
#ifndef VMSUITE_RESULTS_REPORT_SPARK_H
#define VMSUITE_RESULTS_REPORT_SPARK_H

#include "history/trend.h"

/* A small drawing of the searched figures. */
void spark_write(FILE *file, const struct trend_line *line);
/* The class of what shows a change: "slower", "faster", or "other" where neither is better. Static. */
const char *spark_class(const struct trend_line *line, const struct change_point *change);
/* A cell with the newest change, and since when. */
void spark_write_change(FILE *file, const struct trend_line *line);

#endif
