/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How many trials were disturbed, and by what, as a table. */
#include "report/html.h"
#include "report/report_parts.h"

/* Whether a tally before this one has the flag, so that its row is there. */
static bool is_listed(const struct condition_list *list, size_t before, const char *flag) {
    for (size_t i = 0; i < before; i++)
        if (condition_count(&list->tallies[i], flag) > 0)
            return true;
    return false;
}

static void write_head(FILE *file, const struct condition_list *list) {
    fputs("<div class=\"wide\"><table><caption>Trials by what disturbed them</caption><thead><tr>"
          "<th scope=\"col\">flag</th>",
          file);
    for (size_t i = 0; i < list->n_tallies; i++) {
        fputs("<th scope=\"col\">", file);
        html_text(file, list->tallies[i].configuration);
        fputs("</th>", file);
    }
    fputs("</tr></thead>\n<tbody>\n", file);
}

static void write_row(FILE *file, const struct condition_list *list, const char *flag) {
    fputs("<tr><th scope=\"row\">", file);
    html_text(file, flag);
    fputs("</th>", file);
    for (size_t i = 0; i < list->n_tallies; i++)
        fprintf(file, "<td>%zu</td>", condition_count(&list->tallies[i], flag));
    fputs("</tr>\n", file);
}

static void write_totals(FILE *file, const struct condition_list *list) {
    fputs("<tr class=\"differs\"><th scope=\"row\">any</th>", file);
    for (size_t i = 0; i < list->n_tallies; i++)
        fprintf(file, "<td>%zu of %zu</td>", list->tallies[i].n_flagged, list->tallies[i].n_trials);
    fputs("</tr>\n</tbody></table></div>\n", file);
}

static void write_rows(FILE *file, const struct condition_list *list) {
    for (size_t i = 0; i < list->n_tallies; i++)
        for (size_t j = 0; j < list->tallies[i].n_flags; j++)
            if (!is_listed(list, i, list->tallies[i].flags[j].name))
                write_row(file, list, list->tallies[i].flags[j].name);
}

void report_noise(FILE *file, const struct report *report) {
    const struct condition_list *list = &report->conditions;
    size_t n_flagged = 0;

    for (size_t i = 0; i < list->n_tallies; i++)
        n_flagged += list->tallies[i].n_flagged;
    if (n_flagged == 0) {
        fputs("<p>No trial was flagged as disturbed.</p>\n", file);
        return;
    }
    fputs("<p>A disturbed trial is flagged and reported, never dropped.</p>\n", file);
    write_head(file, list);
    write_rows(file, list);
    write_totals(file, list);
}
