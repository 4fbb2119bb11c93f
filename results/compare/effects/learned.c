/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "compare/effects/learned.h"

#include "base/cleanup.h"
#include "base/text.h"
#include "compare/comparison/notes.h"
#include "history/earlier.h"

#include <math.h>

static int by_run(const void *a, const void *b) {
    const struct earlier_run *x = a, *y = b;

    return (x->run > y->run) - (x->run < y->run);
}

static int by_group(const void *a, const void *b) {
    const struct earlier_run *x = a, *y = b;

    return (x->group > y->group) - (x->group < y->group);
}

/* All runs that any row has, each once. */
static int unite(const struct earlier *rows, size_t n_rows, struct learned *learned) {
    size_t n = 0, unique = 0;

    for (size_t i = 0; i < n_rows; i++)
        n += rows[i].n;
    learned->runs = calloc(n + 1, sizeof(*learned->runs));
    if (!learned->runs)
        return -ENOMEM;
    n = 0;
    for (size_t i = 0; i < n_rows; i++)
        for (size_t j = 0; j < rows[i].n; j++)
            learned->runs[n++] = rows[i].runs[j];
    qsort(learned->runs, n, sizeof(*learned->runs), by_run);
    for (size_t i = 0; i < n; i++)
        if (unique == 0 || learned->runs[unique - 1].run != learned->runs[i].run)
            learned->runs[unique++] = learned->runs[i];
    learned->n_runs = unique;
    learned->figures = calloc(unique * n_rows + 1, sizeof(*learned->figures));
    return learned->figures ? 0 : -ENOMEM;
}

static int arrange(const struct ratios *ratios, const struct earlier *rows, struct learned *learned) {
    int status = unite(rows, ratios->n_rows, learned);

    for (size_t i = 0; status == 0 && i < ratios->n_rows; i++) {
        double sign = compare_is_lower_better(&ratios->comparison->rows[ratios->rows[i]]) ? 1 : -1;
        double *figures = learned->figures + i * learned->n_runs;

        for (size_t j = 0; j < learned->n_runs; j++) {
            const struct earlier_run *found =
                rows[i].n == 0
                    ? NULL
                    : bsearch(&learned->runs[j], rows[i].runs, rows[i].n, sizeof(*rows[i].runs), by_run);

            figures[j] = found ? sign * found->log : (double)NAN;
        }
    }
    return status;
}

static int read_side(const struct ratios *ratios, size_t side, struct learned *learned) {
    struct comparison *comparison = ratios->comparison;
    const struct collected_side *collected = &comparison->raw->sides[side == 0 ? 0 : ratios->other];
    cleanup_free struct earlier *rows = calloc(ratios->n_rows + 1, sizeof(*rows));
    int status = rows ? 0 : -ENOMEM;

    for (size_t i = 0; status == 0 && i < ratios->n_rows; i++) {
        const struct compare_row *row = &comparison->rows[ratios->rows[i]];
        const struct earlier_wanted wanted = {row->identity, row->metric, collected->machine,
                                              &comparison->raw->run_ids};

        if (!row->different) /* else what is known of the baseline's work is not known of the other's */
            status = earlier_read(comparison->options.history, &wanted, &rows[i], &comparison->trouble);
    }
    if (status == 0)
        status = arrange(ratios, rows, learned);
    for (size_t i = 0; rows && i < ratios->n_rows; i++)
        earlier_done(&rows[i]);
    return status;
}

int learned_read(const struct ratios *ratios, struct learned ret_learned[2]) {
    int status = 0;

    ret_learned[0] = ret_learned[1] = (struct learned){0};
    for (size_t side = 0; status == 0 && ratios->comparison->options.history && side < 2; side++)
        if (ratios->n_runs[side] == 1)
            status = read_side(ratios, side, &ret_learned[side]);
    return status;
}

void learned_done(struct learned learned[2]) {
    for (size_t side = 0; side < 2; side++) {
        free(learned[side].runs);
        free(learned[side].figures);
    }
}

/* The runs that have a figure in all of the rows, with the mean of these. */
static size_t average(const struct learned *learned, const size_t *rows, size_t n_rows,
                      struct earlier_run *ret) {
    size_t n = 0;

    for (size_t j = 0; j < learned->n_runs; j++) {
        double sum = 0;

        for (size_t i = 0; i < n_rows; i++)
            sum += learned->figures[rows[i] * learned->n_runs + j];
        if (isnan(sum))
            continue;
        ret[n] = learned->runs[j];
        ret[n++].log = sum / (double)n_rows;
    }
    return n;
}

