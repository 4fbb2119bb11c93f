/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For a terminal. */
#include "base/terminal.h"
#include "compare/gate.h"
#include "compare/parts.h"

#include <math.h>
#include <string.h>

#define LABEL_MAX 48 /* columns that labels are padded to, at the most */

static const char *colour_of(const struct compare_row *row) {
    static const char *const colours[] = {[COMPARE_SLOWER] = "\033[31m",
                                          [COMPARE_FASTER] = "\033[32m",
                                          [COMPARE_EQUIVALENT] = "\033[36m",
                                          [COMPARE_UNDECIDED] = "\033[33m"};

    return row->failed ? "\033[1;31m" : colours[row->verdict];
}

static void print_sides(FILE *file, const struct comparison *comparison) {
    for (size_t i = 0; i < comparison->n_sides; i++) {
        const struct compare_side *side = &comparison->sides[i];

        terminal_print(file, "%-9s %s: %zu run%s, %zu trials%s%s\n", i == 0 ? "baseline" : "other",
                       side->label, side->n_runs, side->n_runs == 1 ? "" : "s", side->n_trials,
                       *side->virtualization ? ", on " : "", side->virtualization);
    }
    fputc('\n', file);
    for (size_t i = 0; i < comparison->n_answers; i++)
        terminal_print(file, "  %s\n", comparison->answers[i]);
}

static size_t label_width(const struct comparison *comparison) {
    size_t widest = 8;

    for (size_t i = 0; i < comparison->n_rows; i++) {
        size_t width = strlen(comparison->rows[i].title) + 1 +
                       strlen(compare_text(comparison->rows[i].metric, "metric"));

        if (width > widest)
            widest = width;
    }
    return widest < LABEL_MAX ? widest : LABEL_MAX;
}

static void print_heading(FILE *file, const struct comparison *comparison, const struct compare_row *row,
                          size_t width) {
    terminal_print(file, "\n%s", compare_text(row->identity, "resource"));
    if (comparison->n_sides > 2)
        terminal_print(file, ", %s", comparison->sides[row->other].label);
    terminal_print(file, "\n  %-*s %12s %12s  %-26s %7s %6s  %s\n", (int)width, "case and metric", "baseline",
                   "other", "loss [95% interval]", "p", "delta", "verdict");
}

static void print_row(FILE *file, const struct compare_row *row, size_t width, bool colour) {
    char baseline[FIGURE_TEXT_SIZE], other[FIGURE_TEXT_SIZE], interval[INTERVAL_TEXT_SIZE];
    char verdict[VERDICT_TEXT_SIZE], p[16];
    const char *metric = compare_text(row->metric, "metric");

    compare_format_figure(row, 0, baseline);
    compare_format_figure(row, 1, other);
    compare_format_interval(row, interval);
    compare_format_verdict(row, verdict);
    if (compare_p(row) < 0.001)
        (void)strcpy(p, "<0.001");
    else
        (void)snprintf(p, sizeof(p), "%.3f", compare_p(row));
    terminal_print(file, "  %s %-*s %12s %12s  %-26s %7s %+6.2f  ", row->title,
                   (int)(width > strlen(row->title) + 1 ? width - strlen(row->title) - 1 : 0), metric,
                   baseline, other, interval, p, row->cliff_delta);
    fprintf(file, "%s%s%s%s\n", colour ? colour_of(row) : "", verdict, colour ? "\033[0m" : "",
            row->different ? " (!)" : "");
}

/* Whether an earlier row, of another metric, is of the same case. */
static bool is_told(const struct comparison *comparison, size_t index) {
    const struct compare_row *row = &comparison->rows[index];

    for (size_t i = 0; i < index; i++)
        if (comparison->rows[i].other == row->other && comparison->rows[i].identity == row->identity)
            return true;
    return false;
}

static void print_different(FILE *file, const struct comparison *comparison) {
    for (size_t i = 0; i < comparison->n_rows; i++)
        if (comparison->rows[i].different && !is_told(comparison, i))
            terminal_print(file, "(!) %s: not the same work: %s\n", comparison->rows[i].title,
                           comparison->rows[i].different);
}

static void print_refusals(FILE *file, const struct comparison *comparison) {
    if (comparison->n_refusals > 0)
        fputs("\nNot compared\n", file);
    for (size_t i = 0; i < comparison->n_refusals; i++) {
        const struct compare_refusal *refusal = &comparison->refusals[i];

        terminal_print(file, "  %s%s%s: %s\n",
                       comparison->n_sides > 2 ? comparison->sides[refusal->other].label : "",
                       comparison->n_sides > 2 ? ", " : "", refusal->label, refusal->reason);
    }
}

static void print_differences(FILE *file, const struct comparison *comparison) {
    if (comparison->n_differences > 0)
        fputs("\nAlso different, beside the hypervisor\n", file);
    for (size_t i = 0; i < comparison->n_differences; i++) {
        const struct compare_difference *difference = &comparison->differences[i];

        if (difference->sides[0] == difference->sides[1])
            terminal_print(
                file, "  %s, among the runs of %s: %s; %s (%zu of %zu runs differ from the first)\n",
                difference->what, comparison->sides[difference->sides[0]].label, difference->values[0],
                difference->values[1], difference->n_runs, comparison->sides[difference->sides[0]].n_runs);
        else
            terminal_print(file, "  %s: %s; %s: %s\n", difference->what, difference->values[0],
                           comparison->sides[difference->sides[1]].label, difference->values[1]);
    }
}

static void print_gate(FILE *file, const struct comparison *comparison) {
    const struct compare_gate *gate = comparison->gate;

    if (!gate)
        return;
    terminal_print(file, "\nGate %s: %zu row%s above the limit, %zu undecided, %zu not compared%s\n",
                   gate->passed ? "passed" : "FAILED", gate->n_failed, gate->n_failed == 1 ? "" : "s",
                   gate->n_undecided, comparison->n_refusals,
                   gate->strict ? " (strict: these fail, too)" : "");
}

int compare_write_table(FILE *file, const struct comparison *comparison, bool colour) {
    size_t width = label_width(comparison);

    print_sides(file, comparison);
    for (size_t i = 0; i < comparison->n_rows; i++) {
        const struct compare_row *row = &comparison->rows[i], *last = i > 0 ? row - 1 : NULL;

        if (!last || last->other != row->other ||
            strcmp(compare_text(last->identity, "resource"), compare_text(row->identity, "resource")) != 0)
            print_heading(file, comparison, row, width);
        print_row(file, row, width, colour);
    }
    terminal_print(
        file,
        "\nLoss: positive is worse. p: the larger of Mann-Whitney and t between runs, Holm over %zu rows.\n",
        comparison->n_rows);
    print_different(file, comparison);
    print_refusals(file, comparison);
    print_differences(file, comparison);
    for (size_t i = 0; i < comparison->n_warnings; i++)
        terminal_print(file, i == 0 ? "\nwarning: %s\n" : "warning: %s\n", comparison->warnings[i]);
    print_gate(file, comparison);
    return 0;
}
