/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the report share. */
#ifndef VMSUITE_RESULTS_REPORT_REPORT_PARTS_H
#define VMSUITE_RESULTS_REPORT_REPORT_PARTS_H

#include "history/trend.h"
#include "report/figures/figure.h"
#include "report/report.h"

struct report {
    struct reader *const *readers; /* borrowed */
    size_t n_readers;
    struct series_list series;
    struct condition_list conditions;
    struct comparison *comparison; /* NULL where there is nothing to compare */
    const char *why_not;           /* static: why nothing is compared; NULL */
    struct figure_list figures;
    struct history *history;     /* borrowed; NULL: none was given */
    char **machines;             /* owned: the kind of each reader's machine */
    struct trend_wanted *wanted; /* owned; texts are the readers' and of `machines` */
    size_t n_wanted;
    struct trend trend; /* the histories of these cases */
};

/* The parts of the page, in its order: what is read on one screen, then what is folded. Each is for a page
 * with or without a comparison. */
void report_answer(FILE *file, const struct report *report);      /* the matrix and the figure of ratios */
void report_explained(FILE *file, const struct report *report);   /* what goes together with each loss */
void report_environment(FILE *file, const struct report *report); /* what differs between the machines */
void report_cases(FILE *file, const struct report *report);       /* a table of all that was compared */
void report_noise(FILE *file, const struct report *report);       /* table of flags */
void report_figure(FILE *file, const struct report *report, const struct figure *figure);
void report_variation(FILE *file, const struct report *report); /* Table 1 of the 2008 study */
int report_trends(FILE *file, const struct report *report, struct vms_error *error); /* -EIO, -ENOMEM */
void report_forget_history(struct report *report);
void report_trouble(FILE *file, const struct report *report);
void report_machines(FILE *file, const struct report *report);

#endif
