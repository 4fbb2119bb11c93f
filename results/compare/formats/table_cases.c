/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rows of a table: a case each, in columns. */
#include "compare/formats/table.h"

#include "base/cleanup.h"
#include "base/text.h"
#include "base/utf8.h"
#include "compare/explain/explain.h"
#include "compare/words/layout.h"
#include "compare/words/matrix.h"
#include "compare/words/words.h"

#include <math.h>
#include <string.h>

#define CASE_WIDTH 30
#define CASE_WIDTH_MIN 24 /* where a row's words are long */
#define FIGURE_WIDTH 13
#define GAP 2 /* before the words of a row, whose figures have a space before each */
#define BILL_WIDTH 11
#define BILL_HEADING "host pays"

/* "tcp-small 64B throughput", short enough for its column where names of parameters are left out. */
static char *new_name(const struct compare_row *row) {
    cleanup_free char *title = compare_title(row->label, false);
    const char *metric = row->metric->name;

    if (!title)
        return NULL;
    return text_new("%s %s%s", title, metric, row->different ? " (!)" : "");
}

/* Whether a name and its columns are on one line: not where the terminal is too narrow for that, as it is
 * with a further column. */
static bool is_one_line(const struct sheet *sheet) {
    return sheet->columns >= LAYOUT_COLUMNS && !sheet->bills;
}

static void begin_columns(const struct sheet *sheet, const char *name, size_t indent) {
    fprintf(sheet->file, "%*s", (int)indent, "");
    if (is_one_line(sheet)) {
        layout_left(sheet->file, name, 2 + sheet->case_width - indent);
        fputc(' ', sheet->file);
    } else {
        size_t own = utf8_columns(name);

        layout_left(sheet->file, name, own + indent < sheet->columns ? own : sheet->columns - indent);
        fputs("\n  ", sheet->file);
    }
}

static void print_bill(const struct sheet *sheet, const char *text) {
    if (!sheet->bills)
        return;
    fputc(' ', sheet->file);
    layout_right(sheet->file, text, BILL_WIDTH);
}

/* What a row says of its case: a cost that is not sure with a question mark. */
static void put_words(const struct comparison *comparison, const struct compare_row *row,
                      char ret_words[static WORDS_SIZE]) {
    char cost[WORDS_SIZE];

    words_short(row, &row->finding, comparison->options.margin, ret_words);
    if (row->finding.verdict != COMPARE_UNDECIDED && row->finding.verdict != COMPARE_UNCONFIRMED)
        return;
    words_cost(row, &row->finding, cost);
    (void)snprintf(ret_words, WORDS_SIZE, "%.60s?", cost);
}

/* Columns before the words of a row. */
static size_t words_begin(const struct sheet *sheet) {
    return 2 + (is_one_line(sheet) ? sheet->case_width + 1 : 0) + 2 * FIGURE_WIDTH + 1 +
           (sheet->bills ? BILL_WIDTH + 1 : 0) + GAP;
}

/* On a line of their own where they do not fit. */
static void print_words(const struct sheet *sheet, const struct compare_row *row, const char *words) {
    bool failed = row->gate == COMPARE_GATE_FAILED, colour = sheet->view->colour;

    if (words_begin(sheet) + utf8_columns(words) > sheet->columns)
        fprintf(sheet->file, "\n  ");
    fprintf(sheet->file, "%*s%s", GAP, "",
            colour ? failed ? "\033[1;31m" : matrix_colour(row->finding.verdict) : "");
    layout_left(sheet->file, words, utf8_columns(words));
    fprintf(sheet->file, "%s\n", colour ? "\033[0m" : "");
}

static void print_row(const struct sheet *sheet, const struct compare_row *row) {
    cleanup_free char *name = new_name(row);
    char figures[2][WORDS_SIZE], words[WORDS_SIZE], bill[EXPLAIN_BILL_SIZE];

    words_figure(row, 0, figures[0]);
    words_figure(row, 1, figures[1]);
    explain_bill_short(row, 1, bill);
    put_words(sheet->comparison, row, words);
    begin_columns(sheet, name ? name : "", 2);
    layout_right(sheet->file, figures[0], FIGURE_WIDTH);
    fputc(' ', sheet->file);
    layout_right(sheet->file, figures[1], FIGURE_WIDTH);
    print_bill(sheet, bill);
    print_words(sheet, row, words);
}

static void put_p(char *text, size_t size, const char *name, double p) {
    if (isnan(p))
        text[0] = '\0';
    else if (p < 0.001)
        (void)snprintf(text, size, "%s <0.001", name);
    else
        (void)snprintf(text, size, "%s %.3f", name, p);
}

/* What the hosts of guests paid for it. */
static void print_bills(const struct sheet *sheet, const struct compare_row *row) {
    char bills[2][EXPLAIN_BILL_SIZE];

    for (size_t side = 0; side < 2; side++)
        explain_bill(row, side, bills[side]);
    if (bills[0][0] || bills[1][0])
        table_paragraph(sheet, "    ", 4,
                        text_new("host pays: %s; baseline: %s", bills[1][0] ? bills[1] : "not counted",
                                 bills[0][0] ? bills[0] : "not counted"));
}

