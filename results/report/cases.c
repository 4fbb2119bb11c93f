/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every case and metric with its verdict, and what was not compared. */
#include "compare/explain/explain.h"
#include "compare/words/words.h"
#include "report/html.h"
#include "report/report_parts.h"

#include <string.h>

static void write_cell(FILE *file, const char *text) {
    html_element(file, "td", text);
}

static void write_figure(FILE *file, const struct compare_row *row, size_t side) {
    char words[WORDS_SIZE];

    words_figure(row, side, words);
    write_cell(file, words);
}

static void write_cost(FILE *file, const struct comparison *comparison, const struct compare_row *row) {
    char words[WORDS_SIZE];

    words_long(row, &row->finding, comparison->options.margin, words);
    fprintf(file, "<td class=\"what %s\">", compare_verdict_name(row->finding.verdict));
    html_text(file, words);
    fputs("</td>", file);
}

static void write_bill(FILE *file, const struct compare_row *row) {
    char bill[EXPLAIN_BILLS_SIZE];

    explain_bill_cell(row, bill);
    fputs("<td class=\"what\">", file);
    html_text(file, bill);
    fputs("</td>", file);
}

static void write_row(FILE *file, const struct comparison *comparison, const struct compare_row *row,
                      bool bills) {
    fputs("<tr><th scope=\"row\">", file);
    html_text(file, row->title);
    fputs("</th><td class=\"what\">", file);
    html_text(file, row->metric->name);
    fputs("</td><td class=\"what\">", file);
    html_text(file, comparison->sides[row->other].label);
    fputs("</td>", file);
    write_figure(file, row, 0);
    write_figure(file, row, 1);
    write_cost(file, comparison, row);
    if (bills)
        write_bill(file, row);
    fputs("</tr>\n", file);
}

static void write_rows(FILE *file, const struct comparison *comparison, const char *resource) {
    bool begun = false, bills = explain_has_bills(comparison);

    for (size_t i = 0; i < comparison->n_rows; i++) {
        const struct compare_row *row = &comparison->rows[i];

        if (strcmp(compare_resource(row), resource) != 0)
            continue;
        if (!begun)
            fprintf(file,
                    "<tbody><tr><th colspan=\"%d\" scope=\"rowgroup\" class=\"resource\">%s</th></tr>\n",
                    bills ? 7 : 6, resource);
        begun = true;
        write_row(file, comparison, row, bills);
    }
    if (begun)
        fputs("</tbody>\n", file);
}

static void write_table(FILE *file, const struct comparison *comparison) {
    static const char *const resources[] = {"network", "memory", "disk", "cpu"};

    fputs("<div class=\"wide\"><table><thead><tr><th "
          "scope=\"col\">case</th><th scope=\"col\" class=\"what\">metric</th><th scope=\"col\" "
          "class=\"what\">configuration</th><th scope=\"col\">",
          file);
    html_text(file, comparison->sides[0].label);
    fprintf(file,
            "</th><th scope=\"col\">this configuration</th><th scope=\"col\" class=\"what\">cost "
            "[95%%]</th>%s</tr></thead>\n",
            explain_has_bills(comparison) ? "<th scope=\"col\" class=\"what\">host pays</th>" : "");
    for (size_t i = 0; i < VMS_LENGTH(resources); i++)
        write_rows(file, comparison, resources[i]);
    fputs("</table></div>\n", file);
}

static void write_refusals(FILE *file, const struct comparison *comparison) {
    if (comparison->n_refusals == 0)
        return;
    fputs("<h3>Not compared</h3>\n<ul>\n", file);
    for (size_t i = 0; i < comparison->n_refusals; i++) {
        const struct compare_refusal *refusal = &comparison->refusals[i];

        fputs("<li><b>", file);
        html_text(file, comparison->sides[refusal->other].label);
        fputs("</b>, ", file);
        html_text(file, refusal->label);
        fputs(": ", file);
        html_text(file, refusal->reason);
        fputs("</li>\n", file);
    }
    fputs("</ul>\n", file);
}

void report_cases(FILE *file, const struct report *report) {
    if (!report->comparison)
        return;
    fputs("<details class=\"part\" id=\"cases\"><summary><h2>Every case and metric</h2></summary>\n", file);
    write_table(file, report->comparison);
    write_refusals(file, report->comparison);
    fputs("</details>\n", file);
}