/* Squares and degrees of freedom within groups. */
static struct variance variance_within(struct earlier_run *runs, size_t n) {
    double squares = 0, df = 0;

    qsort(runs, n, sizeof(*runs), by_group);
    for (size_t first = 0, end; first < n; first = end) {
        double sum = 0;

        for (end = first; end < n && runs[end].group == runs[first].group; end++)
            sum += runs[end].log;
        df += (double)(end - first - 1);
        for (size_t i = first; i < end; i++)
            squares += pow(runs[i].log - sum / (double)(end - first), 2);
    }
    return (struct variance){df > 0 ? squares / df : 0, df};
}

int learned_variance(const struct learned *learned, const size_t *rows, size_t n_rows,
                     struct variance *ret_variance, size_t *ret_runs) {
    cleanup_free struct earlier_run *runs = calloc(learned->n_runs + 1, sizeof(*runs));

    if (!runs)
        return -ENOMEM;
    *ret_runs = average(learned, rows, n_rows, runs);
    *ret_variance = variance_within(runs, *ret_runs);
    if (ret_variance->df >= LEARNED_DF_MIN && ret_variance->value > 0)
        return 0;
    *ret_variance = (struct variance){0};
    *ret_runs = 0;
    return 0;
}

int learned_set(const struct learned learned[2], const size_t n_runs[2], const size_t *rows, size_t n_rows,
                struct effect_row *row, size_t *ret_earlier) {
    size_t least = SIZE_MAX;
    int status = 0;

    for (size_t side = 0; status == 0 && side < 2; side++) {
        size_t known = 0;

        status = learned_variance(&learned[side], rows, n_rows, &row->learned[side], &known);
        if (n_runs[side] == 1 && known < least)
            least = known;
    }
    *ret_earlier = least == SIZE_MAX ? 0 : least;
    return status;
}

/* Over the rows and answers that make a claim: the least and most runs that single runs are known from. */
static void count(const struct compare_finding *finding, size_t ret_range[2], size_t *ret_unknown) {
    if (!(finding->weight > 0) || finding->scale != COMPARE_RATIO ||
        (finding->runs[0] > 1 && finding->runs[1] > 1))
        return;
    *ret_unknown += finding->earlier == 0;
    if (finding->earlier == 0)
        return;
    ret_range[0] = finding->earlier < ret_range[0] ? finding->earlier : ret_range[0];
    ret_range[1] = finding->earlier > ret_range[1] ? finding->earlier : ret_range[1];
}

/* "20" or "12 to 20". */
static void print_range(const size_t range[2], char ret_text[static 64]) {
    if (range[0] == range[1])
        (void)snprintf(ret_text, 64, "%zu", range[0]);
    else
        (void)snprintf(ret_text, 64, "%zu to %zu", range[0], range[1]);
}

int learned_warn(struct comparison *comparison) {
    size_t single = 0, range[2] = {SIZE_MAX, 0}, unknown = 0;
    char runs[64];
    int status = 0;

    for (size_t i = 0; i < comparison->n_sides; i++)
        single += comparison->sides[i].n_runs == 1;
    for (size_t i = 0; i < comparison->n_rows; i++)
        count(&comparison->rows[i].finding, range, &unknown);
    for (size_t i = 0; i < comparison->n_answers; i++)
        count(&comparison->answers[i].finding, range, &unknown);
    print_range(range, runs);
    if (single == 0)
        return 0;
    if (range[1] > 0)
        status = compare_warn(
            comparison, text_new("one run of %s: the shift between runs was learned from %s earlier runs",
                                 single == comparison->n_sides ? "each" : "some configurations", runs));
    if (status == 0 && (range[1] == 0 || unknown > 0))
        status = compare_warn(
            comparison,
            text_new(
                "%s: how far a whole run may be off is a guess, and intervals are plausible ranges; three "
                "runs of each configuration show it",
                range[1] > 0                    ? "cases of which the store knows too few runs"
                : single == comparison->n_sides ? "one run of each"
                                                : "one run of some configurations"));
    return status;
}