/* The second line of a case: how sure, and the trials as they are. */
static void print_detail(const struct sheet *sheet, const struct compare_row *row) {
    const struct comparison *comparison = sheet->comparison;
    char words[WORDS_SIZE], p[32], ranks[48];

    words_long(row, &row->finding, comparison->options.margin, words);
    put_p(p, sizeof(p), ", p", row->finding.p_difference);
    put_p(ranks, sizeof(ranks), ", ranks: p", row->p_ranks);
    if (row->finding.verdict == COMPARE_UNTESTED)
        p[0] = '\0';
    table_paragraph(sheet, "    ", 4,
                    text_new("%s%s%s, delta %+.2f; %zu and %zu trials in %zu and %zu run%s%s", words, p,
                             ranks, row->cliff_delta, row->figures[0].n_trials, row->figures[1].n_trials,
                             row->finding.runs[0], row->finding.runs[1], row->finding.runs[1] == 1 ? "" : "s",
                             row->finding.effect.paired ? ", in pairs" : ""));
    print_bills(sheet, row);
    if (row->different)
        table_paragraph(sheet, "    ", 4, text_new("(!) not the same work: %s", row->different));
}

static bool is_shown(const struct compare_row *row, const struct compare_view *view) {
    return row->finding.weight > 0 || view->all_metrics;
}

void table_find_case_width(struct sheet *sheet) {
    const struct comparison *comparison = sheet->comparison;
    char words[WORDS_SIZE];

    sheet->case_width = CASE_WIDTH;
    for (size_t i = 0; is_one_line(sheet) && i < comparison->n_rows; i++) {
        if (!is_shown(&comparison->rows[i], sheet->view))
            continue;
        put_words(comparison, &comparison->rows[i], words);
        while (sheet->case_width > CASE_WIDTH_MIN &&
               words_begin(sheet) + utf8_columns(words) > sheet->columns)
            sheet->case_width--;
    }
}

/* Costs of the tested rows, the worst first: the cost from which a row is among the first dozen. */
static double least_shown(const struct comparison *comparison) {
    double worst[TABLE_CASES_SHOWN];
    size_t n = 0;

    for (size_t i = 0; i < comparison->n_rows; i++) {
        double cost = compare_badness(&comparison->rows[i]);
        size_t at = n;

        if (!(comparison->rows[i].finding.weight > 0) || isnan(comparison->rows[i].finding.effect.estimate))
            continue;
        while (at > 0 && worst[at - 1] < cost)
            at--;
        if (at >= TABLE_CASES_SHOWN)
            continue;
        n = n < TABLE_CASES_SHOWN ? n + 1 : n;
        memmove(worst + at + 1, worst + at, (n - at - 1) * sizeof(*worst));
        worst[at] = cost;
    }
    return n > 0 ? worst[n - 1] : 0;
}

static void print_heading(const struct sheet *sheet, const struct compare_row *row) {
    const struct comparison *comparison = sheet->comparison;
    FILE *file = sheet->file;
    cleanup_free char *text =
        text_new("%s%s%s", comparison->n_sides > 2 ? comparison->sides[row->other].label : "",
                 comparison->n_sides > 2 ? ", " : "", matrix_heading(compare_resource(row)));

    fputs("\n", file);
    if (text && utf8_columns(text) > 2 + sheet->case_width && is_one_line(sheet)) {
        layout_paragraph(file, sheet->columns, "", 0, text);
        text[0] = '\0';
    }
    begin_columns(sheet, text ? text : "", 0);
    layout_right(file, comparison->sides[0].label, FIGURE_WIDTH);
    fputc(' ', file);
    layout_right(file, comparison->sides[row->other].label, FIGURE_WIDTH);
    print_bill(sheet, BILL_HEADING);
    fputc('\n', file);
}

void table_cases(const struct sheet *sheet) {
    const struct comparison *comparison = sheet->comparison;
    const struct compare_view *view = sheet->view;
    bool all = view->details || view->all_metrics;
    double least = all ? -INFINITY : least_shown(comparison);
    const struct compare_row *last = NULL;
    size_t shown = 0, tested = 0;

    for (size_t i = 0; i < comparison->n_rows; i++) {
        const struct compare_row *row = &comparison->rows[i];
        bool open = isnan(row->finding.effect.estimate);

        tested += row->finding.weight > 0;
        if (!is_shown(row, view) ||
            (!all && (shown >= TABLE_CASES_SHOWN || (!open && compare_badness(row) < least))))
            continue;
        if (!last || last->other != row->other || strcmp(compare_resource(last), compare_resource(row)) != 0)
            print_heading(sheet, row);
        print_row(sheet, row);
        if (view->details)
            print_detail(sheet, row);
        last = row;
        shown++;
    }
    if (!all && tested > shown)
        table_paragraph(sheet, "", 0,
                        text_new("  and %zu more cases: --details; --all-metrics shows what else they "
                                 "measured",
                                 tested - shown));
}
