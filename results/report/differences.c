/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The machines beside each other: what each is, how much was measured, and what differs beside the
 * hypervisor. */
#include "compare/compare.h"
#include "report/html.h"
#include "report/report_parts.h"

#include <string.h>

#define DIFFERENCES_SHOWN 20 /* so that what is not folded stays short */

static void write_head(FILE *file, const struct comparison *comparison) {
    fputs("<div class=\"wide\"><table><thead><tr><th scope=\"col\">what</th>", file);
    for (size_t i = 0; i < comparison->n_sides; i++) {
        fputs("<th scope=\"col\" class=\"what\">", file);
        html_text(file, comparison->sides[i].label);
        fputs("</th>", file);
    }
    fputs("</tr></thead>\n<tbody>\n", file);
}

static void write_cell(FILE *file, const char *text) {
    fputs("<td class=\"what\">", file);
    html_text(file, text);
    fputs("</td>", file);
}

static void write_measured(FILE *file, const struct comparison *comparison) {
    fputs("<tr><th scope=\"row\">virtualization</th>", file);
    for (size_t i = 0; i < comparison->n_sides; i++)
        write_cell(file, *comparison->sides[i].virtualization ? comparison->sides[i].virtualization
                                                              : "not recorded");
    fputs("</tr>\n<tr><th scope=\"row\">runs</th>", file);
    for (size_t i = 0; i < comparison->n_sides; i++)
        fprintf(file, "<td class=\"what\">%zu</td>", comparison->sides[i].n_runs);
    fputs("</tr>\n<tr><th scope=\"row\">disturbed trials</th>", file);
    for (size_t i = 0; i < comparison->n_sides; i++)
        fprintf(file, "<td class=\"what\">%zu of %zu</td>", comparison->sides[i].n_flagged,
                comparison->sides[i].n_trials);
    fputs("</tr>\n", file);
}

static bool is_between_sides(const struct compare_difference *difference) {
    return difference->sides[0] == 0 && difference->sides[1] != 0;
}

/* The difference of a side from the baseline in what `like` names; NULL: there is none. */
static const struct compare_difference *find_difference(const struct comparison *comparison,
                                                        const struct compare_difference *like, size_t side) {
    for (size_t i = 0; i < comparison->n_differences; i++) {
        const struct compare_difference *other = &comparison->differences[i];

        if (is_between_sides(other) && other->sides[1] == side && strcmp(other->what, like->what) == 0)
            return other;
    }
    return NULL;
}

/* Whether it is the first that names its fact, and so stands for those of the other sides. */
static bool is_row(const struct comparison *comparison, size_t index) {
    const struct compare_difference *own = &comparison->differences[index];

    for (size_t i = 0; i < index; i++)
        if (is_between_sides(&comparison->differences[i]) &&
            strcmp(comparison->differences[i].what, own->what) == 0)
            return false;
    return is_between_sides(own);
}

static void write_row(FILE *file, const struct comparison *comparison,
                      const struct compare_difference *difference) {
    fputs("<tr><th scope=\"row\">", file);
    html_text(file, difference->what);
    fputs("</th>", file);
    write_cell(file, difference->values[0]);
    for (size_t i = 1; i < comparison->n_sides; i++) {
        const struct compare_difference *own = find_difference(comparison, difference, i);

        write_cell(file, own ? own->values[1] : difference->values[0]);
    }
    fputs("</tr>\n", file);
}

/* What is not the same among the runs of one side. */
static void write_among_runs(FILE *file, const struct comparison *comparison) {
    size_t n = 0;

    for (size_t i = 0; i < comparison->n_differences; i++) {
        const struct compare_difference *difference = &comparison->differences[i];

        if (difference->sides[0] != difference->sides[1] || n >= DIFFERENCES_SHOWN)
            continue;
        fputs(n++ == 0 ? "<ul>\n<li>" : "<li>", file);
        html_text(file, difference->what);
        fputs(", among the runs of ", file);
        html_text(file, comparison->sides[difference->sides[0]].label);
        fputs(": ", file);
        html_text(file, difference->values[0]);
        fputs("; ", file);
        html_text(file, difference->values[1]);
        fputs("</li>\n", file);
    }
    fputs(n > 0 ? "</ul>\n" : "", file);
}

void report_environment(FILE *file, const struct report *report) {
    const struct comparison *comparison = report->comparison;
    size_t n = 0;

    if (!comparison)
        return;
    fputs("<section id=\"environment\"><h2>The machines, and what differs beside the hypervisor</h2>\n",
          file);
    write_head(file, comparison);
    write_measured(file, comparison);
    for (size_t i = 0; i < comparison->n_differences; i++)
        if (is_row(comparison, i) && n++ < DIFFERENCES_SHOWN)
            write_row(file, comparison, &comparison->differences[i]);
    fputs("</tbody></table></div>\n", file);
    if (n > DIFFERENCES_SHOWN)
        fprintf(file, "<p>and %zu more: <a href=\"#machines\">all facts</a></p>\n", n - DIFFERENCES_SHOWN);
    if (n == 0)
        fputs("<p>The records show no other difference.</p>\n", file);
    write_among_runs(file, comparison);
    fputs("</section>\n", file);
}
