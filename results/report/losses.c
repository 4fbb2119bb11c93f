/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What it costs, on top of the page: the matrix of resources and configurations, what is not sure, and one
 * figure. */
#include "base/cleanup.h"
#include "compare/words/matrix.h"
#include "compare/words/words.h"
#include "report/html.h"
#include "report/report_parts.h"

#include <stdlib.h>

#define WARNINGS_SHOWN 5

static bool has_answer(const struct comparison *comparison, const char *resource) {
    for (size_t i = 1; i < comparison->n_sides; i++)
        if (matrix_find(comparison, i, resource))
            return true;
    return false;
}

static void write_cell(FILE *file, const struct comparison *comparison, size_t other, const char *resource) {
    const struct compare_answer *answer = matrix_find(comparison, other, resource);
    char words[WORDS_SIZE];

    if (!answer) {
        fputs("<td></td>", file);
        return;
    }
    words_short(answer->row, &answer->finding, comparison->options.margin, words);
    fprintf(file, "<td class=\"%s\" data-resource=\"%s\">", compare_verdict_name(answer->finding.verdict),
            matrix_heading(resource));
    html_text(file, words);
    fputs("</td>", file);
}

static void write_matrix(FILE *file, const struct comparison *comparison) {
    fputs("<table class=\"matrix\"><thead><tr><th scope=\"col\">configuration</th>", file);
    for (size_t j = 0; matrix_resource(j); j++)
        if (has_answer(comparison, matrix_resource(j)))
            fprintf(file, "<th scope=\"col\">%s</th>", matrix_heading(matrix_resource(j)));
    fputs("</tr></thead>\n<tbody>\n", file);
    for (size_t i = 1; i < comparison->n_sides; i++) {
        fputs("<tr><th scope=\"row\">", file);
        html_text(file, comparison->sides[i].label);
        fputs("</th>", file);
        for (size_t j = 0; matrix_resource(j); j++)
            if (has_answer(comparison, matrix_resource(j)))
                write_cell(file, comparison, i, matrix_resource(j));
        fputs("</tr>\n", file);
    }
    fputs("</tbody></table>\n", file);
}

static void write_owned(FILE *file, const char *tag, char *owned) {
    html_element(file, tag, owned ? owned : "");
    fputc('\n', file);
    free(owned);
}

/* What is not sure, and what would tell. */
static void write_open(FILE *file, const struct comparison *comparison) {
    fputs("<ul>\n", file);
    for (size_t i = 0; i < comparison->n_answers; i++)
        if (matrix_needs_sentence(&comparison->answers[i])) {
            html_element(file, "li", comparison->answers[i].sentence);
            fputc('\n', file);
        }
    fputs("</ul>\n", file);
}

static void write_warnings(FILE *file, const struct comparison *comparison) {
    size_t n = comparison->n_warnings;

    if (n == 0)
        return;
    fputs("<ul class=\"note\">\n", file);
    for (size_t i = 0; i < n && i < WARNINGS_SHOWN; i++)
        html_element(file, "li", comparison->warnings[i]);
    if (n > WARNINGS_SHOWN)
        fprintf(file, "<li>and %zu more: <code>vmsuite compare</code> prints them all</li>",
                n - WARNINGS_SHOWN);
    fputs("</ul>\n", file);
}

void report_answer(FILE *file, const struct report *report) {
    const struct comparison *comparison = report->comparison;

    if (!comparison) {
        if (report->why_not)
            fprintf(file, "<p class=\"note\">%s</p>\n", report->why_not);
        return;
    }
    fputs("<section id=\"answer\">", file);
    write_owned(file, "h2", matrix_title(comparison));
    if (comparison->n_answers > 0) {
        write_matrix(file, comparison);
        write_owned(file, "p", matrix_count(comparison));
        write_open(file, comparison);
    }
    write_warnings(file, comparison);
    for (size_t i = 0; i < report->figures.n_figures; i++)
        if (report->figures.figures[i].section == SECTION_ANSWER)
            report_figure(file, report, &report->figures.figures[i]);
    fputs("</section>\n", file);
}
