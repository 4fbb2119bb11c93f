/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For a pull request or a job's summary. */
#include "base/escape.h"
#include "compare/gate.h"
#include "compare/parts.h"

#include <string.h>

static void print_text(FILE *file, const char *text) {
    escape_write(file, ESCAPE_MARKDOWN, text);
}

static void print_row(FILE *file, const struct compare_row *row) {
    char baseline[FIGURE_TEXT_SIZE], other[FIGURE_TEXT_SIZE], interval[INTERVAL_TEXT_SIZE];
    char verdict[VERDICT_TEXT_SIZE];

    compare_format_figure(row, 0, baseline);
    compare_format_figure(row, 1, other);
    compare_format_interval(row, interval);
    compare_format_verdict(row, verdict);
    fputs("| ", file);
    print_text(file, row->title);
    fputc(' ', file);
    print_text(file, compare_text(row->metric, "metric"));
    fprintf(file, " | %s | %s | ", baseline, other);
    print_text(file, interval);
    fprintf(file, " | %.3g | %+.2f | %s", compare_p(row), row->cliff_delta, row->failed ? "**" : "");
    print_text(file, verdict);
    fprintf(file, "%s%s |\n", row->failed ? "**" : "", row->different ? " (not the same work)" : "");
}

static void print_heading(FILE *file, const struct comparison *comparison, const struct compare_row *row) {
    fputs("\n#### ", file);
    print_text(file, compare_text(row->identity, "resource"));
    fputs(": ", file);
    print_text(file, comparison->sides[row->other].label);
    fputs(" against ", file);
    print_text(file, comparison->sides[0].label);
    fputs("\n\n| case and metric | baseline | other | loss \\[95% interval\\] | p | delta | verdict |\n"
          "|---|--:|--:|--:|--:|--:|---|\n",
          file);
}

static void print_refusals(FILE *file, const struct comparison *comparison) {
    if (comparison->n_refusals > 0)
        fputs("\n#### Not compared\n\n", file);
    for (size_t i = 0; i < comparison->n_refusals; i++) {
        fputs("- ", file);
        print_text(file, comparison->sides[comparison->refusals[i].other].label);
        fputs(", ", file);
        print_text(file, comparison->refusals[i].label);
        fputs(": ", file);
        print_text(file, comparison->refusals[i].reason);
        fputc('\n', file);
    }
}

static void print_differences(FILE *file, const struct comparison *comparison) {
    if (comparison->n_differences > 0)
        fputs("\n<details><summary>Also different, beside the hypervisor</summary>\n\n"
              "| what | where | first | second |\n|---|---|---|---|\n",
              file);
    for (size_t i = 0; i < comparison->n_differences; i++) {
        const struct compare_difference *difference = &comparison->differences[i];

        fputs("| ", file);
        print_text(file, difference->what);
        fputs(difference->sides[0] == difference->sides[1] ? " | runs of " : " | baseline, ", file);
        print_text(file, comparison->sides[difference->sides[1]].label);
        fputs(" | ", file);
        print_text(file, difference->values[0]);
        fputs(" | ", file);
        print_text(file, difference->values[1]);
        fputs(" |\n", file);
    }
    if (comparison->n_differences > 0)
        fputs("\n</details>\n", file);
}

int compare_write_markdown(FILE *file, const struct comparison *comparison, bool colour) {
    const struct compare_gate *gate = comparison->gate;

    (void)colour;
    if (gate)
        fprintf(file, "### Gate %s: %zu above the limit, %zu undecided, %zu not compared\n\n",
                gate->passed ? "passed" : "failed", gate->n_failed, gate->n_undecided,
                comparison->n_refusals);
    for (size_t i = 0; i < comparison->n_answers; i++) {
        fputs("- ", file);
        print_text(file, comparison->answers[i]);
        fputc('\n', file);
    }
    for (size_t i = 0; i < comparison->n_rows; i++) {
        const struct compare_row *row = &comparison->rows[i], *last = i > 0 ? row - 1 : NULL;

        if (!last || last->other != row->other ||
            strcmp(compare_text(last->identity, "resource"), compare_text(row->identity, "resource")) != 0)
            print_heading(file, comparison, row);
        print_row(file, row);
    }
    print_refusals(file, comparison);
    for (size_t i = 0; i < comparison->n_warnings; i++) {
        fputs(i == 0 ? "\n> warning: " : ">\n> warning: ", file);
        print_text(file, comparison->warnings[i]);
        fputc('\n', file);
    }
    print_differences(file, comparison);
    return 0;
}
