/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The answer as one figure: by what factor each resource and each of its cases is slower than with the
 * baseline, on one scale (dots with intervals on a logarithmic axis, after W. S. Cleveland, The Elements of
 * Graphing Data). */
#include "report/figures/figure.h"

#include "base/cleanup.h"
#include "base/text.h"
#include "compare/words/matrix.h"
#include "compare/words/words.h"
#include "record/identity/identity_index.h"
#include "record/value.h"

#include <math.h>
#include <string.h>

/* In pixels of the template; a row has ROW_HEIGHT, or DOT_HEIGHT for each of its dots and one more. */
#define PAGE_HEIGHT 700 /* what a printed page has for rows */
#define CASES_MAX 36    /* at most; where there are more, those that cost most */
#define ROW_HEIGHT 20
#define DOT_HEIGHT 8

/* Whether the row has a dot of its own: where a resource has one case, its answer is that case's. */
static bool has_dot(const struct comparison *comparison, const struct compare_row *row) {
    const struct compare_answer *answer = matrix_find(comparison, row->other, compare_resource(row));

    return row->headline && isfinite(row->finding.cost) && !(answer && answer->row == row);
}

/* Fills the largest cost of the case that each row is the first of; NaN where it is not the first.
 * -ENOMEM. */
static int find_worst_costs(const struct comparison *comparison, double *ret_worst) {
    struct identity_index firsts = {0};
    int status = 0;

    for (size_t i = 0; status == 0 && i < comparison->n_rows; i++) {
        const struct compare_row *row = &comparison->rows[i];
        size_t first;

        ret_worst[i] = NAN;
        if (!has_dot(comparison, row))
            continue;
        first = identity_index_find(&firsts, row->identity);
        if (first == SIZE_MAX) {
            status = identity_index_add(&firsts, row->identity, i);
            first = i;
        }
        ret_worst[first] = fmax(ret_worst[first], row->finding.cost);
    }
    identity_index_done(&firsts);
    return status;
}

/* How many cases fit on a page beside the resources; each has as many dots as there are others. */
static size_t n_fitting(const struct comparison *comparison) {
    size_t height = DOT_HEIGHT * comparison->n_sides, rows, answers = 0;

    rows = PAGE_HEIGHT / (height > ROW_HEIGHT ? height : ROW_HEIGHT);
    while (matrix_resource(answers))
        answers++;
    rows = rows > answers + 1 ? rows - answers : 1;
    return rows < CASES_MAX ? rows : CASES_MAX;
}

/* The cases that are drawn, by the first row of each. */
struct selection {
    size_t rows[CASES_MAX], n;
    bool is_cut; /* there are more */
};

/* `costs`: as find_worst_costs has them. */
static struct selection select_cases(const struct comparison *comparison, const double *costs) {
    const size_t most = n_fitting(comparison);
    struct selection selection = {.n = 0};
    double worst[CASES_MAX];

    for (size_t i = 0; i < comparison->n_rows; i++) {
        double cost = costs[i];
        size_t at = selection.n;

        if (isnan(cost))
            continue;
        while (at > 0 && worst[at - 1] < cost)
            at--;
        selection.is_cut |= selection.n == most;
        if (at >= most)
            continue;
        selection.n += selection.n < most;
        memmove(worst + at + 1, worst + at, (selection.n - at - 1) * sizeof(*worst));
        memmove(selection.rows + at + 1, selection.rows + at,
                (selection.n - at - 1) * sizeof(*selection.rows));
        worst[at] = cost;
        selection.rows[at] = i;
    }
    return selection;
}

/* Whether the case of the row is drawn. */
static bool is_drawn(const struct comparison *comparison, const struct compare_row *row,
                     const struct selection *selection) {
    for (size_t i = 0; i < selection->n; i++)
        if (identity_is_same(comparison->rows[selection->rows[i]].identity, row->identity))
            return true;
    return false;
}

/* Adds what is particular to this figure to its last row. */
static int add_words(struct figure *figure, const struct comparison *comparison,
                     const struct compare_row *row, const struct compare_finding *finding, bool whole) {
    json_t *last = json_array_get(figure->rows, json_array_size(figure->rows) - 1);
    enum compare_verdict verdict = finding->verdict;
    char words[WORDS_SIZE];
    int failed = 0;

    words_long(row, finding, comparison->options.margin, words);
    failed |= value_set(last, "words", value_text(words));
    failed |= value_set(last, "text",
                        json_sprintf("%s, %s: %s", json_string_value(json_object_get(last, "series")),
                                     json_string_value(json_object_get(last, "x_text")), words));
    failed |=
        value_set(last, "sure", json_boolean(verdict != COMPARE_UNDECIDED && verdict != COMPARE_UNCONFIRMED));
    failed |= value_set(last, "whole", json_boolean(whole));
    return failed ? -ENOMEM : 0;
}

