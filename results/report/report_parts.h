/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the report share. */
#ifndef VMSUITE_RESULTS_REPORT_REPORT_PARTS_H
#define VMSUITE_RESULTS_REPORT_REPORT_PARTS_H

#include "report/figure.h"
#include "report/report.h"

struct report {
    struct reader *const *readers; /* borrowed */
    size_t n_readers;
    struct series_list series;
    struct condition_list conditions;
    struct comparison *comparison; /* NULL where there is nothing to compare */
    struct figure_list figures;
};

/* The parts of the page, in its order. */
void report_answer(FILE *file, const struct report *report); /* where there is a comparison */
void report_noise(FILE *file, const struct report *report);  /* table of flags */
void report_figure(FILE *file, const struct figure *figure);
void report_variation(FILE *file, const struct report *report); /* Table 1 of the 2008 study */
void report_trouble(FILE *file, const struct report *report);
void report_machines(FILE *file, const struct report *report);

#endif
