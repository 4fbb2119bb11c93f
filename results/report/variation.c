/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The largest coefficient of variation of each group, per configuration: Table 1 of the 2008 study. */
#include "report/html.h"
#include "report/report_parts.h"

#include <math.h>
#include <string.h>

/* A row of the table: a group, or one metric of it where a case without sweep has several of one kind. */
static bool is_shown(const struct series_list *list, size_t index) {
    const struct series *series = &list->series[index];
    const struct series *headline = &list->series[series->kin[SERIES_OF_CASE].first];

    if (series->shape == VMS_DISTRIBUTION || series_is_secondary(series) ||
        strcmp(series->unit, headline->unit) != 0 || series->better != headline->better ||
        (series->x_name && !series->is_headline))
        return false;
    return series->kin[SERIES_OF_METRIC].first == index;
}

/* NaN where no case of the group has one. */
static double largest_cv(const struct series_list *list, const struct series *row,
                         const char *configuration) {
    double largest = NAN;

    for (size_t i = row->kin[SERIES_OF_METRIC].first; i < list->n_series;
         i = list->series[i].kin[SERIES_OF_METRIC].next)
        if (strcmp(list->series[i].configuration, configuration) == 0)
            largest = fmax(largest, list->series[i].summary.cv);
    return largest;
}

static bool has_several_metrics(const struct series_list *list, const struct series *row) {
    for (size_t i = row->kin[SERIES_OF_GROUP].first; i < list->n_series;
         i = list->series[i].kin[SERIES_OF_GROUP].next)
        if (strcmp(list->series[i].metric, row->metric) != 0 && is_shown(list, i))
            return true;
    return false;
}

static void write_row(FILE *file, const struct series_list *list, const struct series *row) {
    fputs("<tr><th scope=\"row\">", file);
    html_text(file, row->group);
    if (has_several_metrics(list, row)) {
        fputc(' ', file);
        html_text(file, row->metric);
    }
    fputs("</th>", file);
    for (size_t i = 0; i < list->n_configurations; i++) {
        double cv = largest_cv(list, row, list->configurations[i]);

        if (isfinite(cv))
            fprintf(file, "<td>%.3g</td>", cv);
        else
            fputs("<td>n/a</td>", file);
    }
    fputs("</tr>\n", file);
}

void report_variation(FILE *file, const struct report *report) {
    const struct series_list *list = &report->series;

    fputs("<details class=\"part\" id=\"variation\"><summary><h2>How steady the figures are</h2></summary>\n"
          "<p>The largest coefficient of variation (standard deviation divided by mean) among the cases of "
          "each group, as in Table 1 of the 2008 study.</p>\n"
          "<div class=\"wide\"><table><thead><tr><th scope=\"col\">group</th>",
          file);
    for (size_t i = 0; i < list->n_configurations; i++) {
        fputs("<th scope=\"col\">", file);
        html_text(file, list->configurations[i]);
        fputs("</th>", file);
    }
    fputs("</tr></thead>\n<tbody>\n", file);
    for (size_t i = 0; i < list->n_series; i++)
        if (is_shown(list, i))
            write_row(file, list, &list->series[i]);
    fputs("</tbody></table></div></details>\n", file);
}