/* "tcp-small 64B" and, on a line of its own, what was measured. */
static char *new_place(const struct comparison *comparison, const char *name, const struct compare_row *row,
                       const char *end) {
    char figures[2][WORDS_SIZE];
    bool both = comparison->n_sides == 2;

    words_figure(row, 0, figures[0]);
    words_figure(row, 1, figures[1]);
    return text_new("%s\n%s%s%s%s", name, figures[0], both ? " → " : "", both ? figures[1] : "", end);
}

/* "network"; where it has one case, with its figures, and a line's end by which the template knows it. */
static int add_answer(struct figure *figure, const struct comparison *comparison,
                      const struct compare_answer *answer) {
    const char *heading = matrix_heading(answer->resource);
    cleanup_free char *place =
        answer->row ? new_place(comparison, heading, answer->row, "\n") : strdup(heading);
    int status;

    if (!place)
        return -ENOMEM;
    status =
        figure_add_row(figure, &(struct figure_row){comparison->sides[answer->other].label, value_text(place),
                                                    answer->row ? answer->row->title : heading,
                                                    answer->finding.cost, answer->finding.cost_ci95, 0});
    return status < 0 ? status : add_words(figure, comparison, answer->row, &answer->finding, true);
}

static int add_case(struct figure *figure, const struct comparison *comparison,
                    const struct compare_row *row) {
    cleanup_free char *label = compare_title(row->label, false);
    cleanup_free char *place = label ? new_place(comparison, label, row, "") : NULL;
    int status;

    if (!place)
        return -ENOMEM;
    status = figure_add_row(figure, &(struct figure_row){comparison->sides[row->other].label,
                                                         value_text(place), row->title, row->finding.cost,
                                                         row->finding.cost_ci95, row->figures[1].n_trials});
    return status < 0 ? status : add_words(figure, comparison, row, &row->finding, false);
}

/* Where a case was lost, the mean of the others is not what the resource costs. */
static bool answer_has_dot(const struct compare_answer *answer) {
    return isfinite(answer->finding.cost) && answer->finding.fallen + answer->finding.risen == 0;
}

static int add_resource(struct figure *figure, const struct comparison *comparison, const char *resource,
                        const struct selection *selection) {
    int status = 0;

    for (size_t i = 1; status == 0 && i < comparison->n_sides; i++) {
        const struct compare_answer *answer = matrix_find(comparison, i, resource);

        if (answer && answer_has_dot(answer))
            status = add_answer(figure, comparison, answer);
    }
    for (size_t i = 0; status == 0 && i < comparison->n_rows; i++) {
        const struct compare_row *row = &comparison->rows[i];

        if (has_dot(comparison, row) && strcmp(compare_resource(row), resource) == 0 &&
            is_drawn(comparison, row, selection))
            status = add_case(figure, comparison, row);
    }
    return status;
}

static int describe(struct figure *figure, const struct comparison *comparison, bool cut) {
    const char *baseline = comparison->sides[0].label;

    figure->kind = FIGURE_RATIOS;
    figure->section = SECTION_ANSWER;
    figure->id = strdup("ratios");
    figure->unit = strdup("1");
    figure->x_title = strdup("times as slow");
    figure->title = text_new("By what factor each is slower than %s", baseline);
    figure->caption = text_new(
        "Right of 1x is slower, left of it faster, on a logarithmic scale with 95%% intervals; a hollow "
        "dot is not sure. Resources are in bold, and below each are its cases%s, with what %s. "
        "Intervals that reach far beyond the dots are cut; the table has them in full.",
        cut ? " that cost most" : "", comparison->n_sides == 2 ? "both measured" : "the baseline measured");
    return figure->id && figure->unit && figure->x_title && figure->title && figure->caption ? 0 : -ENOMEM;
}

int figures_from_comparison(struct figure_list *figures, const struct comparison *comparison) {
    cleanup_free double *costs = calloc(comparison->n_rows + 1, sizeof(*costs));
    struct selection selection;
    struct figure *figure;
    bool any = false;
    int status = costs ? find_worst_costs(comparison, costs) : -ENOMEM;

    for (size_t i = 0; i < comparison->n_answers; i++)
        any |= answer_has_dot(&comparison->answers[i]);
    if (!any || status < 0)
        return status;
    selection = select_cases(comparison, costs);
    figure = figures_add(figures);
    status = figure ? describe(figure, comparison, selection.is_cut) : -ENOMEM;
    for (size_t i = 0; status == 0 && matrix_resource(i); i++)
        status = add_resource(figure, comparison, matrix_resource(i), &selection);
    return status;
}
