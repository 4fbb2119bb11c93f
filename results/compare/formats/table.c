/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For a terminal: one screen, and more where it is asked for. */
#include "compare/formats/table.h"

#include "base/cleanup.h"
#include "base/text.h"
#include "compare/explain/explain.h"
#include "compare/gate.h"
#include "compare/words/layout.h"
#include "compare/words/matrix.h"
#include "compare/words/neighbours_words.h"
#include "compare/words/words.h"

void table_paragraph(const struct sheet *sheet, const char *mark, size_t indent, char *owned) {
    if (owned)
        layout_paragraph(sheet->file, sheet->columns, mark, indent, owned);
    free(owned);
}

static void print_answers(const struct sheet *sheet) {
    const struct comparison *comparison = sheet->comparison;
    FILE *file = sheet->file;
    table_paragraph(sheet, "", 0, matrix_title(comparison));
    if (comparison->n_answers == 0)
        return;
    fputc('\n', file);
    matrix_write(file, comparison, sheet->columns, sheet->view->colour);
    fputc('\n', file);
    table_paragraph(sheet, "", 0, matrix_count(comparison));
    for (size_t i = 0; i < comparison->n_answers; i++)
        if (matrix_needs_sentence(&comparison->answers[i]))
            layout_paragraph(sheet->file, sheet->columns, "  ", 4, comparison->answers[i].sentence);
}

/* The resources first. */
static void print_besides(const struct sheet *sheet) {
    const struct comparison *comparison = sheet->comparison;

    if (comparison->n_besides == 0)
        return;
    fputc('\n', sheet->file);
    table_paragraph(sheet, "", 0, neighbours_title(comparison));
    for (int part = 0; part < 2; part++)
        for (size_t i = 0; i < comparison->n_besides; i++)
            if ((comparison->besides[i].title != NULL) == part)
                table_paragraph(sheet, part ? "    " : "  ", part ? 6 : 4,
                                neighbours_sentence(comparison, &comparison->besides[i]));
}

/* The losses that are sure, with what goes together with each. */
static void print_explained(const struct sheet *sheet) {
    const struct comparison *comparison = sheet->comparison;
    bool knows = explain_knows(comparison);
    size_t n = 0;

    fputs("\nWhy\n", sheet->file);
    for (size_t i = 0; i < comparison->n_rows; i++) {
        if (!explain_wants(&comparison->rows[i]))
            continue;
        if (knows)
            table_paragraph(sheet, "  ", 4, explain_sentence(comparison, &comparison->rows[i]));
        n++;
    }
    if (n > 0 && !knows)
        layout_paragraph(sheet->file, sheet->columns, "  ", 4, EXPLAIN_NOTHING);
    if (n > 0)
        table_paragraph(sheet, "", 0, explain_note(comparison));
    else
        layout_paragraph(sheet->file, sheet->columns, "  ", 4,
                         "no loss is sure, so there is nothing to explain");
}

static void print_gated(const struct sheet *sheet, const struct compare_row *row) {
    const struct comparison *comparison = sheet->comparison;
    bool names = comparison->n_sides > 2;
    char words[WORDS_SIZE], gate[WORDS_SIZE];

    words_long(row, &row->finding, comparison->options.margin, words);
    words_gate(row, gate);
    table_paragraph(sheet, "  ", 4,
                    text_new("%s%s%s %s: %s%s", names ? comparison->sides[row->other].label : "",
                             names ? ", " : "", row->title, row->metric->name, words, gate));
}

/* What decides the outcome first: rows that fail, else those that are open. */
static void print_gate(const struct sheet *sheet, bool all) {
    const struct comparison *comparison = sheet->comparison;
    FILE *file = sheet->file;
    static const enum compare_gate_state states[] = {COMPARE_GATE_FAILED, COMPARE_GATE_OPEN};
    size_t shown = 0, n = 0;

    if (!comparison->gate)
        return;
    fputc('\n', file);
    table_paragraph(sheet, "", 0, gate_sentence(comparison));
    for (size_t i = 0; i < VMS_LENGTH(states); i++)
        for (size_t j = 0; j < comparison->n_rows; j++) {
            if (comparison->rows[j].gate != states[i])
                continue;
            n++;
            if (!all && shown == TABLE_CASES_SHOWN)
                continue;
            print_gated(sheet, &comparison->rows[j]);
            shown++;
        }
    if (n > shown)
        fprintf(file, "  and %zu more: --details\n", n - shown);
}

static size_t find_columns(const struct compare_view *view) {
    if (view->columns == 0 || view->columns > LAYOUT_COLUMNS)
        return LAYOUT_COLUMNS;
    return view->columns > LAYOUT_COLUMNS_MIN ? view->columns : LAYOUT_COLUMNS_MIN;
}

int compare_write_table(FILE *file, const struct comparison *comparison, const struct compare_view *view) {
    struct sheet of = {file, comparison, view, find_columns(view), 0, explain_has_bills(comparison)};
    const struct sheet *sheet = &of;
    bool all = view->details || view->all_metrics;

    table_find_case_width(&of);
    print_answers(sheet);
    table_cases(sheet);
    print_besides(sheet);
    if (view->why)
        print_explained(sheet);
    table_refusals(sheet, all);
    table_differences(sheet, all);
    for (size_t i = 0; i < comparison->n_warnings; i++) {
        fputs(i == 0 ? "\n" : "", file);
        layout_paragraph(sheet->file, sheet->columns, "warning: ", 9, comparison->warnings[i]);
    }
    print_gate(sheet, all);
    return 0;
}
