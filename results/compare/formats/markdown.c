/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For a pull request or a job's summary. */
#include "compare/formats/formats.h"

#include "base/escape.h"
#include "compare/explain/explain.h"
#include "compare/gate.h"
#include "compare/words/matrix.h"
#include "compare/words/neighbours_words.h"
#include "compare/words/words.h"

#include <stdlib.h>
#include <string.h>

static void print_text(FILE *file, const char *text) {
    escape_write(file, ESCAPE_MARKDOWN, text);
}

static void print_row(FILE *file, const struct comparison *comparison, const struct compare_row *row,
                      bool bills) {
    char baseline[WORDS_SIZE], other[WORDS_SIZE], words[WORDS_SIZE], gate[WORDS_SIZE],
        bill[EXPLAIN_BILLS_SIZE];
    bool failed = row->gate == COMPARE_GATE_FAILED;

    words_figure(row, 0, baseline);
    words_figure(row, 1, other);
    words_long(row, &row->finding, comparison->options.margin, words);
    fputs("| ", file);
    print_text(file, row->title);
    fputc(' ', file);
    print_text(file, row->metric->name);
    fprintf(file, " | %s | %s | %s", baseline, other, failed ? "**" : "");
    print_text(file, words);
    words_gate(row, gate);
    print_text(file, gate);
    fprintf(file, "%s%s |", failed ? "**" : "", row->different ? " (not the same work)" : "");
    if (bills) {
        fputc(' ', file);
        explain_bill_cell(row, bill);
        print_text(file, bill);
        fputs(" |", file);
    }
    fputc('\n', file);
}

static void print_heading(FILE *file, const struct comparison *comparison, const struct compare_row *row,
                          bool bills) {
    fputs("\n#### ", file);
    print_text(file, matrix_heading(compare_resource(row)));
    fputs(": ", file);
    print_text(file, comparison->sides[row->other].label);
    fputs(" against ", file);
    print_text(file, comparison->sides[0].label);
    fputs("\n\n| case and metric | ", file);
    print_text(file, comparison->sides[0].label);
    fputs(" | ", file);
    print_text(file, comparison->sides[row->other].label);
    fprintf(file, " | cost \\[95%% interval\\] |%s\n|---|--:|--:|---|%s\n", bills ? " host pays |" : "",
            bills ? "---|" : "");
}

static void print_matrix(FILE *file, const struct comparison *comparison) {
    fputs("| configuration |", file);
    for (size_t j = 0; matrix_resource(j); j++)
        fprintf(file, " %s |", matrix_heading(matrix_resource(j)));
    fputs("\n|---|---|---|---|---|\n", file);
    for (size_t i = 1; i < comparison->n_sides; i++) {
        fputs("| ", file);
        print_text(file, comparison->sides[i].label);
        fputs(" |", file);
        for (size_t j = 0; matrix_resource(j); j++) {
            const struct compare_answer *answer = matrix_find(comparison, i, matrix_resource(j));
            char words[WORDS_SIZE] = "";

            if (answer)
                words_short(answer->row, &answer->finding, comparison->options.margin, words);
            fprintf(file, " %s |", words);
        }
        fputc('\n', file);
    }
}

static void print_owned(FILE *file, const char *before, char *owned, const char *after) {
    fputs(before, file);
    print_text(file, owned ? owned : "");
    fputs(after, file);
    free(owned);
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

static void print_explained(FILE *file, const struct comparison *comparison) {
    bool knows = explain_knows(comparison);
    size_t n = 0;

    for (size_t i = 0; i < comparison->n_rows; i++) {
        if (!explain_wants(&comparison->rows[i]))
            continue;
        if (n++ == 0)
            fputs(knows ? "\n#### Why\n\n" : "\n#### Why\n\n" EXPLAIN_NOTHING "\n", file);
        if (knows)
            print_owned(file, "- ", explain_sentence(comparison, &comparison->rows[i]), "\n");
    }
    if (n > 0)
        print_owned(file, "\n", explain_note(comparison), "\n");
}

static void print_differences(FILE *file, const struct comparison *comparison) {
    if (comparison->n_differences > 0)
        fputs("\n<details><summary>Other differences, beside the hypervisor</summary>\n\n"
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

static void print_warnings(FILE *file, const struct comparison *comparison) {
    for (size_t i = 0; i < comparison->n_warnings; i++) {
        fputs(i == 0 ? "\n**Warnings**\n\n- " : "- ", file);
        print_text(file, comparison->warnings[i]);
        fputc('\n', file);
    }
}

/* What the words mean, for who sees them for the first time. */
static void print_legend(FILE *file, const struct comparison *comparison) {
    char margin[WORDS_SIZE];

    words_share(comparison->options.margin, margin);
    fprintf(file,
            "\nA verdict is given where at most one table in twenty would hold a false one. \"equal within "
            "%s\": surely within that. \"undecided\": the runs differ by too much. \"unconfirmed\": one run "
            "cannot distinguish it from the amount by which a whole run may be off. Beside a factor ± is "
            "relative, beside a per cent in points.\n",
            margin);
}

static void print_rows(FILE *file, const struct comparison *comparison, bool tested) {
    bool bills = explain_has_bills(comparison);
    const struct compare_row *last = NULL;

    for (size_t i = 0; i < comparison->n_rows; i++) {
        const struct compare_row *row = &comparison->rows[i];

        if ((row->finding.verdict != COMPARE_UNTESTED) != tested)
            continue;
        if (!last || last->other != row->other || strcmp(compare_resource(last), compare_resource(row)) != 0)
            print_heading(file, comparison, row, bills);
        print_row(file, comparison, row, bills);
        last = row;
    }
}

int compare_write_markdown(FILE *file, const struct comparison *comparison, const struct compare_view *view) {
    print_owned(file, "### ", matrix_title(comparison), "\n\n");
    if (comparison->gate)
        print_owned(file, "**", gate_sentence(comparison), "**\n\n");
    print_matrix(file, comparison);
    if (comparison->n_answers > 0)
        print_owned(file, "\n", matrix_count(comparison), "\n");
    for (size_t i = 0; i < comparison->n_answers; i++) {
        fputs(i == 0 ? "\n- " : "- ", file);
        print_text(file, comparison->answers[i].sentence);
        fputc('\n', file);
    }
    print_legend(file, comparison);
    print_rows(file, comparison, true);
    if (view->all_metrics)
        print_rows(file, comparison, false);
    if (view->why)
        print_explained(file, comparison);
    for (size_t i = 0; i < comparison->n_besides; i++) {
        if (i == 0)
            print_owned(file, "\n**", neighbours_title(comparison), "**\n\n");
        print_owned(file, "- ", neighbours_sentence(comparison, &comparison->besides[i]), "\n");
    }
    print_refusals(file, comparison);
    print_differences(file, comparison);
    print_warnings(file, comparison);
    return 0;
}
