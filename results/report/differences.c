/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The machines beside each other: what each is, how much was measured, and what differs beside the
 * hypervisor. */
#include "compare/comparison/comparison.h"
#include "report/html.h"
#include "report/report_parts.h"

#include <string.h>

#define DIFFERENCES_SHOWN 20 /* so that what is not folded stays short */

/* On paper what is folded on a screen begins on the fourth page at the latest, so that this part has one
 * page. Heights are in pixels; lines are counted as if all columns were equally wide, and of wide letters. */
#define PAPER_HEIGHT 700 /* beside the heading and what is measured */
#define PAPER_COLUMNS 60 /* characters of all columns of a table together */
#define LINE_HEIGHT 18
#define ROW_PADDING 7

/* What fits on paper: the room that is left, and how many did not have enough. */
struct paper {
    size_t height, n_beyond;
};

static size_t lines_of(const char *text, size_t columns) {
    return 1 + strlen(text) / columns;
}

/* Takes what so many lines need, where there is room for them. Returns the class of the element. */
static const char *place(struct paper *paper, size_t lines) {
    size_t height = lines * LINE_HEIGHT + ROW_PADDING;

    if (height > paper->height) {
        paper->n_beyond++;
        return " class=\"screen\"";
    }
    paper->height -= height;
    return "";
}

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

/* What the table says of the fact that `like` names, for a side. */
static const char *value_of(const struct comparison *comparison, const struct compare_difference *like,
                            size_t side) {
    const struct compare_difference *own = side > 0 ? find_difference(comparison, like, side) : NULL;

    return own ? own->values[1] : like->values[0];
}

static size_t columns_of(const struct comparison *comparison) {
    return PAPER_COLUMNS / (comparison->n_sides + 1) + 1;
}

/* What the table's head leaves. */
static struct paper paper_below_head(const struct comparison *comparison) {
    struct paper paper = {.height = PAPER_HEIGHT};
    size_t most = 0;

    for (size_t i = 0; i < comparison->n_sides; i++) {
        size_t height = lines_of(comparison->sides[i].label, columns_of(comparison)) * LINE_HEIGHT;

        most = height > most ? height : most;
    }
    paper.height -= most < PAPER_HEIGHT ? most : PAPER_HEIGHT;
    return paper;
}

static size_t row_lines(const struct comparison *comparison, const struct compare_difference *difference) {
    size_t columns = columns_of(comparison);
    size_t most = lines_of(difference->what, columns);

    for (size_t i = 0; i < comparison->n_sides; i++) {
        size_t lines = lines_of(value_of(comparison, difference, i), columns);

        most = lines > most ? lines : most;
    }
    return most;
}

static void write_row(FILE *file, const struct comparison *comparison,
                      const struct compare_difference *difference, struct paper *paper) {
    fprintf(file, "<tr%s><th scope=\"row\">", place(paper, row_lines(comparison, difference)));
    html_text(file, difference->what);
    fputs("</th>", file);
    for (size_t i = 0; i < comparison->n_sides; i++)
        write_cell(file, value_of(comparison, difference, i));
    fputs("</tr>\n", file);
}

/* How many facts are not in the table: on a screen, and on paper. */
static void write_more(FILE *file, size_t n, const struct paper *paper) {
    size_t more = n > DIFFERENCES_SHOWN ? n - DIFFERENCES_SHOWN : 0;

    if (more > 0)
        fprintf(file, "<p%s>and %zu more: <a href=\"#machines\">all facts</a></p>\n",
                paper->n_beyond > 0 ? " class=\"screen\"" : "", more);
    if (paper->n_beyond > 0)
        fprintf(file, "<p class=\"paper\">and %zu more: see all facts of the machines, below</p>\n",
                more + paper->n_beyond);
}

/* What is not the same among the runs of one side. */
static void write_among_runs(FILE *file, const struct comparison *comparison, struct paper *paper) {
    size_t n = 0, beyond = paper->n_beyond;

    for (size_t i = 0; i < comparison->n_differences; i++) {
        const struct compare_difference *difference = &comparison->differences[i];
        size_t lines =
            lines_of(difference->values[0], PAPER_COLUMNS) + lines_of(difference->values[1], PAPER_COLUMNS);

        if (difference->sides[0] != difference->sides[1] || n >= DIFFERENCES_SHOWN)
            continue;
        fprintf(file, "%s<li%s>", n++ == 0 ? "<ul>\n" : "", place(paper, lines));
        html_text(file, difference->what);
        fputs(", among the runs of ", file);
        html_text(file, comparison->sides[difference->sides[0]].label);
        fputs(": ", file);
        html_text(file, difference->values[0]);
        fputs("; ", file);
        html_text(file, difference->values[1]);
        fputs("</li>\n", file);
    }
    if (paper->n_beyond > beyond)
        fprintf(file,
                "<li class=\"paper\">and %zu more among runs: see all facts of the machines, below</li>\n",
                paper->n_beyond - beyond);
    fputs(n > 0 ? "</ul>\n" : "", file);
}

void report_environment(FILE *file, const struct report *report) {
    const struct comparison *comparison = report->comparison;
    struct paper paper;
    size_t n = 0;

    if (!comparison)
        return;
    paper = paper_below_head(comparison);
    fputs("<section id=\"environment\"><h2>The machines, and what differs beside the hypervisor</h2>\n",
          file);
    write_head(file, comparison);
    write_measured(file, comparison);
    for (size_t i = 0; i < comparison->n_differences; i++)
        if (is_row(comparison, i) && n++ < DIFFERENCES_SHOWN)
            write_row(file, comparison, &comparison->differences[i], &paper);
    fputs("</tbody></table></div>\n", file);
    write_more(file, n, &paper);
    if (n == 0)
        fputs("<p>The records show no other difference.</p>\n", file);
    write_among_runs(file, comparison, &paper);
    fputs("</section>\n", file);
}
